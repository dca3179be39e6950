#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/result.h"

namespace moldau::log {

// Names that Kafka gives to files and folders of a log directory. docs/format/log_directory.md.
// Pure. Source: LogFileUtils, LocalLog.parseTopicPartitionName, Snapshots.

enum class FileKind : std::uint8_t {
  log,           // .log
  offset_index,  // .index
  time_index,    // .timeindex
  txn_index,     // .txnindex
  snapshot,      // .snapshot: producer state at that offset
};
[[nodiscard]] std::string_view suffix_of(FileKind kind);
// "00000000000000000042.log": 20 digits.
[[nodiscard]] std::string file_name(Offset base, FileKind kind);

// A file half way through a change: what an interrupted run left.
enum class FileState : std::uint8_t {
  live,
  deleted,  // .deleted: waits for removal
  cleaned,  // .cleaned: draft of a compacted or split segment
  swap,     // .swap: finished draft that replaces segments
};
struct SegmentFileName {
  Offset base;
  FileKind kind;
  FileState state;
  friend bool operator==(const SegmentFileName&, const SegmentFileName&) = default;
};
// nullopt: not a name of this family (checkpoint files and strangers).
[[nodiscard]] std::optional<SegmentFileName> parse_file_name(std::string_view name);

enum class FolderKind : std::uint8_t {
  partition,  // topic-3
  deleted,    // topic-3.<unique>-delete: waits for removal
  future,     // topic-3.<unique>-future: the copy that moves to another log directory
  stray,      // topic-3.<unique>-stray: the metadata does not place it here
};
struct FolderName {
  std::string topic;
  PartitionIndex partition;
  FolderKind kind;
  std::string unique;  // empty for `partition`
  friend bool operator==(const FolderName&, const FolderName&) = default;
};
// "topic-3".
[[nodiscard]] std::string folder_name(std::string_view topic, PartitionIndex partition);
// "topic-3.<unique>-delete" and the like, the topic cut so that the name has at most 255
// characters. REQUIRES: kind is not `partition`; unique is not empty.
[[nodiscard]] std::string folder_name(std::string_view topic, PartitionIndex partition,
                                      FolderKind kind, std::string_view unique);
// Errors: corrupt_data, with the name, for what Kafka refuses to start on.
[[nodiscard]] Result<FolderName> parse_folder_name(std::string_view name);

// "00000000000000000042-0000000007.checkpoint": a snapshot of the metadata log that ends before
// offset 42, written under epoch 7. `.part` while it is written, `.deleted` while it goes.
struct MetadataSnapshotId {
  Offset end_offset;
  LeaderEpoch epoch;
  friend auto operator<=>(const MetadataSnapshotId&, const MetadataSnapshotId&) = default;
};
enum class MetadataSnapshotState : std::uint8_t { complete, partial, deleted };
struct MetadataSnapshotName {
  MetadataSnapshotId id;
  MetadataSnapshotState state;
};
[[nodiscard]] std::string metadata_snapshot_name(MetadataSnapshotId id);
[[nodiscard]] std::optional<MetadataSnapshotName> parse_metadata_snapshot_name(
    std::string_view name);

inline constexpr std::string_view k_leader_epoch_checkpoint = "leader-epoch-checkpoint";
inline constexpr std::string_view k_partition_metadata = "partition.metadata";
inline constexpr std::string_view k_quorum_state = "quorum-state";
inline constexpr std::string_view k_bootstrap_checkpoint = "bootstrap.checkpoint";
inline constexpr std::string_view k_meta_properties = "meta.properties";
inline constexpr std::string_view k_lock = ".lock";
inline constexpr std::string_view k_clean_shutdown = ".kafka_cleanshutdown";
inline constexpr std::string_view k_recovery_point_checkpoint = "recovery-point-offset-checkpoint";
inline constexpr std::string_view k_replication_checkpoint = "replication-offset-checkpoint";
inline constexpr std::string_view k_log_start_checkpoint = "log-start-offset-checkpoint";
inline constexpr std::string_view k_cleaner_checkpoint = "cleaner-offset-checkpoint";

}  // namespace moldau::log
