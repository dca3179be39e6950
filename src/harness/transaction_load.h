#pragma once
#include <string>

#include "env/task.h"
#include "harness/cluster_client.h"
#include "harness/cluster_run.h"

namespace moldau::harness {

struct TransactionPlan {
  TopicPlan* topic = nullptr;
  std::string id;  // transactional
  // As clients of transaction version 2 do: partitions are added by producing, and each end bumps
  // the epoch. Others add them by a request of their own.
  bool modern = true;
  Milliseconds timeout{2000};
};

// Writes transactions to the topic until the run stops: to one partition or to all, committed,
// aborted, or left open for the next producer or the timeout. Tells the oracle.
[[nodiscard]] env::Task<void> run_transactions(ClusterRun& run, ClusterClient& client,
                                               TransactionPlan plan);

}  // namespace moldau::harness
