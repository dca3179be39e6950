#pragma once
#include <functional>
#include <optional>
#include <string>
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

// What an oracle says to a record that read_committed shows.
using Shown =
    std::function<std::optional<std::string>(PartitionIndex partition, const SeenRecord& seen)>;
// `oracle` is borrowed.
template <class Oracle>
[[nodiscard]] Shown shown_of(Oracle& oracle) {
  return [&oracle](PartitionIndex partition, const SeenRecord& seen) {
    return oracle.shown(partition, seen);
  };
}

// Reads one partition with read_committed from its start until the run stops.
[[nodiscard]] env::Task<void> run_committed_reader(ClusterRun& run, ClusterClient& client,
                                                   TopicPlan& topic, PartitionIndex partition,
                                                   Shown shown);

// Reads every partition of a topic with read_committed until nothing is open in it. False: the
// client's world has ended.
[[nodiscard]] env::Task<bool> read_all_committed(ClusterRun& run, ClusterClient& client,
                                                 TopicPlan& topic, Shown shown);

// That with every transactional topic of the run; then asks the oracle whether all is there. Sets
// `done`.
[[nodiscard]] env::Task<void> check_transactions(ClusterRun& run, ClusterClient& client,
                                                 bool& done);

}  // namespace moldau::harness
