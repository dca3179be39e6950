#include "node/metadata_snapshots.h"

#include <algorithm>
#include <memory>

#include "env/disk.h"
#include "raft/control_scan.h"

namespace moldau::node {
namespace {
// More than the header of any snapshot.
constexpr std::size_t k_header_bytes = 64U << 10U;
}  // namespace

env::Task<Result<std::unique_ptr<MetadataSnapshots>>> MetadataSnapshots::open(env::Env& env,
                                                                              std::string folder) {
  std::unique_ptr<MetadataSnapshots> snapshots(new MetadataSnapshots(env, folder));
  CO_TRY(const std::vector<env::DirectoryEntry> entries, co_await env.disk.list(folder));
  for (const env::DirectoryEntry& entry : entries) {
    if (const auto id = raft::SnapshotId::of_file_name(entry.name)) {
      snapshots->all_.emplace_back(*id, static_cast<std::int64_t>(entry.size));
    } else if (entry.name.ends_with(".checkpoint.part") ||
               entry.name.ends_with(".checkpoint.deleted")) {
      CO_TRY_OK(co_await env.disk.remove(env::join_path(folder, entry.name)));
    }
  }
  std::ranges::sort(snapshots->all_);
  co_return snapshots;
}

std::string MetadataSnapshots::path_of(const raft::SnapshotId& id) const {
  return env::join_path(folder_, id.file_name());
}

env::Task<Result<SharedBytes>> MetadataSnapshots::read(raft::SnapshotId id) {
  co_return co_await env::read_file(env_.disk, path_of(id), k_size_max);
}

env::Task<Result<SharedBytes>> MetadataSnapshots::read_part(raft::SnapshotId id,
                                                            std::uint64_t position,
                                                            std::size_t size) {
  CO_TRY(std::shared_ptr<env::File> file,
         co_await env_.disk.open(path_of(id), env::OpenMode::read));
  co_return co_await file->read_at(position, size);
}

env::Task<Result<void>> MetadataSnapshots::write(raft::SnapshotId id, SharedBytes content) {
  const auto same = [&id](const auto& entry) { return entry.first == id; };
  if (std::ranges::any_of(all_, same)) co_return Result<void>{};
  const std::string path = path_of(id);
  const std::string draft = path + ".part";
  const auto size = static_cast<std::int64_t>(content.size());
  {
    CO_TRY(std::shared_ptr<env::File> file, co_await env_.disk.open(draft, env::OpenMode::create));
    CO_TRY_OK(co_await file->truncate(0));
    CO_TRY_OK(co_await file->write_at(0, {std::move(content)}));
    CO_TRY_OK(co_await file->sync());
  }
  CO_TRY_OK(co_await env_.disk.rename(draft, path));
  CO_TRY_OK(co_await env_.disk.sync_directory(folder_));
  all_.emplace_back(id, size);
  std::ranges::sort(all_);
  co_return Result<void>{};
}

env::Task<Result<std::vector<raft::SnapshotOnDisk>>> MetadataSnapshots::described() {
  std::vector<raft::SnapshotOnDisk> out;
  const auto known = all_;
  for (const auto& [id, size] : known) {
    // The time stands in the header, a control batch at the front.
    CO_TRY(const SharedBytes front, co_await read_part(id, 0, k_header_bytes));
    raft::ControlScan scan;
    record::BatchesView batches(front.view());
    CO_TRY(const std::optional<record::BatchView> header, batches.next());
    if (header) {
      CO_TRY_OK(scan.snapshot_batch(id, *header));
    }
    out.push_back({.id = id, .size = size, .last_contained_log_time = scan.snapshot_time()});
  }
  co_return out;
}

env::Task<Result<void>> MetadataSnapshots::remove_before(raft::SnapshotId oldest_kept) {
  while (!all_.empty() && all_.front().first < oldest_kept) {
    CO_TRY_OK(co_await env_.disk.remove(path_of(all_.front().first)));
    all_.erase(all_.begin());
  }
  co_return Result<void>{};
}

}  // namespace moldau::node
