#pragma once
#include <vector>

#include "base/result.h"
#include "env/task.h"
#include "harness/cluster_client.h"
#include "harness/cluster_run.h"
#include "protocol/api/fetch.h"

namespace moldau::harness {

using AbortedTransaction = protocol::FetchResponse::AbortedTransaction;

struct CommittedRecords {
  std::vector<SeenRecord> records;
  Offset next;  // behind all that was fetched, shown or not
};
// What a read_committed consumer shows of what it fetched from `from` on.
// Errors: corrupt_message and those of batches: it is no run of good ones.
[[nodiscard]] Result<CommittedRecords> committed_records(Bytes run, Offset from,
                                                         std::vector<AbortedTransaction> aborted);

// Reads one partition with read_committed from its start until the run stops.
[[nodiscard]] env::Task<void> run_committed_reader(ClusterRun& run, ClusterClient& client,
                                                   TopicPlan& topic, PartitionIndex partition);

// Reads every partition of transactional topics with read_committed until nothing is open in it,
// and asks the oracle whether all is there. Sets `done`.
[[nodiscard]] env::Task<void> check_transactions(ClusterRun& run, ClusterClient& client,
                                                 bool& done);

}  // namespace moldau::harness
