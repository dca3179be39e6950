#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "base/uuid.h"
#include "log/epoch_cache.h"

namespace moldau::log {

// The small text files of a log directory: contents to values and back, in Kafka's bytes. Pure:
// reading and replacing the files is the caller's (env::read_file, env::replace_file).
// Every parse refuses, with corrupt_data and the line, what Kafka refuses.

// recovery-point-offset-checkpoint, replication-offset-checkpoint, log-start-offset-checkpoint,
// cleaner-offset-checkpoint: version 0, the count, then "topic partition offset" a line.
// Source: OffsetCheckpointFile. Entries are written in the order given; give them sorted.
struct PartitionOffset {
  std::string topic;
  PartitionIndex partition;
  Offset offset;
  friend auto operator<=>(const PartitionOffset&, const PartitionOffset&) = default;
};
[[nodiscard]] std::string write_offset_checkpoint(std::span<const PartitionOffset> entries);
// In the file's order; a name that comes twice is refused.
[[nodiscard]] Result<std::vector<PartitionOffset>> parse_offset_checkpoint(std::string_view text);

// leader-epoch-checkpoint: version 0, the count, then "epoch start_offset" a line.
// Source: LeaderEpochCheckpointFile.
[[nodiscard]] std::string write_epoch_checkpoint(std::span<const EpochStart> entries);
[[nodiscard]] Result<std::vector<EpochStart>> parse_epoch_checkpoint(std::string_view text);

// partition.metadata: which topic id this folder belongs to. Source: PartitionMetadataFile.
[[nodiscard]] std::string write_partition_metadata(Uuid topic_id);
[[nodiscard]] Result<Uuid> parse_partition_metadata(std::string_view text);

// .kafka_cleanshutdown: this directory was closed whole. Source: CleanShutdownFileHandler.
struct CleanShutdown {
  std::optional<BrokerEpoch> broker_epoch;  // none: a controller wrote it (-1 in the file)
};
[[nodiscard]] std::string write_clean_shutdown(const CleanShutdown& marker);
// Anything that is not the JSON of version 0 counts as a marker without an epoch, as for Kafka.
[[nodiscard]] CleanShutdown parse_clean_shutdown(std::string_view text);

// meta.properties at the root of each log directory. Source: MetaProperties, PropertiesUtils.
struct MetaProperties {
  std::int32_t version = 1;
  std::optional<std::string> cluster_id;
  std::optional<BrokerId> node_id;  // version 0 called it broker.id
  std::optional<Uuid> directory_id;
  friend bool operator==(const MetaProperties&, const MetaProperties&) = default;
};
// With Java's comment lines: "#", then the date of `now` in UTC.
[[nodiscard]] std::string write_meta_properties(const MetaProperties& meta, Timestamp now);
// Errors: corrupt_data for version 1 without node.id, a number or uuid that does not parse, an
// unknown version.
[[nodiscard]] Result<MetaProperties> parse_meta_properties(std::string_view text);

// quorum-state in the folder of __cluster_metadata. Source: FileQuorumStateStore, QuorumStateData.
// data_version 0 goes with kraft.version 0 and lists voters; 1 goes with kraft.version 1 and knows
// the directory voted for.
struct QuorumState {
  std::int16_t data_version = 0;
  std::optional<BrokerId> leader;
  LeaderEpoch leader_epoch{0};
  std::optional<BrokerId> voted;
  Uuid voted_directory;                  // version 1
  std::string cluster_id;                // version 0; Kafka writes it empty
  std::int64_t applied_offset = 0;       // version 0; Kafka writes 0
  std::vector<BrokerId> current_voters;  // version 0
  friend bool operator==(const QuorumState&, const QuorumState&) = default;
};
[[nodiscard]] std::string write_quorum_state(const QuorumState& state);
[[nodiscard]] Result<QuorumState> parse_quorum_state(std::string_view text);

}  // namespace moldau::log
