#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/rng.h"
#include "base/time.h"
#include "sim/disk.h"
#include "sim/event_hash.h"
#include "sim/event_queue.h"
#include "sim/network.h"
#include "sim/shard_env.h"
#include "sim/volume.h"

namespace moldau::sim {

class Host;
class World;

struct HostSettings {
  std::string name;
  std::int32_t shards = 1;
  DiskTiming disk;
  Milliseconds wall_skew{0};  // its wall clock against the world's
};

// One life of a host's program: an env for each shard. Made by Host::boot().
class Boot {
 public:
  Boot(World& world, Host& host, OwnerId id, const HostSettings& settings);
  ~Boot();
  Boot(const Boot&) = delete;
  Boot& operator=(const Boot&) = delete;
  [[nodiscard]] env::Env& env(std::int32_t shard) { return shards_.at(shard)->env(); }
  [[nodiscard]] ShardEnv& shard(std::int32_t shard) { return *shards_.at(shard); }
  [[nodiscard]] std::int32_t shard_count() const {
    return static_cast<std::int32_t>(shards_.size());
  }
  [[nodiscard]] bool alive() const { return alive_; }
  [[nodiscard]] OwnerId id() const { return id_; }
  [[nodiscard]] Host& host() { return host_; }

 private:
  friend class Host;
  friend class ShardEnv;
  Host& host_;
  OwnerId id_;
  bool alive_ = true;
  Instant unwinding_at_;  // the clock of a boot that has ended; programs may wait for it to pass
  std::vector<std::unique_ptr<ShardEnv>> shards_;
};

// A machine: a name on the network and a volume that outlive its boots.
// The life of a boot: boot(); the caller starts its program on env(); then cut_power() or kill();
// the caller tells its program to stop and calls unwind(), destroys the program, calls bury().
class Host {
 public:
  Host(World& world, HostSettings settings);
  ~Host();
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  [[nodiscard]] const std::string& name() const { return settings_.name; }
  [[nodiscard]] Volume& volume() { return volume_; }
  // REQUIRES: no boot, or the last one was buried.
  Boot& boot();
  [[nodiscard]] bool silent() const { return silent_; }
  [[nodiscard]] bool running() const { return boot_ && boot_->alive(); }
  // REQUIRES: running().
  [[nodiscard]] Boot& current();

  // Ends the boot between two events. Power: the volume loses what `how` says, peers notice late.
  void cut_power(const PowerCut& how);
  // The process dies: the volume keeps everything, peers see closed connections.
  void kill();
  // Lets what the ended boot left run to its end, outside the run's time and hash. False when it
  // has not come to rest after `steps_max` events: then leave program and boot alone by abandon().
  [[nodiscard]] bool unwind(std::uint64_t steps_max = 1'000'000);
  // REQUIRES: unwind() said true, and the program is destroyed.
  void bury();
  // Keeps the boot until the end of the world without running it again.
  void abandon();

 private:
  friend class Boot;
  friend class ShardEnv;
  void end(bool silently);
  World& world_;
  HostSettings settings_;
  Volume volume_;
  std::unique_ptr<Boot> boot_;
  bool silent_ = false;  // its power is off: nobody answers, not even with a refusal
  std::vector<std::unique_ptr<Boot>> abandoned_;
};

// Everything there is, on one thread, from one seed: virtual time, events ordered by (time,
// insertion), hosts, network, and a hash over every event. Nothing depends on addresses, unordered
// iteration or real time, so a seed replays to the byte.
// Context: one thread; worlds share nothing.
class World {
 public:
  explicit World(std::uint64_t seed, NetworkTiming network = {});
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  [[nodiscard]] Instant now() const { return now_; }
  [[nodiscard]] Timestamp wall() const;
  // For decisions of the run itself (nemesis, workloads); every part forks its own.
  [[nodiscard]] Rng& rng() { return rng_; }
  [[nodiscard]] Fabric& network() { return fabric_; }
  [[nodiscard]] EventHash& hash() { return hash_; }
  [[nodiscard]] std::uint64_t events() const { return events_; }

  // `name` is new.
  Host& add_host(HostSettings settings);
  [[nodiscard]] Host* find_host(const std::string& name);

  // An event of the world itself.
  EventQueue::EventId script(Duration after, std::move_only_function<void()> run);
  void cancel(EventQueue::EventId event) { queue_.cancel(event); }
  // Called after every event.
  void set_after_event(std::move_only_function<void()> check) { after_event_ = std::move(check); }

  // Runs the next event. False when nothing is left to happen.
  bool step();
  // Until done() or `events_max` more events or nothing is left; returns done().
  bool run_until(std::move_only_function<bool()> done, std::uint64_t events_max = 10'000'000);
  void run_for(Duration time);

 private:
  friend class Boot;
  friend class Fabric;
  friend class Host;
  friend class ShardEnv;
  Rng rng_;
  EventHash hash_;
  EventQueue queue_;
  Instant now_;
  std::uint64_t events_ = 0;
  std::uint64_t next_owner_ = 1;
  Fabric fabric_;
  std::vector<std::unique_ptr<Host>> hosts_;
  std::move_only_function<void()> after_event_;
};

}  // namespace moldau::sim
