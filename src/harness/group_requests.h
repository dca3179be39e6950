#pragma once
#include <map>
#include <optional>
#include <set>
#include <string>

#include "env/task.h"
#include "harness/cluster_client.h"
#include "harness/cluster_run.h"

namespace moldau::harness {

struct Committed {
  Offset offset = k_no_offset;
  std::string metadata;
  Uuid topic_id{};  // of the topic that was read; when it is committed
};
using Commits = std::map<client::TopicPartition, Committed>;
using CommitErrors = std::map<client::TopicPartition, Errc>;

// OffsetCommit, once. Tells the oracles what is asked and what came of it, unless the topic is
// gone. Errors: as ask(); what the coordinator says of a partition stands in the result.
[[nodiscard]] env::Task<Result<CommitErrors>> commit_offsets(ClusterRun& run, ClusterClient& client,
                                                             GroupPlan& group, MemberNumber member,
                                                             Identity as, Commits commits);

// OffsetFetch, once, and what the oracle says to it. A transaction may have commits of the group
// pending: then those partitions are left out.
// Errors: as ask(); the answer's error code.
[[nodiscard]] env::Task<Result<Commits>> fetch_commits(ClusterRun& run, ClusterClient& client,
                                                       GroupPlan& group,
                                                       std::set<client::TopicPartition> of,
                                                       std::optional<Identity> as = {});

// The request may work later, and nothing is lost by sending it again.
[[nodiscard]] bool is_passing(Errc error);

}  // namespace moldau::harness
