#include "sim/shard_env.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/limits.h"
#include "sim/world.h"

namespace moldau::sim {

namespace {

constexpr Duration k_mailbox_delay_max = std::chrono::microseconds(20);

struct ParkIn {
  std::deque<std::coroutine_handle<>>& queue;
  [[nodiscard]] bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> waiter) { queue.push_back(waiter); }
  void await_resume() const noexcept {}
};

}  // namespace

struct ShardEnv::Lane {
  Instant last_arrival;
  std::int64_t waiting = 0;                     // sent and not yet run, answers not counted
  std::deque<std::coroutine_handle<>> senders;  // of the other shard, until there is room
};

ShardEnv::ShardEnv(World& world, Boot& boot, ShardId id, const HostSettings& settings)
    : world_(world),
      boot_(boot),
      id_(id),
      wall_skew_(settings.wall_skew),
      rng_(world.rng().fork()),
      disk_(boot.host().volume(), *this, settings.disk),
      network_(world.network(), *this),
      env_{.scheduler = *this,
           .clock = *this,
           .timers = *this,
           .disk = disk_,
           .network = network_,
           .entropy = *this,
           .mailbox = *this} {
  for (std::int32_t from = 0; from < settings.shards; ++from) {
    lanes_.push_back(std::make_unique<Lane>());
  }
}

ShardEnv::~ShardEnv() = default;

bool ShardEnv::alive() const { return boot_.alive(); }

void ShardEnv::Pause::await_suspend(std::coroutine_handle<> waiter) {
  (void)shard.push(when, kind, detail, [waiter] { waiter.resume(); });
}

ShardEnv::Pause ShardEnv::pause(Duration time, EventKind kind, std::uint64_t detail) {
  return {.shard = *this, .when = now() + time, .kind = kind, .detail = detail};
}

EventQueue::EventId ShardEnv::push(Instant when, EventKind kind, std::uint64_t detail,
                                   std::move_only_function<void()> run) {
  return world_.queue_.push(when, boot_.id(), kind, detail, std::move(run));
}

void ShardEnv::post(std::coroutine_handle<> ready) {
  (void)push(now(), EventKind::resume, 0, [ready] { ready.resume(); });
}

Instant ShardEnv::now() const {
  return alive() ? world_.now() : std::max(world_.now(), boot_.unwinding_at_);
}

Timestamp ShardEnv::wall() const { return world_.wall() + wall_skew_; }

env::Timers::TimerId ShardEnv::arm(Instant when, std::move_only_function<void()> fire) {
  return TimerId(push(std::max(when, now()), EventKind::timer, 0, std::move(fire)).value());
}

void ShardEnv::cancel(TimerId timer) { world_.queue_.cancel(EventQueue::EventId(timer.value())); }

std::int32_t ShardEnv::shard_count() const { return boot_.shard_count(); }

env::Task<void> ShardEnv::send(ShardId to, Message message) {
  ShardEnv& there = boot_.shard(to.value());
  Lane& lane = *there.lanes_.at(static_cast<std::size_t>(id_.value()));
  while (lane.waiting >= k_mailbox_messages_max.value && alive()) {
    co_await ParkIn{lane.senders};
  }
  there.deliver_from(id_, std::move(message), true);
}

void ShardEnv::reply(ShardId to, Message message) {
  boot_.shard(to.value()).deliver_from(id_, std::move(message), false);
}

void ShardEnv::deliver_from(ShardId from, Message message, bool counted) {
  Lane& lane = *lanes_.at(static_cast<std::size_t>(from.value()));
  if (counted) ++lane.waiting;
  const auto delay = Duration{rng_.below(static_cast<std::uint64_t>(k_mailbox_delay_max.count()))};
  lane.last_arrival = std::max(lane.last_arrival, now() + delay);
  const auto detail = static_cast<std::uint64_t>(from.value());
  (void)push(lane.last_arrival, EventKind::mailbox, detail,
             [this, from, &lane, counted, message = std::move(message)]() mutable {
               if (counted) {
                 --lane.waiting;
                 if (!lane.senders.empty()) {
                   boot_.shard(from.value()).post(lane.senders.front());
                   lane.senders.pop_front();
                 }
               }
               message();
             });
}

void ShardEnv::wake_senders() {
  for (std::size_t from = 0; from < lanes_.size(); ++from) {
    for (const std::coroutine_handle<> sender : std::exchange(lanes_[from]->senders, {})) {
      boot_.shard(static_cast<std::int32_t>(from)).post(sender);
    }
  }
}

}  // namespace moldau::sim
