#pragma once
#include "harness/run.h"

namespace moldau::harness {

// The real node (src/node), broker and controller in one, with clients: producers with and without
// idempotence on topics with and without flush.messages=1, readers, an admin. A nemesis kills the
// process or the machine at any event, stops it cleanly, cuts and partitions connections, stalls,
// breaks and fills the disk. Oracles check every answer; at the end the world is healed, everybody
// must get on with their work, and everything is read once more. docs/machine/simulation.md.
[[nodiscard]] RunResult run_node_scenario(const RunOptions& options);

// The same node, nemesis and end, with groups in the place of readers: members of the classic
// protocol (eager, cooperative) and of the consumer protocol, static ones too, which join, read,
// commit, leave, die and sleep. Oracles of each group check who owns what and what is committed; at
// the end every group must come to the end of its topics.
[[nodiscard]] RunResult run_group_scenario(const RunOptions& options);

// The same with one group that changes while its members live: from one protocol to the other as
// the migration policy of the run lets it, with topics that are deleted, made again and made later,
// subscriptions by pattern, and transactions that are open on topics that go.
[[nodiscard]] RunResult run_group_changes_scenario(const RunOptions& options);

}  // namespace moldau::harness
