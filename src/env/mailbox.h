#pragma once
#include <functional>

#include "base/ids.h"
#include "env/task.h"

namespace moldau::env {

// How shards talk: a message is a function that runs on the other shard's loop. Messages from one
// shard to another arrive in order. Use call_on() (call_on.h) for a question with an answer.
// Context: each shard has its own Mailbox object.
class Mailbox {
 public:
  using Message = std::move_only_function<void()>;
  Mailbox() = default;
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;
  virtual ~Mailbox() = default;
  [[nodiscard]] virtual ShardId self() const = 0;
  [[nodiscard]] virtual std::int32_t shard_count() const = 0;
  // Completes when the message is in the other's mailbox; waits at k_mailbox_messages_max.
  [[nodiscard]] virtual Task<void> send(ShardId to, Message message) = 0;
  // For the answer to a message: never waits, since questions are what is limited.
  virtual void reply(ShardId to, Message message) = 0;
};

}  // namespace moldau::env
