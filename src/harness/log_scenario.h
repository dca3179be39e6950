#pragma once
#include "harness/run.h"

namespace moldau::harness {

// Partition logs of one directory on one shard, without a broker: writers with and without
// flush.messages=1, idempotent ones that repeat themselves, readers, flushes, rolls, truncations,
// moves of the log start, checkpoints; a nemesis that kills the process or the machine at any
// event, stalls, breaks and fills the disk; after each restart everything is read and compared with
// LogModel. docs/machine/simulation.md.
[[nodiscard]] RunResult run_log_scenario(const RunOptions& options);

}  // namespace moldau::harness
