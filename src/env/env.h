#pragma once
#include <cstdint>

#include "base/uuid.h"
#include "env/clock.h"
#include "env/disk.h"
#include "env/mailbox.h"
#include "env/network.h"
#include "env/scheduler.h"
#include "env/task.h"

namespace moldau::env {

// Random bits: from the system in production, from the seed in simulation.
class Entropy {
 public:
  Entropy() = default;
  Entropy(const Entropy&) = delete;
  Entropy& operator=(const Entropy&) = delete;
  virtual ~Entropy() = default;
  [[nodiscard]] virtual std::uint64_t next() = 0;
};

// The world of one shard: real (os/) or simulated (sim/), and nobody above can tell which. A bundle
// of references that outlives every task of the shard.
struct Env {
  Scheduler& scheduler;
  Clock& clock;
  Timers& timers;
  Disk& disk;
  Network& network;
  Entropy& entropy;
  Mailbox& mailbox;
};

// A fresh id for a directory, a cluster, a topic, a member: never a reserved one.
[[nodiscard]] Uuid new_uuid(Entropy& entropy);

// Completes at `when`.
[[nodiscard]] Task<void> sleep_until(Env& env, Instant when);
[[nodiscard]] Task<void> sleep_for(Env& env, Duration time);

}  // namespace moldau::env
