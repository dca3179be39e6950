#include "os/mailbox.h"

#include <utility>

namespace moldau::os {

struct ShardMailbox::Wait {
  std::deque<Waiting>& lane;
  Message& message;
  [[nodiscard]] bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> sender) {
    lane.push_back({std::move(message), sender});
  }
  void await_resume() const noexcept {}
};

ShardMailbox::ShardMailbox(Shard& self, std::vector<Shard*> shards)
    : self_(&self), shards_(std::move(shards)), waiting_(shards_.size()) {}

bool ShardMailbox::try_send(ShardId to, Message& message) {
  Inbox& inbox = shards_[static_cast<std::size_t>(to.value())]->inbox();
  // The notice of room comes from the other shard's thread, so it travels as a message too.
  return inbox.try_push(self(), message,
                        [this, to] { self_->inbox().push([this, to] { on_room(to); }); });
}

env::Task<void> ShardMailbox::send(ShardId to, Message message) {
  std::deque<Waiting>& lane = waiting_[static_cast<std::size_t>(to.value())];
  if (lane.empty() && try_send(to, message)) co_return;
  co_await Wait{lane, message};
}

void ShardMailbox::on_room(ShardId to) {
  std::deque<Waiting>& lane = waiting_[static_cast<std::size_t>(to.value())];
  while (!lane.empty() && try_send(to, lane.front().message)) {
    self_->post(lane.front().sender);
    lane.pop_front();
  }
}

void ShardMailbox::reply(ShardId to, Message message) {
  shards_[static_cast<std::size_t>(to.value())]->inbox().push(std::move(message));
}

}  // namespace moldau::os
