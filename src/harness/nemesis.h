#pragma once
#include <string>
#include <vector>

#include "base/rng.h"
#include "harness/verdict.h"
#include "sim/world.h"

namespace moldau::harness {

// Hurts one host of a run while it lives: cuts and partitions its connections, stalls, breaks and
// fills its disk. It does not end boots: the run does, since it must tell its oracles.
// Context: the world's thread, between two events.
class Nemesis {
 public:
  // `peers` are the hosts that the victim talks to. All are borrowed.
  Nemesis(sim::World& world, sim::Host& victim, std::vector<std::string> peers, Rng rng,
          Verdict& verdict)
      : world_(world), victim_(victim), peers_(std::move(peers)), rng_(rng), verdict_(verdict) {}

  // Does one of them, or nothing, as the seed draws.
  void hurt();
  // Disk and network are well again; what was lost stays so.
  void heal();
  // Every call of the disk may take long.
  [[nodiscard]] bool disk_stalls() const { return disk_stalls_; }

 private:
  void hurt_network();
  void hurt_disk();

  sim::World& world_;
  sim::Host& victim_;
  std::vector<std::string> peers_;
  Rng rng_;
  Verdict& verdict_;
  bool disk_stalls_ = false;
};

}  // namespace moldau::harness
