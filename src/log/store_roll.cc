#include <algorithm>

#include "log/store.h"

namespace moldau::log {

RollState PartitionLog::Store::roll_state() const {
  const Segment& segment = *segments.back();
  return {.base = segment.base,
          .size = segment.size,
          .offset_entries = segment.offset_entries,
          .time_entries = segment.time_entries,
          .first_timestamp = first_timestamp_,
          .created = created_,
          .jitter = jitter_};
}

// What appends and rolls need to know of a segment that was there before: the timestamp of its
// first batch and the end of its time index. Not read at start, most logs stay idle.
env::Task<Result<void>> PartitionLog::Store::load_active() {
  if (active_loaded_) co_return Result<void>{};
  const SegmentPtr segment = segments.back();
  const auto last = co_await last_time_entry(segment);
  if (!last) co_return go_offline(last.error());
  first_timestamp_ = k_no_timestamp;
  if (segment->size > 0) {
    const auto file = co_await file_of(segment, FileKind::log);
    if (!file) co_return go_offline(file.error());
    FrontScan scan(*file, 0, segment->size);
    const auto first = co_await scan.next();
    if (!first) co_return go_offline(first.error());
    if (*first) first_timestamp_ = (*first)->facts.max_timestamp;
  }
  indexer_ = SegmentIndexer(config->index_interval_bytes, *last, last->timestamp);
  const std::int64_t jitter_max = std::min(config->segment_jitter, config->segment_time).count();
  jitter_ = Milliseconds{0};
  if (jitter_max > 0) {
    const auto draw = env.entropy.next() % static_cast<std::uint64_t>(jitter_max);
    jitter_ = Milliseconds{static_cast<std::int64_t>(draw)};
  }
  active_loaded_ = true;
  co_return Result<void>{};
}

env::Task<Result<void>> PartitionLog::Store::add_segment(Offset base) {
  auto segment = std::make_shared<Segment>(base);
  segment->indexes_synced = false;
  for (const FileKind kind : {FileKind::log, FileKind::offset_index, FileKind::time_index}) {
    CO_TRY(const auto file,
           co_await files.disk().open(path_of(*segment, kind), env::OpenMode::create));
    CO_TRY(const std::uint64_t size, file->size());
    if (size > 0) {
      CO_TRY_OK(co_await file->truncate(0));
    }
  }
  ++names_changed_;
  segments.push_back(std::move(segment));
  offset_tail_.reset(0);
  time_tail_.reset(0);
  active_loaded_ = false;
  created_ = env.clock.wall();
  reserved_ = 0;
  co_return Result<void>{};
}

env::Task<Result<void>> PartitionLog::Store::write_index_tail(bool offset_index) {
  const SegmentPtr segment = segments.back();
  IndexTail& tail = offset_index ? offset_tail_ : time_tail_;
  const std::size_t entry_size = offset_index ? k_offset_entry_size : k_time_entry_size;
  const std::uint64_t entries = offset_index ? segment->offset_entries : segment->time_entries;
  if (tail.written == entries) co_return Result<void>{};
  const auto skip = static_cast<std::size_t>(tail.written - tail.first) * entry_size;
  CO_TRY(const auto file,
         co_await file_of(segment, offset_index ? FileKind::offset_index : FileKind::time_index));
  CO_TRY_OK(co_await file->write_at(tail.written * entry_size,
                                    {SharedBytes::copy_of(Bytes{tail.bytes}.subspan(skip))}));
  tail.written = entries;
  if (entries - tail.first > k_tail_entries_max) {
    const std::uint64_t dropped = entries - tail.first - k_tail_entries_max / 2;
    tail.bytes.erase(tail.bytes.begin(),
                     tail.bytes.begin() + static_cast<std::ptrdiff_t>(dropped * entry_size));
    tail.first += dropped;
  }
  co_return Result<void>{};
}

// Ends the active segment's files as Kafka does when it becomes inactive or closes: the last time
// entry, no padding, no room ahead.
env::Task<Result<void>> PartitionLog::Store::seal_active() {
  const SegmentPtr segment = segments.back();
  if (active_loaded_) {
    if (const auto last = indexer_.finish()) {
      append_time_entry(time_tail_.bytes, segment->base, *last);
      ++segment->time_entries;
    }
    segment->max = indexer_.max();
  }
  CO_TRY_OK(co_await write_index_tail(true));
  CO_TRY_OK(co_await write_index_tail(false));
  if (reserved_ > segment->size) {
    CO_TRY(const auto log, co_await file_of(segment, FileKind::log));
    CO_TRY_OK(co_await log->truncate(segment->size));
    reserved_ = segment->size;
  }
  co_return Result<void>{};
}

env::Task<Result<void>> PartitionLog::Store::roll_to(Offset base) {
  CO_TRY_OK(co_await load_active());
  const SegmentPtr old = segments.back();
  if (old->base == base) {
    // Only an empty segment can begin where the next one would: one of its indexes has no room.
    const Removing removing(removing_);
    CO_TRY_OK(co_await remove_segment_files(old));
    segments.pop_back();
    co_return co_await add_segment(base);
  }
  CO_TRY_OK(co_await seal_active());
  const std::vector<SegmentPtr> rolled = unsynced_segments();
  CO_TRY_OK(co_await add_segment(base));
  CO_TRY_OK(co_await load_active());
  producers.set_end_offset(base);
  const Offset before = last_snapshot_;
  CO_TRY_OK(co_await take_snapshot(false));
  const bool taken = last_snapshot_ != before;
  background_.spawn(flush_rolled(
      rolled, base, taken ? path_of(file_name(base, FileKind::snapshot)) : std::string{}));
  co_return Result<void>{};
}

env::Task<Result<void>> PartitionLog::Store::roll() {
  const env::Turns::Turn turn = co_await turns_.next();
  CO_TRY_OK(usable());
  if (active().size == 0) co_return Result<void>{};
  if (const auto rolled = co_await roll_to(log_end); !rolled) co_return go_offline(rolled.error());
  co_return Result<void>{};
}

std::vector<SegmentPtr> PartitionLog::Store::unsynced_segments() const {
  auto first = static_cast<std::ptrdiff_t>(segment_index(recovery_point));
  while (first > 0 && !segments[static_cast<std::size_t>(first) - 1]->indexes_synced) --first;
  return {segments.begin() + first, segments.end()};
}

env::Task<Result<void>> PartitionLog::Store::sync_one(SegmentPtr segment, bool with_indexes) {
  CO_TRY(const auto log, co_await file_of(segment, FileKind::log));
  CO_TRY_OK(co_await log->sync());
  if (!with_indexes) co_return Result<void>{};
  for (const FileKind kind : {FileKind::offset_index, FileKind::time_index, FileKind::txn_index}) {
    if (kind == FileKind::txn_index && !segment->txn_index_size) continue;
    CO_TRY(const auto file, co_await file_of(segment, kind));
    CO_TRY_OK(co_await file->sync());
  }
  co_return Result<void>{};
}

// Indexes of the active segment need no sync: the recovery point lies in that segment, or at its
// end, so the next start after a crash makes them anew.
env::Task<Result<void>> PartitionLog::Store::sync_segments(std::vector<SegmentPtr> dirty,
                                                           Offset end, std::uint64_t generation) {
  for (std::size_t i = 0; i < dirty.size(); ++i) {
    const bool was_active = dirty[i] == segments.back();
    const auto synced = co_await sync_one(dirty[i], !was_active);
    // A file that a truncation took away needs no sync; but a sync that failed is never forgotten.
    const bool truncated = generation != generation_;
    if (!synced && !(truncated && synced.error().code() == Errc::not_found)) {
      co_return go_offline(synced.error());
    }
    if (truncated) co_return Result<void>{};
    if (!was_active) dirty[i]->indexes_synced = true;
    // Another sync of these bytes failed meanwhile: this one's success says nothing about them.
    if (offline) co_return fail(*offline);
    if (was_active && dirty[i] != segments.back()) --i;  // rolled meanwhile: its indexes count now
  }
  CO_TRY_OK(co_await sync_names());
  if (generation == generation_) recovery_point = std::max(recovery_point, end);
  co_return Result<void>{};
}

env::Task<Result<void>> PartitionLog::Store::sync_names() {
  const std::uint64_t changes = names_changed_;
  if (names_synced_ >= changes) co_return Result<void>{};
  const auto synced = co_await files.disk().sync_directory(where.path);
  if (!synced) co_return go_offline(synced.error());
  names_synced_ = std::max(names_synced_, changes);
  co_return Result<void>{};
}

// Waits for a removal that is under way, since its files are half gone. When segments went
// meanwhile, what is left may not be synced yet: once more.
env::Task<Result<void>> PartitionLog::Store::flush() {
  while (true) {
    CO_TRY_OK(usable());
    if (removing_ > 0) {
      (void)co_await turns_.next();
      continue;
    }
    unflushed_ = 0;
    if (recovery_point == log_end && names_synced_ == names_changed_) co_return Result<void>{};
    const std::uint64_t generation = generation_;
    CO_TRY_OK(co_await sync_segments(unsynced_segments(), log_end, generation));
    if (generation == generation_) co_return Result<void>{};
  }
}

env::Task<void> PartitionLog::Store::flush_rolled(std::vector<SegmentPtr> rolled, Offset end,
                                                  std::string snapshot) {
  const std::uint64_t generation = generation_;
  if (!snapshot.empty()) {
    const auto file = co_await files.disk().open(snapshot, env::OpenMode::read);
    if (file) {
      const auto synced = co_await (*file)->sync();
      if (!synced && generation == generation_) (void)go_offline(synced.error());
    } else if (file.error().code() != Errc::not_found) {
      (void)go_offline(file.error());
    }
  }
  if (!offline) (void)co_await sync_segments(std::move(rolled), end, generation);
}

env::Task<Result<void>> PartitionLog::Store::close() {
  const env::Turns::Turn turn = co_await turns_.next();
  co_await background_.join();
  if (closed_) co_return Result<void>{};
  if (offline) {
    closed_ = true;
    co_return fail(*offline);
  }
  const bool touched = recovery_point != log_end || reserved_ > active().size ||
                       offset_tail_.written != active().offset_entries || active_loaded_;
  if (touched) {
    if (const auto sealed = co_await seal_active(); !sealed) co_return go_offline(sealed.error());
  }
  if (const auto taken = co_await take_snapshot(true); !taken) co_return go_offline(taken.error());
  if (touched || indexes_made_anew_ || names_synced_ != names_changed_) {
    std::vector<SegmentPtr> dirty = unsynced_segments();
    if (const auto synced = co_await sync_one(segments.back(), true); !synced) {
      co_return go_offline(synced.error());
    }
    CO_TRY_OK(co_await sync_segments(std::move(dirty), log_end, generation_));
  }
  closed_ = true;
  for (const SegmentPtr& segment : segments) {
    for (PooledFile* file :
         {&segment->log, &segment->offset_index, &segment->time_index, &segment->txn_index}) {
      file->close();
    }
  }
  co_return Result<void>{};
}

env::Task<Result<void>> PartitionLog::Store::remove(std::string unique) {
  const env::Turns::Turn turn = co_await turns_.next();
  co_await background_.join();
  closed_ = true;
  ++generation_;
  const std::string parent = env::parent_path(where.path);
  const std::string doomed = env::join_path(
      parent, folder_name(where.topic, where.partition, FolderKind::deleted, unique));
  for (const SegmentPtr& segment : segments) {
    for (PooledFile* file :
         {&segment->log, &segment->offset_index, &segment->time_index, &segment->txn_index}) {
      file->close();
    }
  }
  const auto renamed = co_await files.disk().rename(where.path, doomed);
  if (!renamed) co_return go_offline(renamed.error());
  const auto synced = co_await files.disk().sync_directory(parent);
  if (!synced) co_return go_offline(synced.error());
  const auto removed = co_await env::remove_tree(files.disk(), doomed);
  if (!removed) co_return go_offline(removed.error());
  co_return Result<void>{};
}

}  // namespace moldau::log
