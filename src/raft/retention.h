#pragma once
#include <cstdint>
#include <optional>
#include <span>

#include "base/time.h"
#include "raft/types.h"

namespace moldau::raft {

struct RetentionSettings {
  std::int64_t max_bytes = 100LL * 1024 * 1024;  // metadata.max.retention.bytes; negative: no limit
  Milliseconds max_age{7LL * 24 * 3'600'000};    // metadata.max.retention.ms; negative: no limit
};
struct SnapshotOnDisk {
  SnapshotId id;
  std::int64_t size;
  Timestamp last_contained_log_time;
};

// The oldest snapshot that must stay, when some may go: delete the snapshots before it, raise the
// log start offset to its end_offset and delete whole segments below that; then give the machine
// LogCleaned. The newest snapshot always stays. Ask once a minute, and again after each cleaning.
// Source: KafkaRaftLog.maybeClean.
[[nodiscard]] std::optional<SnapshotId> clean_before(std::span<const SnapshotOnDisk> snapshots,
                                                     std::int64_t log_bytes, Timestamp now,
                                                     const RetentionSettings& settings);

}  // namespace moldau::raft
