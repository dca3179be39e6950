#include "os/shard.h"

#include <sys/epoll.h>
#include <time.h>

#include <algorithm>

namespace moldau::os {
namespace {

// Ready tasks that post each other go on a few rounds before the loop looks at the sockets again.
constexpr int k_rounds_per_turn = 4;

// What is shared between shards must go on where it was called; a reference held since it was
// opened tells only where that was.
thread_local Shard* current_shard = nullptr;

class Wakeup final : public Pollable {
 public:
  void on_ready(Readiness /*ready*/) override {}  // the inbox is drained in every turn
};

Duration read(clockid_t clock) {
  timespec time{};
  ::clock_gettime(clock, &time);
  return std::chrono::seconds{time.tv_sec} + Duration{time.tv_nsec};
}

}  // namespace

Instant monotonic_now() { return Instant{read(CLOCK_MONOTONIC)}; }
Timestamp wall_now() { return Timestamp{std::chrono::floor<Milliseconds>(read(CLOCK_REALTIME))}; }

Shard::Shard(ShardId id, std::int32_t shard_count) : id_(id), inbox_(shard_count) { read_clock(); }

void Shard::read_clock() {
  now_ = monotonic_now();
  wall_ = wall_now();
}

Shard* Shard::current() { return current_shard; }
void Shard::enter() { current_shard = this; }

void Shard::run(const std::atomic<bool>& stop) {
  enter();
  Wakeup wakeup;
  const Poller::Token token = poller_.add(inbox_.wakeup_descriptor(), wakeup);
  while (!stop.load()) turn();
  current_shard = nullptr;
  poller_.remove(token, inbox_.wakeup_descriptor());
}

void Shard::turn() {
  run_ready();
  // What a message or a timer makes ready runs in the next turn, before any sleep.
  inbox_.drain();
  timers_.fire_due(now_);
  Milliseconds sleep{0};
  if (ready_.empty() && inbox_.fall_asleep()) sleep = time_to_sleep();
  poller_.poll(sleep);
  inbox_.awake();
  read_clock();
  if (quiet_.on_turn(now_) && id_ == ShardId{0}) give_memory_back();
}

void Shard::run_ready() {
  for (int round = 0; round < k_rounds_per_turn && !ready_.empty(); ++round) {
    running_.swap(ready_);
    for (const std::coroutine_handle<> next : running_) next.resume();
    running_.clear();
  }
}

Milliseconds Shard::time_to_sleep() const {
  std::optional<Duration> sleep = quiet_.sleep_max();
  if (const std::optional<Instant> next = timers_.next()) {
    const Duration until = std::max(*next - monotonic_now(), Duration{0});
    sleep = sleep ? std::min(*sleep, until) : until;
  }
  constexpr Milliseconds k_for_ever{-1};
  constexpr Milliseconds k_sleep_max = std::chrono::hours{1};
  if (!sleep) return k_for_ever;
  // Up, not down: a timer does not fire before its moment, and a zero would spin until it comes.
  return std::min(std::chrono::ceil<Milliseconds>(*sleep), k_sleep_max);
}

}  // namespace moldau::os
