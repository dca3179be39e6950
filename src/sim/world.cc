#include "sim/world.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace moldau::sim {

namespace {

// 2026-01-01T00:00:00Z: runs begin here.
constexpr Timestamp k_wall_start = timestamp_of(1'767'225'600'000);

}  // namespace

Boot::Boot(World& world, Host& host, OwnerId id, const HostSettings& settings)
    : host_(host), id_(id), unwinding_at_(world.now()) {
  CHECK_OP(settings.shards, >, 0);
  for (std::int32_t shard = 0; shard < settings.shards; ++shard) {
    shards_.push_back(std::make_unique<ShardEnv>(world, *this, ShardId(shard), settings));
  }
}
Boot::~Boot() = default;

Host::Host(World& world, HostSettings settings)
    : world_(world), settings_(std::move(settings)), volume_(world.rng().next()) {}
Host::~Host() = default;

Boot& Host::boot() {
  CHECK(boot_ == nullptr);
  silent_ = false;
  boot_ = std::make_unique<Boot>(world_, *this, OwnerId(world_.next_owner_++), settings_);
  return *boot_;
}

Boot& Host::current() {
  CHECK(running());
  return *boot_;
}

void Host::cut_power(const PowerCut& how) {
  end(true);
  volume_.cut_power(how);
}

void Host::kill() {
  end(false);
  volume_.kill_process();
}

void Host::end(bool silently) {
  CHECK(running());
  silent_ = silently;
  boot_->alive_ = false;
  boot_->unwinding_at_ = world_.now();
  world_.queue_.set_aside(boot_->id());
  world_.fabric_.drop_boot(*boot_, silently);
  for (const auto& shard : boot_->shards_) shard->wake_senders();
}

bool Host::unwind(std::uint64_t steps_max) {
  CHECK(boot_ != nullptr && !boot_->alive());
  for (std::uint64_t step = 0; step < steps_max; ++step) {
    std::optional<Event> event = world_.queue_.pop_aside(boot_->id());
    if (!event) return true;
    boot_->unwinding_at_ = std::max(boot_->unwinding_at_, event->when);
    event->run();
  }
  return false;
}

void Host::bury() {
  CHECK(boot_ != nullptr && !boot_->alive());
  world_.queue_.drop_aside(boot_->id());
  boot_.reset();
}

void Host::abandon() {
  CHECK(boot_ != nullptr && !boot_->alive());
  abandoned_.push_back(std::move(boot_));
}

World::World(std::uint64_t seed, NetworkTiming network) : rng_(seed), fabric_(*this, network) {}
World::~World() = default;

Timestamp World::wall() const {
  return k_wall_start + std::chrono::duration_cast<Milliseconds>(now_.time_since_epoch());
}

Host& World::add_host(HostSettings settings) {
  CHECK(find_host(settings.name) == nullptr);
  hosts_.push_back(std::make_unique<Host>(*this, std::move(settings)));
  return *hosts_.back();
}

Host* World::find_host(const std::string& name) {
  const auto host = std::ranges::find(hosts_, name, [](const auto& h) { return h->name(); });
  return host == hosts_.end() ? nullptr : host->get();
}

EventQueue::EventId World::script(Duration after, std::move_only_function<void()> run) {
  return queue_.push(now_ + after, k_world_owner, EventKind::script, 0, std::move(run));
}

bool World::step() {
  std::optional<Event> event = queue_.pop();
  if (!event) return false;
  now_ = std::max(now_, event->when);
  ++events_;
  hash_.fold(static_cast<std::uint64_t>(now_.time_since_epoch().count()));
  hash_.fold((event->owner.value() << 8U) | static_cast<std::uint64_t>(event->kind));
  hash_.fold(event->detail);
  event->run();
  // What the event owned goes before the checks look.
  event.reset();
  if (after_event_) after_event_();
  return true;
}

bool World::run_until(std::move_only_function<bool()> done, std::uint64_t events_max) {
  const std::uint64_t last = events_ + events_max;
  while (!done()) {
    if (events_ >= last || !step()) return false;
  }
  return true;
}

void World::run_for(Duration time) {
  const Instant end = now_ + time;
  while (queue_.next_at() && *queue_.next_at() <= end) (void)step();
  now_ = end;
}

}  // namespace moldau::sim
