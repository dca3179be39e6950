#pragma once
#include <atomic>
#include <cstddef>
#include <functional>
#include <mutex>
#include <vector>

#include "base/ids.h"
#include "os/descriptor.h"

namespace moldau::os {

// What other threads want a shard to run: messages of the other shards and results of the pools.
// Only a sleeping shard is woken, so a busy one costs its senders no system call.
// Context: push() from any thread, the rest from the shard.
class Inbox {
 public:
  using Message = std::move_only_function<void()>;

  // `shard_count` senders, each with at most k_mailbox_messages_max limited messages inside.
  explicit Inbox(std::int32_t shard_count);

  // Always room: answers, and results of the pools.
  void push(Message message);
  // False, leaving `message` as it was, when `from` has its limit of messages inside; `room` runs
  // here, once, when there is room again.
  [[nodiscard]] bool try_push(ShardId from, Message& message, Message room);

  // Runs what is inside. Returns whether there was anything.
  bool drain();

  // Before the shard sleeps. False: something is inside, do not sleep.
  [[nodiscard]] bool fall_asleep();
  void awake() { asleep_.store(false, std::memory_order_relaxed); }
  // Becomes readable (edge-triggered) when a sleeping shard gets something.
  [[nodiscard]] int wakeup_descriptor() const { return wakeup_.get(); }
  void wake();

 private:
  struct Sender {
    std::int64_t inside = 0;
    std::vector<Message> room;
  };
  void add(Message message);

  Descriptor wakeup_;
  std::atomic<bool> asleep_ = false;
  std::mutex mutex_;
  std::vector<Message> messages_;
  std::vector<Sender> senders_;
  std::vector<Message> draining_;  // of the shard; keeps its memory
};

}  // namespace moldau::os
