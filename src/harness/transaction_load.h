#pragma once
#include "env/task.h"
#include "harness/cluster_client.h"
#include "harness/cluster_run.h"
#include "harness/transactional_producer.h"

namespace moldau::harness {

// Writes transactions to the topic until the run stops: to one partition or to all, committed,
// aborted, or left open for the next producer or the timeout. Tells the oracle.
[[nodiscard]] env::Task<void> run_transactions(ClusterRun& run, ClusterClient& client,
                                               TransactionPlan plan);

}  // namespace moldau::harness
