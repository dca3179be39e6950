#pragma once
#include <deque>
#include <vector>

#include "env/mailbox.h"
#include "os/shard.h"

namespace moldau::os {

// The mailbox of one shard: hands messages to the other shards' inboxes, in order, and keeps those
// that a full one has no room for.
// Context: one shard.
class ShardMailbox final : public env::Mailbox {
 public:
  // `shards` in the order of their ids; they outlive the mailbox.
  ShardMailbox(Shard& self, std::vector<Shard*> shards);

  [[nodiscard]] ShardId self() const override { return self_->id(); }
  [[nodiscard]] std::int32_t shard_count() const override {
    return static_cast<std::int32_t>(shards_.size());
  }
  [[nodiscard]] env::Task<void> send(ShardId to, Message message) override;
  void reply(ShardId to, Message message) override;

 private:
  struct Waiting {
    Message message;
    std::coroutine_handle<> sender;
  };
  struct Wait;
  [[nodiscard]] bool try_send(ShardId to, Message& message);
  void on_room(ShardId to);

  Shard* self_;
  std::vector<Shard*> shards_;
  std::vector<std::deque<Waiting>> waiting_;  // by target
};

}  // namespace moldau::os
