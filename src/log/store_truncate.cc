#include <algorithm>

#include "log/store.h"

namespace moldau::log {

void PartitionLog::Store::forget_positions() {
  boundaries_ = {};
  boundaries_.fill({.offset = k_no_offset, .segment_base = k_no_offset, .position = 0});
  page_ = {};
}

env::Task<Result<void>> PartitionLog::Store::truncate_to(Offset end) {
  const env::Turns::Turn turn = co_await turns_.next();
  CO_TRY_OK(usable());
  Result<void> done = co_await truncate_in_turn(end);
  if (!done) co_return go_offline(done.error());
  co_return done;
}

env::Task<Result<void>> PartitionLog::Store::truncate_in_turn(Offset end) {
  if (end >= log_end) {
    // A leader that wrote nothing may have left an epoch that begins at the log end.
    if (epochs.truncate_from(log_end)) co_return co_await write_epochs();
    co_return Result<void>{};
  }
  if (end < segments.front()->base) co_return co_await restart_at(end);
  // Who finds positions while files shrink begins anew at the end of it. The ends move first: a
  // flush that begins meanwhile must not vouch for what goes.
  const Removing removing(removing_);
  ++generation_;
  log_end = end;
  recovery_point = std::min(recovery_point, end);
  while (segments.back()->base > end) {
    CO_TRY_OK(co_await remove_snapshot(segments.back()->base));
    const SegmentPtr doomed = segments.back();
    segments.pop_back();
    CO_TRY_OK(co_await remove_segment_files(doomed));
    offset_tail_.reset(active().offset_entries);
    time_tail_.reset(active().time_entries);
  }
  forget_positions();
  // Later segments are gone for good before this one gets shorter: a power cut leaves no gap.
  CO_TRY_OK(co_await sync_names());
  CO_TRY_OK(co_await cut_segment(segments.back(), end));
  log_start = std::min(log_start, end);
  if (epochs.truncate_from(end)) {
    CO_TRY_OK(co_await write_epochs());
  }
  CO_TRY_OK(co_await rebuild_producers(end, false));
  ++generation_;
  forget_positions();
  co_return Result<void>{};
}

// Source: LogSegment.truncateTo.
env::Task<Result<void>> PartitionLog::Store::cut_segment(SegmentPtr segment, Offset end) {
  CO_TRY_OK(co_await write_index_tail(true));
  CO_TRY_OK(co_await write_index_tail(false));
  offset_tail_.reset(segment->offset_entries);
  time_tail_.reset(segment->time_entries);
  CO_TRY(const auto found, co_await find_batch(segment, end, segment->size));
  const std::uint64_t size = found ? found->position : segment->size;
  for (const FileKind kind : {FileKind::offset_index, FileKind::time_index}) {
    const bool by_offset = kind == FileKind::offset_index;
    const std::size_t entry_size = by_offset ? k_offset_entry_size : k_time_entry_size;
    std::uint64_t& count = by_offset ? segment->offset_entries : segment->time_entries;
    CO_TRY(const auto file, co_await file_of(segment, kind));
    CO_TRY(const SharedBytes entries,
           co_await file->read_at(0, static_cast<std::size_t>(count) * entry_size));
    count = by_offset ? offset_entries_below(entries.view(), segment->base, end)
                      : time_entries_below(entries.view(), segment->base, end);
    CO_TRY_OK(co_await file->truncate(count * entry_size));
  }
  if (segment->txn_index_size.value_or(0) > 0) {
    CO_TRY_OK(co_await cut_txn_index(segment, end));
  }
  CO_TRY(const auto log, co_await file_of(segment, FileKind::log));
  CO_TRY_OK(co_await log->truncate(size));
  // Else a power cut could bring back what was cut off, behind other records.
  CO_TRY_OK(co_await log->sync());
  segment->size = size;
  segment->indexes_synced = false;
  offset_tail_.reset(segment->offset_entries);
  time_tail_.reset(segment->time_entries);
  reserved_ = size;
  if (size == 0) created_ = env.clock.wall();
  co_return co_await reload_times(segment);
}

env::Task<Result<void>> PartitionLog::Store::cut_txn_index(SegmentPtr segment, Offset end) {
  CO_TRY(const auto file, co_await file_of(segment, FileKind::txn_index));
  CO_TRY(const SharedBytes bytes,
         co_await file->read_at(0, static_cast<std::size_t>(*segment->txn_index_size)));
  CO_TRY(const std::vector<AbortedEntry> entries, parse_aborted_entries(bytes.view()));
  const auto above = std::ranges::find_if(
      entries, [end](const AbortedEntry& entry) { return entry.last_offset >= end; });
  const auto size = static_cast<std::uint64_t>(above - entries.begin()) * k_aborted_entry_size;
  CO_TRY_OK(co_await file->truncate(size));
  segment->txn_index_size = size;
  co_return Result<void>{};
}

// The greatest timestamp that is left: that of the last time entry, or of a batch behind it.
env::Task<Result<void>> PartitionLog::Store::reload_times(SegmentPtr segment) {
  active_loaded_ = false;
  segment->max.reset();
  CO_TRY_OK(co_await load_active());
  CO_TRY(const TimeEntry last, co_await last_time_entry(segment));
  TimeEntry max = last;
  CO_TRY(const std::uint64_t position, co_await floor_position(segment, last.offset));
  CO_TRY(const auto file, co_await file_of(segment, FileKind::log));
  FrontScan scan(file, position, segment->size);
  while (true) {
    CO_TRY(const std::optional<FoundBatch> found, co_await scan.next());
    if (!found) break;
    if (found->facts.max_timestamp > max.timestamp) {
      max = {found->facts.max_timestamp, found->facts.last_offset};
    }
  }
  indexer_ = SegmentIndexer(config->index_interval_bytes, max, last.timestamp);
  co_return Result<void>{};
}

env::Task<Result<void>> PartitionLog::Store::truncate_fully_and_start_at(Offset start) {
  const env::Turns::Turn turn = co_await turns_.next();
  CO_TRY_OK(usable());
  if (const auto done = co_await restart_at(start); !done) co_return go_offline(done.error());
  co_return Result<void>{};
}

env::Task<Result<void>> PartitionLog::Store::restart_at(Offset start) {
  const Removing removing(removing_);
  ++generation_;
  while (!segments.empty()) {
    const SegmentPtr doomed = segments.back();
    CO_TRY_OK(co_await remove_segment_files(doomed));
    segments.pop_back();
  }
  CO_TRY_OK(co_await add_segment(start));
  const bool had_epochs = epochs.clear();
  const std::vector<FoundSnapshot> snapshots = snapshots_;
  for (const FoundSnapshot& snapshot : snapshots) {
    CO_TRY_OK(co_await remove_snapshot(snapshot.end));
  }
  producers.reset(start);
  last_snapshot_ = start;
  log_start = start;
  log_end = start;
  recovery_point = start;
  ++generation_;
  forget_positions();
  CO_TRY_OK(co_await sync_names());
  if (had_epochs) co_return co_await write_epochs();
  co_return Result<void>{};
}

env::Task<Result<void>> PartitionLog::Store::advance_log_start_offset(Offset start) {
  const env::Turns::Turn turn = co_await turns_.next();
  CO_TRY_OK(usable());
  if (start <= log_start) co_return Result<void>{};
  if (start > log_end) co_return fail(Errc::offset_out_of_range);
  log_start = start;
  producers.on_log_start_offset(start);
  if (epochs.drop_before(start)) {
    if (const auto written = co_await write_epochs(); !written) {
      co_return go_offline(written.error());
    }
  }
  co_return Result<void>{};
}

env::Task<Result<std::size_t>> PartitionLog::Store::delete_old_segments() {
  const env::Turns::Turn turn = co_await turns_.next();
  CO_TRY_OK(usable());
  std::size_t deleted = 0;
  const Removing removing(removing_);
  while (segments.size() > 1 && segments[1]->base <= log_start) {
    const SegmentPtr doomed = segments.front();
    segments.erase(segments.begin());
    ++deleted;
    ++generation_;
    auto removed = co_await remove_segment_files(doomed);
    if (removed) removed = co_await remove_snapshot(doomed->base);
    if (!removed) co_return go_offline(removed.error());
  }
  if (page_.segment_base < segments.front()->base) page_ = {};
  co_return deleted;
}

}  // namespace moldau::log
