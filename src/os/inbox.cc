#include "os/inbox.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>
#include <utility>

#include "base/check.h"
#include "base/limits.h"

namespace moldau::os {
namespace {

constexpr std::size_t k_drained_capacity_max = 4096;  // more is given back after a flood

}  // namespace

Inbox::Inbox(std::int32_t shard_count)
    : wakeup_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      senders_(static_cast<std::size_t>(shard_count)) {
  CHECK(wakeup_.open());
}

void Inbox::push(Message message) {
  {
    const std::lock_guard lock(mutex_);
    messages_.push_back(std::move(message));
  }
  if (asleep_.exchange(false)) wake();
}

bool Inbox::try_push(ShardId from, Message& message, Message room) {
  {
    const std::lock_guard lock(mutex_);
    Sender& sender = senders_[static_cast<std::size_t>(from.value())];
    if (sender.inside >= k_mailbox_messages_max.value) {
      sender.room.push_back(std::move(room));
      return false;
    }
    ++sender.inside;
    messages_.push_back(std::move(message));
  }
  if (asleep_.exchange(false)) wake();
  return true;
}

bool Inbox::drain() {
  std::vector<Message> room;
  {
    const std::lock_guard lock(mutex_);
    if (messages_.empty()) return false;
    messages_.swap(draining_);
    for (Sender& sender : senders_) {
      sender.inside = 0;
      for (Message& message : sender.room) room.push_back(std::move(message));
      sender.room.clear();
    }
  }
  for (Message& message : draining_) std::exchange(message, nullptr)();
  for (Message& message : room) message();
  draining_.clear();
  if (draining_.capacity() > k_drained_capacity_max) draining_.shrink_to_fit();
  return true;
}

bool Inbox::fall_asleep() {
  asleep_.store(true);
  const std::lock_guard lock(mutex_);
  if (messages_.empty()) return true;
  asleep_.store(false);
  return false;
}

void Inbox::wake() {
  // The counter is never read: each write is a new edge, and 2^64 writes will not happen.
  const std::uint64_t one = 1;
  CHECK_OP(::write(wakeup_.get(), &one, sizeof one), ==, static_cast<ssize_t>(sizeof one));
}

}  // namespace moldau::os
