#include "broker/ack_wait.h"

#include <algorithm>

namespace moldau::broker {

void AckWait::add(std::shared_ptr<Partition> partition, replica::Acks acks,
                  const AppendAnswer& appended, Errc& result) {
  const Offset end = appended.end_offset;
  const replica::Leader* leader = partition->leader();
  if (leader == nullptr || leader->leader_epoch() != appended.leader_epoch) {
    result = Errc::not_leader_or_follower;
    return;
  }
  if (const std::optional<Errc> now = leader->acknowledged(acks, end)) {
    result = *now;
    return;
  }
  const replica::WaiterId id = partition->await_ack(*this, acks, end);
  entries_.push_back({std::move(partition), id, &result});
  ++left_;
}

void AckWait::released(replica::WaiterId id, Errc error) {
  const auto at = std::ranges::find(entries_, id, &Entry::id);
  if (at == entries_.end() || at->over) return;
  at->over = true;
  *at->result = error;
  if (--left_ == 0) done_.ring();
}

env::Task<void> AckWait::wait(Milliseconds timeout) {
  if (left_ == 0) co_return;
  const env::Timers::TimerId timer =
      env_.timers.arm(env_.clock.now() + timeout, [this] { done_.ring(); });
  co_await done_;
  env_.timers.cancel(timer);
  for (Entry& entry : entries_) {
    if (entry.over) continue;
    entry.partition->forget(entry.id);
    *entry.result = Errc::request_timed_out;
  }
}

}  // namespace moldau::broker
