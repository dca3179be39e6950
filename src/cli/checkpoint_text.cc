#include "cli/checkpoint_text.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "base/check.h"
#include "log/checkpoint_files.h"
#include "log/file_names.h"

namespace moldau::cli {
namespace {

using Reader = Result<std::string> (*)(std::string_view content);

Result<std::string> epochs(std::string_view content) {
  TRY(const auto entries, log::parse_epoch_checkpoint(content));
  std::string out = fmt::format("version: 0 entries: {}\n", entries.size());
  for (const log::EpochStart& entry : entries) {
    out += fmt::format("leaderEpoch: {} startOffset: {}\n", entry.epoch, entry.start_offset);
  }
  return out;
}

Result<std::string> offsets(std::string_view content) {
  TRY(const auto entries, log::parse_offset_checkpoint(content));
  std::string out = fmt::format("version: 0 entries: {}\n", entries.size());
  for (const log::PartitionOffset& entry : entries) {
    out += fmt::format("topic: {} partition: {} offset: {}\n", entry.topic, entry.partition,
                       entry.offset);
  }
  return out;
}

Result<std::string> partition_metadata(std::string_view content) {
  TRY(const Uuid topic, log::parse_partition_metadata(content));
  return fmt::format("version: 0 topicId: {}\n", topic);
}

Result<std::string> clean_shutdown(std::string_view content) {
  const log::CleanShutdown marker = log::parse_clean_shutdown(content);
  if (!marker.broker_epoch) return std::string("version: 0 brokerEpoch: -1\n");
  return fmt::format("version: 0 brokerEpoch: {}\n", *marker.broker_epoch);
}

Result<std::string> meta_properties(std::string_view content) {
  TRY(const log::MetaProperties meta, log::parse_meta_properties(content));
  std::string out = fmt::format("version: {}", meta.version);
  if (meta.cluster_id) out += " clusterId: " + *meta.cluster_id;
  if (meta.node_id) out += fmt::format(" nodeId: {}", *meta.node_id);
  if (meta.directory_id) out += fmt::format(" directoryId: {}", *meta.directory_id);
  return out + "\n";
}

Result<std::string> quorum_state(std::string_view content) {
  TRY(const log::QuorumState state, log::parse_quorum_state(content));
  const auto id = [](const std::optional<BrokerId>& broker) {
    return broker ? fmt::format("{}", *broker) : std::string("-1");
  };
  std::string out =
      fmt::format("version: {} leaderId: {} leaderEpoch: {} votedId: {}", state.data_version,
                  id(state.leader), state.leader_epoch, id(state.voted));
  if (state.data_version > 0) {
    return out + fmt::format(" votedDirectoryId: {}\n", state.voted_directory);
  }
  std::string voters;
  for (const BrokerId voter : state.current_voters) {
    voters += fmt::format("{}{}", voters.empty() ? "" : ",", voter);
  }
  return out +
         fmt::format(" appliedOffset: {} currentVoters: [{}]\n", state.applied_offset, voters);
}

struct Known {
  std::string_view name;
  Reader read;
};
constexpr auto k_known = std::to_array<Known>({
    {log::k_leader_epoch_checkpoint, epochs},
    {log::k_recovery_point_checkpoint, offsets},
    {log::k_replication_checkpoint, offsets},
    {log::k_log_start_checkpoint, offsets},
    {log::k_cleaner_checkpoint, offsets},
    {log::k_partition_metadata, partition_metadata},
    {log::k_quorum_state, quorum_state},
    {log::k_meta_properties, meta_properties},
    {log::k_clean_shutdown, clean_shutdown},
});

}  // namespace

bool is_checkpoint_name(std::string_view name) {
  return std::ranges::find(k_known, name, &Known::name) != k_known.end();
}

Result<std::string> checkpoint_text(std::string_view name, std::string_view content) {
  const auto* const known = std::ranges::find(k_known, name, &Known::name);
  CHECK(known != k_known.end());
  return known->read(content);
}

}  // namespace moldau::cli
