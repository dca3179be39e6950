#include "harness/nemesis.h"

namespace moldau::harness {

namespace {
using std::chrono::milliseconds;
}  // namespace

void Nemesis::hurt() {
  if (rng_.one_in(8)) return;
  if (rng_.one_in(2)) {
    hurt_network();
  } else {
    hurt_disk();
  }
}

void Nemesis::hurt_network() {
  switch (rng_.below(3)) {
    case 0:
      verdict_.note("--- all connections are cut");
      (void)world_.network().cut_all(victim_.name());
      break;
    case 1:
      verdict_.note("--- a connection is cut");
      (void)world_.network().cut_one(victim_.name());
      break;
    default: {
      const std::string& peer = peers_[rng_.below(peers_.size())];
      verdict_.note("--- {} is cut off", peer);
      world_.network().partition(victim_.name(), peer);
    }
  }
}

void Nemesis::hurt_disk() {
  sim::FaultPlan& faults = victim_.volume().faults();
  switch (rng_.below(5)) {
    case 0:
      verdict_.note("--- the disk stalls");
      faults.set_stall_one_in(1 + rng_.below(10), milliseconds(300));
      disk_stalls_ = true;
      break;
    case 1:
      // What vouches for a segment must not be quicker than its sync.
      verdict_.note("--- syncs of segments take long");
      faults.add({.op = sim::DiskOp::sync,
                  .path_part = ".log",
                  .times = 1 + rng_.below(40),
                  .fault = sim::DiskFault::none,
                  .stall = milliseconds(100 + rng_.below(3000))});
      disk_stalls_ = true;
      break;
    case 2:
      verdict_.note("--- a sync will fail");
      faults.add({.op = sim::DiskOp::sync, .path_part = "", .skip = rng_.below(30)});
      break;
    case 3:
      verdict_.note("--- a write will fail");
      faults.add({.op = sim::DiskOp::write, .path_part = "", .skip = rng_.below(60)});
      break;
    default:
      verdict_.note("--- the disk fills up");
      victim_.volume().set_capacity(victim_.volume().used() + rng_.below(30'000));
  }
}

void Nemesis::heal() {
  victim_.volume().faults().clear();
  victim_.volume().set_capacity(0);
  world_.network().heal_all();
  disk_stalls_ = false;
}

}  // namespace moldau::harness
