#pragma once
#include "env/task.h"
#include "harness/cluster_client.h"
#include "harness/cluster_run.h"
#include "harness/membership.h"

namespace moldau::harness {

// A member of a group until the members of the run stop: reads what it owns, commits how far it
// came, leaves, dies without a word, sleeps longer than its session and goes on as if nothing had
// happened, comes again. Once the world is healed it stays. When its group has an output it writes
// what it reads there instead, each time in a transaction with how far it read.
[[nodiscard]] env::Task<void> run_member(ClusterRun& run, ClusterClient& client, MemberPlan plan);

// Waits until every group of the run has committed all that its topics hold, then stops the
// members, and looks whether outputs have all that was read. Sets `done`. REQUIRES: nobody writes
// to the topics any more.
[[nodiscard]] env::Task<void> check_groups(ClusterRun& run, ClusterClient& client, bool& done);

}  // namespace moldau::harness
