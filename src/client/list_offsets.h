#pragma once
#include <cstdint>

#include "base/time.h"
#include "client/cluster.h"
#include "client/record.h"
#include "env/task.h"

namespace moldau::client {

enum class Isolation : std::int8_t { read_uncommitted = 0, read_committed = 1 };

// Where a partition begins, ends, or reaches a time.
enum class OffsetSpec : std::int64_t {
  latest = -1,
  earliest = -2,
  max_timestamp = -3,
  earliest_local = -4,
  latest_tiered = -5,
  earliest_pending_upload = -6,
};
struct FoundOffset {
  Offset offset = k_no_offset;  // k_no_offset: nothing there (no record that late)
  Timestamp timestamp = k_no_timestamp;
  LeaderEpoch leader_epoch = k_no_leader_epoch;
};

// Where to begin when there is no position, or it is outside of the log (auto.offset.reset).
struct ResetPolicy {
  enum class Kind : std::uint8_t { earliest, latest, by_duration, none };
  Kind kind = Kind::latest;
  Milliseconds duration{0};  // by_duration: so long ago
  friend bool operator==(const ResetPolicy&, const ResetPolicy&) = default;
};

// ListOffsets for one partition: a special position or the first record at or after a time.
// Retries while the leader is unknown, until the API timeout.
// Context: one shard; the cluster outlives the task.
[[nodiscard]] env::Task<Result<FoundOffset>> find_offset(
    Cluster& cluster, TopicPartition partition, OffsetSpec spec,
    Isolation isolation = Isolation::read_uncommitted);
[[nodiscard]] env::Task<Result<FoundOffset>> find_offset_for_time(Cluster& cluster,
                                                                  TopicPartition partition,
                                                                  Timestamp at);
// Errors: offset_out_of_range when the policy is none.
[[nodiscard]] env::Task<Result<FoundOffset>> find_reset_offset(Cluster& cluster,
                                                               TopicPartition partition,
                                                               ResetPolicy policy,
                                                               Isolation isolation);

}  // namespace moldau::client
