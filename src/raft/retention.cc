#include "raft/retention.h"

namespace moldau::raft {

std::optional<SnapshotId> clean_before(std::span<const SnapshotOnDisk> snapshots,
                                       std::int64_t log_bytes, Timestamp now,
                                       const RetentionSettings& settings) {
  if (snapshots.size() < 2) return std::nullopt;
  std::size_t keep_from = 0;
  std::int64_t total = log_bytes;
  for (const SnapshotOnDisk& snapshot : snapshots) total += snapshot.size;
  // How much log goes with a snapshot is known only when its segments are gone: one at a time.
  if (settings.max_bytes >= 0 && total > settings.max_bytes) keep_from = 1;
  while (settings.max_age >= Milliseconds{0} && keep_from + 1 < snapshots.size() &&
         now - snapshots[keep_from].last_contained_log_time > settings.max_age) {
    ++keep_from;
  }
  if (keep_from == 0) return std::nullopt;
  return snapshots[keep_from].id;
}

}  // namespace moldau::raft
