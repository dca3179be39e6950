#pragma once
#include <coroutine>
#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "base/rng.h"
#include "env/env.h"
#include "sim/disk.h"
#include "sim/event_queue.h"
#include "sim/network.h"

namespace moldau::sim {

class Boot;
class World;
struct HostSettings;

// The env of one shard of one boot of a host. When the boot has ended, everything that waits goes
// on with `cancelled`, timers fire early, and nothing has an effect any more: so programs unwind.
class ShardEnv final : env::Scheduler, env::Clock, env::Timers, env::Entropy, env::Mailbox {
 public:
  ShardEnv(World& world, Boot& boot, ShardId id, const HostSettings& settings);
  ~ShardEnv() override;

  [[nodiscard]] env::Env& env() { return env_; }
  [[nodiscard]] World& world() { return world_; }
  [[nodiscard]] Boot& boot() { return boot_; }
  [[nodiscard]] ShardId id() const { return id_; }
  // The boot goes on.
  [[nodiscard]] bool alive() const;

  // co_await pause(...): goes on as an event of the world. Check alive() afterwards.
  struct Pause {
    ShardEnv& shard;
    Instant when;
    EventKind kind;
    std::uint64_t detail;
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> waiter);
    void await_resume() const noexcept {}
  };
  [[nodiscard]] Pause pause(Duration time, EventKind kind, std::uint64_t detail);
  EventQueue::EventId push(Instant when, EventKind kind, std::uint64_t detail,
                           std::move_only_function<void()> run);

  // The boot has ended: senders that wait for room go on.
  void wake_senders();

 private:
  struct Lane;  // messages on the way from one other shard

  void post(std::coroutine_handle<> ready) override;
  [[nodiscard]] Instant now() const override;
  [[nodiscard]] Timestamp wall() const override;
  [[nodiscard]] TimerId arm(Instant when, std::move_only_function<void()> fire) override;
  void cancel(TimerId timer) override;
  [[nodiscard]] std::uint64_t next() override { return rng_.next(); }
  [[nodiscard]] ShardId self() const override { return id_; }
  [[nodiscard]] std::int32_t shard_count() const override;
  [[nodiscard]] env::Task<void> send(ShardId to, Message message) override;
  void reply(ShardId to, Message message) override;
  void deliver_from(ShardId from, Message message, bool counted);

  World& world_;
  Boot& boot_;
  ShardId id_;
  Milliseconds wall_skew_;
  Rng rng_;
  std::vector<std::unique_ptr<Lane>> lanes_;
  Disk disk_;
  ShardNetwork network_;
  env::Env env_;
};

}  // namespace moldau::sim
