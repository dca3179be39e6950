#pragma once
#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "base/errc.h"
#include "base/ids.h"
#include "base/time.h"
#include "broker/partition.h"
#include "broker/waiters.h"
#include "env/env.h"

namespace moldau::broker {

// What waits until everything that a coordinator appended before it is committed.
// Invariant: what is held is released once, or dropped; and it is late once at most.
// Context:   the shard that owns the partition; one per CoordinatorHost. drop() before it goes.
template <class Outcome>
class CoordinatorCommits final : private Waiter {
 public:
  struct Told {
    std::function<void(Outcome, Errc)> released;
    // Its time is over. Whether to go on waiting.
    std::function<bool(Outcome&)> late;
  };
  CoordinatorCommits(env::Env& env, std::shared_ptr<Partition> partition, Told told)
      : env_(env), partition_(std::move(partition)), told_(std::move(told)) {}

  // `end`: of what was appended. `timeout`: when it is late; nullopt: never.
  // REQUIRES: the partition leads, and cannot say yet whether that is committed.
  void hold(Outcome outcome, Offset end, std::optional<Milliseconds> timeout) {
    const replica::WaiterId id = partition_->await_ack(*this, replica::Acks::all, end);
    held_.push_back({id, std::move(outcome), std::nullopt});
    if (!timeout) return;
    held_.back().timer =
        env_.timers.arm(env_.clock.now() + *timeout, [this, id] { time_over(id); });
  }
  // Nobody is told of what is held.
  void drop() {
    for (const Held& held : held_) {
      if (held.timer) env_.timers.cancel(*held.timer);
      partition_->forget(held.id);
    }
    held_.clear();
  }

 private:
  struct Held {
    replica::WaiterId id;
    Outcome outcome;
    std::optional<env::Timers::TimerId> timer;
  };

  std::vector<Held>::iterator find(replica::WaiterId id) {
    const auto at = std::ranges::lower_bound(held_, id, {}, &Held::id);
    return at == held_.end() || at->id != id ? held_.end() : at;
  }

  void time_over(replica::WaiterId id) {
    const auto at = find(id);
    if (at == held_.end()) return;
    at->timer.reset();
    if (told_.late(at->outcome)) return;
    held_.erase(at);
    partition_->forget(id);
  }

  void released(replica::WaiterId id, Errc error) override {
    const auto at = find(id);
    if (at == held_.end()) return;
    if (at->timer) env_.timers.cancel(*at->timer);
    Outcome outcome = std::move(at->outcome);
    held_.erase(at);
    told_.released(std::move(outcome), error);
  }

  env::Env& env_;
  std::shared_ptr<Partition> partition_;
  Told told_;
  std::vector<Held> held_;  // by id, as they come
};

}  // namespace moldau::broker
