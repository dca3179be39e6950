#include "cli/remote_text.h"

#include <fmt/core.h>

#include <array>
#include <map>
#include <variant>

#include "protocol/record_frame.h"

namespace moldau::cli {
namespace {

using protocol::RemoteLogSegmentMetadataRecord;
using protocol::RemoteLogSegmentMetadataSnapshotRecord;
using protocol::RemoteLogSegmentMetadataUpdateRecord;
using protocol::RemotePartitionDeleteMetadataRecord;

// `unknown`: what Kafka says of an id that it does not know.
Result<std::string_view> name_in(std::span<const std::string_view> names, std::int8_t state,
                                 std::string_view unknown) {
  if (state < 0 || static_cast<std::size_t>(state) >= names.size()) {
    return fail(Errc::invalid_record, "{}", unknown);
  }
  return names[static_cast<std::size_t>(state)];
}

Result<std::string_view> segment_state(std::int8_t state) {
  constexpr auto k_names =
      std::to_array<std::string_view>({"COPY_SEGMENT_STARTED", "COPY_SEGMENT_FINISHED",
                                       "DELETE_SEGMENT_STARTED", "DELETE_SEGMENT_FINISHED"});
  return name_in(k_names, state, "state can not be null");
}

Result<std::string_view> partition_state(std::int8_t state) {
  constexpr auto k_names = std::to_array<std::string_view>(
      {"DELETE_PARTITION_MARKED", "DELETE_PARTITION_STARTED", "DELETE_PARTITION_FINISHED"});
  return name_in(k_names, state, "null");
}

template <class Entry>
std::string partition_text(const Entry& entry) {
  return fmt::format("{}:{}-{}", entry.id, entry.name, entry.partition);
}

template <class Entry>
std::string segment_id_text(const Entry& entry) {
  return fmt::format("RemoteLogSegmentId{{topicIdPartition={}, id={}}}",
                     partition_text(entry.topic_id_partition), entry.id);
}

template <class Entry>
Result<std::string> epochs_text(const std::vector<Entry>& entries) {
  if (entries.empty()) {
    return fail(Errc::invalid_record, "segmentLeaderEpochs can not be null or empty");
  }
  std::map<LeaderEpoch, Offset> sorted;  // a later entry of an epoch wins, as in Kafka's map
  for (const Entry& entry : entries) sorted[entry.leader_epoch] = entry.offset;
  std::string out;
  for (const auto& [epoch, offset] : sorted) {
    out += fmt::format("{}{}={}", out.empty() ? "" : ", ", epoch, offset);
  }
  return "{" + out + "}";
}

std::string custom_text(const std::optional<std::vector<std::byte>>& custom) {
  if (!custom) return "Optional.empty";
  return fmt::format("Optional[CustomMetadata{{{} bytes}}]", custom->size());
}

Result<std::string> text(const RemoteLogSegmentMetadataRecord& record) {
  TRY(const std::string epochs, epochs_text(record.segment_leader_epochs));
  TRY(const std::string_view state, segment_state(record.remote_log_segment_state));
  return fmt::format(
      "RemoteLogSegmentMetadata{{remoteLogSegmentId={}, startOffset={}, endOffset={}, brokerId={}, "
      "maxTimestampMs={}, eventTimestampMs={}, segmentLeaderEpochs={}, segmentSizeInBytes={}, "
      "customMetadata={}, state={}, txnIdxEmpty={}}}",
      segment_id_text(record.remote_log_segment_id), record.start_offset, record.end_offset,
      record.broker_id, to_millis(record.max_timestamp_ms), to_millis(record.event_timestamp_ms),
      epochs, record.segment_size_in_bytes, custom_text(record.custom_metadata), state,
      record.txn_index_empty);
}

Result<std::string> text(const RemoteLogSegmentMetadataUpdateRecord& record) {
  TRY(const std::string_view state, segment_state(record.remote_log_segment_state));
  return fmt::format(
      "RemoteLogSegmentMetadataUpdate{{remoteLogSegmentId={}, customMetadata={}, state={}, "
      "eventTimestampMs={}, brokerId={}}}",
      segment_id_text(record.remote_log_segment_id), custom_text(record.custom_metadata), state,
      to_millis(record.event_timestamp_ms), record.broker_id);
}

Result<std::string> text(const RemotePartitionDeleteMetadataRecord& record) {
  TRY(const std::string_view state, partition_state(record.remote_partition_delete_state));
  return fmt::format(
      "RemotePartitionDeleteMetadata{{topicPartition={}, state={}, eventTimestampMs={}, "
      "brokerId={}}}",
      partition_text(record.topic_id_partition), state, to_millis(record.event_timestamp_ms),
      record.broker_id);
}

Result<std::string> text(const RemoteLogSegmentMetadataSnapshotRecord& record) {
  TRY(const std::string_view state, segment_state(record.remote_log_segment_state));
  TRY(const std::string epochs, epochs_text(record.segment_leader_epochs));
  return fmt::format(
      "RemoteLogSegmentMetadataSnapshot{{segmentId={}, startOffset={}, endOffset={}, "
      "maxTimestampMs={}, segmentLeaderEpochs={}, segmentSizeInBytes={}, customMetadata={}, "
      "state={}, txnIdxEmpty={}}}",
      record.segment_id, record.start_offset, record.end_offset, to_millis(record.max_timestamp_ms),
      epochs, record.segment_size_in_bytes, custom_text(record.custom_metadata), state,
      record.txn_index_empty);
}

}  // namespace

Result<std::string> remote_metadata_text(Bytes value) {
  TRY(const auto decoded, protocol::decode_tiered_record(value));
  return std::visit([](const auto& record) { return text(record); }, decoded.record);
}

}  // namespace moldau::cli
