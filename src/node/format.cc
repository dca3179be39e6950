#include "node/format.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "env/disk.h"
#include "log/checkpoint_files.h"
#include "log/file_names.h"
#include "metadata/record.h"
#include "raft/snapshot_writer.h"

namespace moldau::node {
namespace {

constexpr std::size_t k_meta_size_max = 1U << 16U;
constexpr std::string_view k_metadata_topic = "__cluster_metadata";

env::Task<Result<std::optional<log::MetaProperties>>> read_meta(env::Env& env, std::string folder) {
  const std::string path = env::join_path(folder, std::string{log::k_meta_properties});
  Result<SharedBytes> text = co_await env::read_file(env.disk, path, k_meta_size_max);
  if (!text && text.error().code() == Errc::not_found) co_return std::nullopt;
  if (!text) co_return fail(std::move(text).error());
  CO_TRY(log::MetaProperties meta, log::parse_meta_properties(as_text(text->view())));
  co_return std::optional{std::move(meta)};
}

Result<void> check_belongs(const std::string& folder, const log::MetaProperties& meta,
                           const FormatSettings& settings) {
  if (meta.cluster_id && *meta.cluster_id != settings.cluster_id) {
    return fail(Errc::bad_configuration, "{} belongs to cluster {}, not to {}", folder,
                *meta.cluster_id, settings.cluster_id);
  }
  if (meta.node_id && *meta.node_id != settings.node_id) {
    return fail(Errc::bad_configuration, "{} belongs to node {}, not to {}", folder, *meta.node_id,
                settings.node_id);
  }
  return {};
}

raft::VoterSet with_own_directory(const raft::VoterSet& voters, BrokerId self,
                                  const Uuid& directory) {
  std::vector<raft::Voter> all = voters.all();
  for (raft::Voter& voter : all) {
    if (voter.key.id == self && voter.key.directory_id.is_zero()) {
      voter.key.directory_id = directory;
    }
  }
  Result<raft::VoterSet> set = raft::VoterSet::of(std::move(all));
  CHECK_OK(set);
  return *std::move(set);
}

Result<std::vector<std::byte>> bootstrap_snapshot(const FormatSettings& settings,
                                                  const Uuid& directory, Timestamp now) {
  TRY(const std::vector<metadata::MetadataRecord> records,
      metadata::bootstrap_records(settings.metadata_version, settings.features));
  raft::SnapshotWriter::Header header;
  header.id = raft::k_bootstrap_snapshot;
  header.last_contained_log_time = now;
  header.now = now;
  if (settings.voters) {
    header.kraft_version = raft::KRaftVersion::dynamic_voters;
    header.voters = with_own_directory(*settings.voters, settings.node_id, directory);
  }
  raft::SnapshotWriter writer(std::move(header));
  for (const metadata::MetadataRecord& record : records) {
    writer.add(metadata::encode_record(record));
  }
  return writer.finish();
}

env::Task<Result<void>> write_metadata_folder(env::Env& env, FormatSettings& settings,
                                              Uuid directory) {
  const std::string folder = env::join_path(settings.metadata_directory,
                                            log::folder_name(k_metadata_topic, PartitionIndex{0}));
  CO_TRY(std::vector<std::byte> content, bootstrap_snapshot(settings, directory, env.clock.wall()));
  CO_TRY_OK(co_await env.disk.make_directory(folder));
  CO_TRY_OK(co_await env::replace_file(
      env.disk, env::join_path(folder, raft::k_bootstrap_snapshot.file_name()),
      SharedBytes::take(std::move(content))));
  co_return co_await env.disk.sync_directory(settings.metadata_directory);
}

}  // namespace

env::Task<Result<FormatReport>> format_directories(env::Env& env, FormatSettings settings,
                                                   bool ignore_formatted) {
  FormatReport report;
  std::vector<std::string> fresh;
  for (const std::string& folder : settings.directories) {
    CO_TRY(const std::optional<log::MetaProperties> meta, co_await read_meta(env, folder));
    if (!meta) {
      fresh.push_back(folder);
      continue;
    }
    CO_TRY_OK(check_belongs(folder, *meta, settings));
    if (!ignore_formatted) {
      co_return fail(Errc::already_exists, "{} is formatted already", folder);
    }
    report.already_formatted.push_back(folder);
    if (folder == settings.metadata_directory && meta->directory_id) {
      report.metadata_directory_id = *meta->directory_id;
    }
  }
  // meta.properties comes last in each directory: with it a directory counts as formatted.
  for (const std::string& folder : fresh) {
    const Uuid directory = env::new_uuid(env.entropy);
    CO_TRY_OK(co_await env::make_durable_directory(env.disk, folder));
    if (folder == settings.metadata_directory) {
      report.metadata_directory_id = directory;
      if (settings.is_controller) {
        CO_TRY_OK(co_await write_metadata_folder(env, settings, directory));
      }
    }
    const log::MetaProperties meta{.version = 1,
                                   .cluster_id = settings.cluster_id,
                                   .node_id = settings.node_id,
                                   .directory_id = directory};
    const std::string text = log::write_meta_properties(meta, env.clock.wall());
    CO_TRY_OK(co_await env::replace_file(
        env.disk, env::join_path(folder, std::string{log::k_meta_properties}),
        SharedBytes::copy_of(as_bytes(text))));
    report.formatted.push_back(folder);
  }
  co_return report;
}

}  // namespace moldau::node
