#include <algorithm>

#include "log/checkpoint_files.h"
#include "log/store.h"

namespace moldau::log {
namespace {

constexpr std::size_t k_small_file_max = 16 << 20;

// The file's name before what is wrong with it.
std::unexpected<Error> in_file(const std::string& path, const Error& error) {
  return fail(error.code(), "{}: {}", path, error.describe());
}

}  // namespace

PartitionLog::Store::Store(env::Env& env_, FilePool& files_, LogLocation where_,
                           std::shared_ptr<const LogConfig> config_)
    : env(env_),
      files(files_),
      where(std::move(where_)),
      config(std::move(config_)),
      turns_(env.scheduler),
      background_(env.scheduler) {
  producers.share(&files.producer_budget());
  forget_positions();
}

env::Task<Result<void>> PartitionLog::Store::open() {
  CO_TRY(const bool there, co_await files.disk().exists(where.path));
  if (there) co_return co_await load();
  co_return co_await create();
}

env::Task<Result<void>> PartitionLog::Store::create() {
  env::Disk& disk = files.disk();
  CO_TRY_OK(co_await env::make_durable_directory(disk, where.path));
  CO_TRY_OK(co_await check_topic_id(false));
  log_start = where.log_start_offset;
  log_end = log_start;
  recovery_point = log_start;
  producers.reset(log_start);
  last_snapshot_ = log_start;
  CO_TRY_OK(co_await add_segment(log_start));
  co_return co_await sync_names();
}

env::Task<Result<void>> PartitionLog::Store::load() {
  recovered.was_clean = where.clean;
  CO_TRY(LoadPlan plan, co_await tidy_folder());
  CO_TRY_OK(co_await load_small_files(plan));
  log_start = where.log_start_offset;
  snapshots_ = plan.snapshots;
  CO_TRY_OK(co_await load_segments(plan));
  bool intact = true;
  CO_TRY(log_end, co_await find_log_end(intact));
  if (!intact) {
    CO_TRY_OK(co_await recover_from(segments.size() - 1));
  }
  if (log_end < log_start) {
    CO_TRY_OK(co_await restart_at(log_start));
  }
  log_start = std::max(log_start, segments.front()->base);
  offset_tail_.reset(active().offset_entries);
  time_tail_.reset(active().time_entries);
  CO_TRY_OK(co_await settle_epochs());
  CO_TRY_OK(co_await remove_stray_snapshots());
  CO_TRY_OK(co_await rebuild_producers(log_end, where.clean));
  recovery_point = where.clean && intact ? log_end : std::min(where.recovery_point, log_end);
  created_ = env.clock.wall();
  reserved_ = active().size;
  co_return Result<void>{};
}

env::Task<Result<std::vector<FolderFile>>> PartitionLog::Store::list_files() {
  CO_TRY(const std::vector<env::DirectoryEntry> entries, co_await files.disk().list(where.path));
  std::vector<FolderFile> found;
  found.reserve(entries.size());
  for (const env::DirectoryEntry& entry : entries) {
    if (!entry.is_directory) found.push_back({entry.name, entry.size});
  }
  co_return found;
}

env::Task<Result<LoadPlan>> PartitionLog::Store::tidy_folder() {
  CO_TRY(std::vector<FolderFile> found, co_await list_files());
  const Leftovers leftovers = find_leftovers(found);
  for (const std::string& name : leftovers.remove) {
    CO_TRY_OK(co_await files.disk().remove(path_of(name)));
  }
  if (!leftovers.swaps.empty()) {
    CO_TRY_OK(co_await finish_swaps(leftovers.swaps));
  }
  if (!leftovers.remove.empty() || !leftovers.swaps.empty()) {
    CO_TRY_OK(co_await files.disk().sync_directory(where.path));
    CO_TRY(found, co_await list_files());
  }
  LoadPlan plan = plan_load(found);
  for (const std::string& name : plan.remove) {
    CO_TRY_OK(co_await files.disk().remove(path_of(name)));
  }
  co_return plan;
}

// A finished compaction or split that had not got all its names: completes it.
env::Task<Result<void>> PartitionLog::Store::finish_swaps(std::vector<Offset> swaps) {
  Offset end = swaps.front();
  for (const Offset base : swaps) {
    const std::string path = path_of(file_name(base, FileKind::log) + ".swap");
    CO_TRY(const auto file, co_await files.disk().open(path, env::OpenMode::read));
    CO_TRY(const std::uint64_t size, file->size());
    FrontScan scan(file, 0, size);
    while (true) {
      CO_TRY(const std::optional<FoundBatch> found, co_await scan.next());
      if (!found) break;
      end = std::max(end, found->facts.last_offset.next());
    }
  }
  CO_TRY(const std::vector<FolderFile> found, co_await list_files());
  const SwapPlan plan = plan_swap(found, swaps.front(), end);
  for (const std::string& name : plan.remove) {
    CO_TRY_OK(co_await files.disk().remove(path_of(name)));
  }
  for (const auto& [from, to] : plan.rename) {
    CO_TRY_OK(co_await files.disk().rename(path_of(from), path_of(to)));
  }
  co_return Result<void>{};
}

env::Task<Result<void>> PartitionLog::Store::load_small_files(LoadPlan& plan) {
  CO_TRY_OK(co_await check_topic_id(plan.has_partition_metadata));
  if (!plan.has_epoch_checkpoint) co_return Result<void>{};
  const std::string path = path_of(k_leader_epoch_checkpoint);
  CO_TRY(const SharedBytes text, co_await env::read_file(files.disk(), path, k_small_file_max));
  const auto entries = parse_epoch_checkpoint(as_text(text.view()));
  if (!entries) co_return in_file(path, entries.error());
  auto restored = EpochCache::restore(*entries);
  if (!restored) co_return in_file(path, restored.error());
  epochs = *std::move(restored);
  co_return Result<void>{};
}

env::Task<Result<void>> PartitionLog::Store::check_topic_id(bool has_file) {
  const std::string path = path_of(k_partition_metadata);
  if (has_file) {
    CO_TRY(const SharedBytes text, co_await env::read_file(files.disk(), path, k_small_file_max));
    const Result<Uuid> id = parse_partition_metadata(as_text(text.view()));
    if (!id) co_return in_file(path, id.error());
    if (where.topic_id && *where.topic_id != *id) {
      co_return fail(Errc::inconsistent_topic_id, "{}: topic id {}, but {} was expected", path,
                     id->to_string(), where.topic_id->to_string());
    }
    topic_id = *id;
    co_return Result<void>{};
  }
  if (!where.topic_id) co_return Result<void>{};
  topic_id = *where.topic_id;
  co_return co_await env::replace_file(
      files.disk(), path, SharedBytes::copy_of(as_bytes(write_partition_metadata(topic_id))));
}

env::Task<Result<void>> PartitionLog::Store::load_segments(LoadPlan& plan) {
  std::vector<std::size_t> without_index;
  for (const FoundSegment& found : plan.segments) {
    auto segment = std::make_shared<Segment>(found.base);
    segment->size = found.log_size;
    segment->offset_entries = found.offset_index_size.value_or(0) / k_offset_entry_size;
    segment->time_entries = found.time_index_size.value_or(0) / k_time_entry_size;
    segment->txn_index_size = found.txn_index_size;
    if (!found.offset_index_size) without_index.push_back(segments.size());
    segments.push_back(std::move(segment));
  }
  if (segments.empty()) {
    CO_TRY_OK(co_await add_segment(log_start));
    co_return Result<void>{};
  }
  std::size_t unflushed = segments.size();
  if (!where.clean) {
    unflushed = segment_index(where.recovery_point);
    // The recovery point may stand at the end of what was the active segment then: its records are
    // synced, its indexes are not.
    const bool at_end = unflushed > 0 && segments[unflushed]->base == where.recovery_point;
    if (at_end) --unflushed;
  }
  for (const std::size_t index : without_index) {
    if (index < unflushed) {
      ++recovered.indexes_missing;
      CO_TRY_OK(co_await recover_segment(segments[index]));
      CO_TRY_OK(co_await sync_one(segments[index], true));
      segments[index]->indexes_synced = true;
    }
  }
  segments.back()->indexes_synced = false;
  if (unflushed < segments.size()) {
    CO_TRY_OK(co_await recover_from(unflushed));
  }
  co_return Result<void>{};
}

// The offset behind the last batch. `intact` becomes false when the active segment does not end
// with a whole batch, which after a clean stop means that something else cut it.
env::Task<Result<Offset>> PartitionLog::Store::find_log_end(bool& intact) {
  const SegmentPtr last = segments.back();
  CO_TRY_OK(co_await trim_padding(last));
  std::uint64_t from = 0;
  if (last->offset_entries > 0) {
    CO_TRY(const auto index, co_await file_of(last, FileKind::offset_index));
    CO_TRY(const SharedBytes entry,
           co_await index->read_at((last->offset_entries - 1) * k_offset_entry_size,
                                   k_offset_entry_size));
    if (entry.size() == k_offset_entry_size) {
      from = offset_entry_at(entry.view(), 0, last->base).position;
    }
  }
  Offset end = last->base;
  if (last->size == 0) co_return end;
  CO_TRY(const auto file, co_await file_of(last, FileKind::log));
  FrontScan scan(file, from, last->size);
  while (true) {
    CO_TRY(const std::optional<FoundBatch> found, co_await scan.next());
    if (!found) break;
    end = found->facts.last_offset.next();
  }
  intact = scan.position() == last->size;
  co_return end;
}

// Kafka gives the indexes of its active segment their full size, filled with zeros; where it did
// not stop cleanly they still have it.
env::Task<Result<void>> PartitionLog::Store::trim_padding(SegmentPtr segment) {
  for (const FileKind kind : {FileKind::offset_index, FileKind::time_index}) {
    const bool by_offset = kind == FileKind::offset_index;
    const std::size_t entry_size = by_offset ? k_offset_entry_size : k_time_entry_size;
    std::uint64_t& count = by_offset ? segment->offset_entries : segment->time_entries;
    if (count == 0) continue;
    CO_TRY(const auto file, co_await file_of(segment, kind));
    std::uint64_t low = 0;
    std::uint64_t high = count;
    std::uint64_t probe = count - 1;  // usually tells that there is no padding
    while (low < high) {
      CO_TRY(const SharedBytes slot, co_await file->read_at(probe * entry_size, entry_size));
      const bool padding = slot.size() < entry_size || (by_offset ? is_offset_padding(slot.view())
                                                                  : is_time_padding(slot.view()));
      if (padding) {
        high = probe;
      } else {
        low = probe + 1;
      }
      probe = low + (high - low) / 2;
    }
    if (low == count) continue;
    count = low;
    CO_TRY_OK(co_await file->truncate(count * entry_size));
  }
  co_return Result<void>{};
}

env::Task<Result<void>> PartitionLog::Store::settle_epochs() {
  const bool cut_end = epochs.truncate_from(log_end);
  const bool cut_start = epochs.drop_before(where.log_start_offset);
  if (cut_end || cut_start) co_return co_await write_epochs();
  co_return Result<void>{};
}

}  // namespace moldau::log
