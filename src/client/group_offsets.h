#pragma once
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "client/coordinator_link.h"
#include "client/member.h"
#include "client/record.h"
#include "env/task.h"

namespace moldau::client {

struct CommittedOffset {
  Offset offset = k_no_offset;  // of the record to be read next
  LeaderEpoch leader_epoch = k_no_leader_epoch;
  std::string metadata;
  friend bool operator==(const CommittedOffset&, const CommittedOffset&) = default;
};
using GroupOffsets = std::map<TopicPartition, CommittedOffset>;
using PartitionErrors = std::map<TopicPartition, Errc>;  // none where all is well

// OffsetCommit, once. Without `as`: of nobody's membership, which an empty group accepts.
// Errors: those of the link; what the coordinator answers stands in the result.
[[nodiscard]] env::Task<Result<PartitionErrors>> commit_once(CoordinatorLink& link,
                                                             std::optional<MemberIdentity> as,
                                                             GroupOffsets offsets);
// The same with what may pass tried again until the API timeout.
// Errors: the first that a partition has.
[[nodiscard]] env::Task<Result<void>> commit_offsets(CoordinatorLink& link,
                                                     std::optional<MemberIdentity> as,
                                                     GroupOffsets offsets);

// OffsetFetch, once. Without `partitions`: all that the group has. Those without a commit are left
// out.
struct OffsetQuestion {
  std::optional<MemberIdentity> as;  // of the consumer protocol
  std::optional<std::set<TopicPartition>> partitions;
  bool require_stable = false;  // not while a transaction may still change them
};
[[nodiscard]] env::Task<Result<GroupOffsets>> fetch_offsets_once(CoordinatorLink& link,
                                                                 OffsetQuestion question);
// The same until the API timeout.
[[nodiscard]] env::Task<Result<GroupOffsets>> fetch_offsets(CoordinatorLink& link,
                                                            OffsetQuestion question);

// Whether the same request may succeed a little later.
[[nodiscard]] bool may_pass(Errc code);

}  // namespace moldau::client
