#include "replica/leader.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace moldau::replica {

Leader::Leader(Setup setup)
    : self_(setup.self),
      leader_epoch_(setup.leader_epoch),
      ends_(setup.ends),
      high_watermark_(std::clamp(setup.high_watermark, setup.ends.log_start, setup.ends.log_end)) {
  Outputs nobody_waits_yet;
  on_assignment(std::move(setup.assignment), nobody_waits_yet);
}

void Leader::on_log(const LogEnds& ends, Outputs& out) {
  CHECK_OP(ends.log_start, <=, ends.log_end);
  CHECK_OP(ends.synced_end, <=, ends.log_end);
  ends_ = ends;
  settle(out);
}

void Leader::on_follower(BrokerId follower, Offset log_end, Outputs& out) {
  const auto at = std::ranges::find(followers_, follower, &Follower::id);
  if (at == followers_.end()) return;
  at->log_end = log_end;
  settle(out);
}

void Leader::on_assignment(Assignment assignment, Outputs& out) {
  assignment_ = std::move(assignment);
  std::vector<Follower> followers;
  for (const BrokerId id : assignment_.replicas) {
    if (id == self_) continue;
    const auto known = std::ranges::find(followers_, id, &Follower::id);
    followers.push_back(known == followers_.end() ? Follower{id} : *known);
  }
  followers_ = std::move(followers);
  settle(out);
}

void Leader::resign(Errc error, Outputs& out) {
  for (const AckWait& wait : acks_) out.acknowledged.push_back({wait.waiter, error});
  for (const DataWait& wait : data_) out.readable.push_back(wait.waiter);
  acks_.clear();
  data_.clear();
}

std::int32_t Leader::min_isr() const {
  return std::min(assignment_.min_insync_replicas,
                  static_cast<std::int32_t>(followers_.size()) + 1);
}

Offset Leader::own_end() const {
  return assignment_.sync_before_ack ? ends_.synced_end : ends_.log_end;
}

Errc Leader::may_append(Acks acks) const {
  if (acks != Acks::all) return Errc::none;
  return std::ssize(assignment_.isr) < min_isr() ? Errc::not_enough_replicas : Errc::none;
}

std::optional<Errc> Leader::acknowledged(Acks acks, Offset end) const {
  switch (acks) {
    case Acks::none:
      return Errc::none;
    case Acks::leader:
      if (own_end() < end) return std::nullopt;
      return Errc::none;
    case Acks::all:
      if (high_watermark_ < end) return std::nullopt;
      return std::ssize(assignment_.isr) < min_isr() ? Errc::not_enough_replicas_after_append
                                                     : Errc::none;
  }
  std::unreachable();
}

void Leader::await_ack(WaiterId waiter, Acks acks, Offset end) {
  CHECK(!acknowledged(acks, end));
  acks_.push_back({waiter, acks, end});
}

Offset Leader::last_stable_offset() const {
  return ends_.first_unstable ? std::min(*ends_.first_unstable, high_watermark_) : high_watermark_;
}

Offset Leader::end_of(Visible visible) const {
  switch (visible) {
    case Visible::log_end:
      return ends_.log_end;
    case Visible::high_watermark:
      return high_watermark_;
    case Visible::last_stable_offset:
      return last_stable_offset();
  }
  std::unreachable();
}

void Leader::await_data(WaiterId waiter, Visible visible, Offset beyond) {
  CHECK_OP(end_of(visible), <=, beyond);
  data_.push_back({waiter, visible, beyond});
}

void Leader::forget(WaiterId waiter) {
  std::erase_if(acks_, [waiter](const AckWait& wait) { return wait.waiter == waiter; });
  std::erase_if(data_, [waiter](const DataWait& wait) { return wait.waiter == waiter; });
}

void Leader::settle(Outputs& out) {
  if (std::ssize(assignment_.isr) >= min_isr()) {
    Offset reached = own_end();
    for (const Follower& follower : followers_) {
      const bool in_sync = std::ranges::find(assignment_.isr, follower.id) != assignment_.isr.end();
      if (in_sync) reached = std::min(reached, follower.log_end);
    }
    if (reached > high_watermark_) {
      high_watermark_ = reached;
      out.high_watermark_moved = true;
    }
  }
  // A retention run may have taken the log start above a high watermark that lags behind.
  if (high_watermark_ < ends_.log_start) {
    high_watermark_ = ends_.log_start;
    out.high_watermark_moved = true;
  }
  std::erase_if(acks_, [&](const AckWait& wait) {
    const std::optional<Errc> error = acknowledged(wait.acks, wait.end);
    if (error) out.acknowledged.push_back({wait.waiter, *error});
    return error.has_value();
  });
  std::erase_if(data_, [&](const DataWait& wait) {
    if (end_of(wait.visible) <= wait.beyond) return false;
    out.readable.push_back(wait.waiter);
    return true;
  });
}

}  // namespace moldau::replica
