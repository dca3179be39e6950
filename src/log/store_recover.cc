#include <algorithm>

#include "log/store.h"
#include "record/validate.h"

namespace moldau::log {
namespace {

constexpr std::size_t k_recover_chunk = 1 << 20;

}  // namespace

// Checks every batch from segment `first` on, cuts the log behind the last good one, and makes
// indexes, epochs and producer state anew. Source: LogLoader.recoverLog, recoverSegment.
// Writing the epochs also syncs the folder: the names of files that a life made which died before
// it synced them are durable when this is done. Where we differ: a power cut may take the tail of a
// segment at the end of a batch and leave the next segment. Kafka goes on then, with offsets
// missing between; we cut there.
env::Task<Result<void>> PartitionLog::Store::recover_from(std::size_t first) {
  CO_TRY_OK(co_await rebuild_producers(segments[first]->base, false));
  for (std::size_t i = first; i < segments.size(); ++i) {
    CO_TRY(const bool cut, co_await recover_segment(segments[i]));
    CO_TRY_OK(co_await take_snapshot(true));
    const bool gap = i + 1 < segments.size() && !config->compacted &&
                     segments[i + 1]->base != producers.end_offset();
    if (!cut && !gap) continue;
    if (gap) {
      CO_TRY_OK(note_cut(*segments[i], segments[i]->size, producers.end_offset()));
    }
    while (segments.size() > i + 1) {
      recovered.cut->bytes += segments.back()->size;
      ++recovered.cut->segments;
      CO_TRY_OK(co_await remove_snapshot(segments.back()->base));
      CO_TRY_OK(co_await remove_segment_files(segments.back()));
      segments.pop_back();
    }
  }
  // The log may end here because a process died while it cut records off. Unless that is durable
  // now, a later power cut could bring them back, in the place of what will be appended.
  CO_TRY(const auto last, co_await file_of(segments.back(), FileKind::log));
  CO_TRY_OK(co_await last->sync());
  log_end = producers.end_offset();
  producers.expire(env.clock.wall(), config->producer_id_expiration);
  co_return co_await write_epochs();
}

// The log is about to end here, which it must not below what was durable.
Result<void> PartitionLog::Store::note_cut(const Segment& segment, std::uint64_t position,
                                           Offset end) {
  const std::string file = path_of(segment, FileKind::log);
  if (end < where.keep_below) return fail(damage_of_durable(file, position, end));
  if (!recovered.cut) recovered.cut = {.file = file, .position = position, .end = end};
  recovered.cut->bytes += segment.size - position;
  return {};
}

// Returns whether bytes were cut off.
env::Task<Result<bool>> PartitionLog::Store::recover_segment(SegmentPtr segment) {
  Rebuilt rebuilt;
  rebuilt.end = segment->base;
  CO_TRY_OK(co_await scan_segment(segment, rebuilt));
  const bool cut = rebuilt.valid_size < segment->size;
  if (cut) {
    CO_TRY_OK(note_cut(*segment, rebuilt.valid_size, rebuilt.end));
    CO_TRY(const auto log, co_await file_of(segment, FileKind::log));
    CO_TRY_OK(co_await log->truncate(rebuilt.valid_size));
    // Else the next power cut could bring back what was cut off, behind other records.
    CO_TRY_OK(co_await log->sync());
  }
  segment->size = rebuilt.valid_size;
  segment->indexes_synced = false;
  indexes_made_anew_ = true;
  segment->offset_entries = rebuilt.offset_index.size() / k_offset_entry_size;
  segment->time_entries = rebuilt.time_index.size() / k_time_entry_size;
  segment->max = rebuilt.max;
  const bool has_txn_index = segment->txn_index_size || !rebuilt.txn_index.empty();
  if (has_txn_index) segment->txn_index_size = rebuilt.txn_index.size();
  struct Rewrite {
    FileKind kind;
    std::vector<std::byte>& bytes;
  };
  for (Rewrite index : {Rewrite{FileKind::offset_index, rebuilt.offset_index},
                        Rewrite{FileKind::time_index, rebuilt.time_index},
                        Rewrite{FileKind::txn_index, rebuilt.txn_index}}) {
    if (index.kind == FileKind::txn_index && !has_txn_index) continue;
    CO_TRY(const auto file, co_await file_of(segment, index.kind));
    CO_TRY_OK(co_await file->truncate(0));
    if (index.bytes.empty()) continue;
    CO_TRY_OK(co_await file->write_at(0, {SharedBytes::take(std::move(index.bytes))}));
  }
  producers.set_end_offset(rebuilt.end);
  ++generation_;
  forget_positions();
  co_return cut;
}

env::Task<Result<void>> PartitionLog::Store::scan_segment(SegmentPtr segment, Rebuilt& rebuilt) {
  SegmentIndexer indexer(config->index_interval_bytes, {k_no_timestamp, segment->base},
                         k_no_timestamp);
  CO_TRY(const auto file, co_await file_of(segment, FileKind::log));
  std::size_t chunk_size = k_recover_chunk;
  bool good = true;
  while (good && rebuilt.valid_size < segment->size) {
    const auto size = static_cast<std::size_t>(
        std::min<std::uint64_t>(chunk_size, segment->size - rebuilt.valid_size));
    CO_TRY(const SharedBytes chunk, co_await file->read_at(rebuilt.valid_size, size));
    record::BatchesView batches(chunk.view());
    const std::uint64_t before = rebuilt.valid_size;
    while (good) {
      const auto batch = batches.next();
      good = batch.has_value();
      if (!good || !*batch) break;
      good = take_batch(**batch, *segment, indexer, rebuilt);
    }
    if (rebuilt.valid_size != before) continue;
    if (size < chunk_size || chunk.size() < size) break;  // the rest is no whole batch
    chunk_size *= 2;
  }
  if (const auto last = indexer.finish()) {
    append_time_entry(rebuilt.time_index, segment->base, *last);
  }
  rebuilt.max = indexer.max();
  co_return Result<void>{};
}

// Returns whether the batch is good; it is taken over then.
bool PartitionLog::Store::take_batch(const record::BatchView& batch, const Segment& segment,
                                     SegmentIndexer& indexer, Rebuilt& rebuilt) {
  const auto facts = batch_facts(batch.bytes());
  if (!facts || !record::check_intact(batch)) return false;
  if (facts->base_offset < rebuilt.end || !fits_segment(segment.base, facts->last_offset)) {
    return false;
  }
  // The base offset is outside the CRC; without compaction there is only one right one.
  if (!config->compacted && facts->base_offset != rebuilt.end) return false;
  if (!batch.is_legacy() && !take_producer(batch, rebuilt)) return false;
  const auto entries = indexer.add(*facts, rebuilt.valid_size);
  if (entries.offset) append_offset_entry(rebuilt.offset_index, segment.base, *entries.offset);
  if (entries.time) append_time_entry(rebuilt.time_index, segment.base, *entries.time);
  rebuilt.valid_size += facts->size;
  rebuilt.end = facts->last_offset.next();
  return true;
}

bool PartitionLog::Store::take_producer(const record::BatchView& batch, Rebuilt& rebuilt) {
  const auto latest = epochs.latest();
  if (batch.leader_epoch() >= LeaderEpoch{0} && (!latest || batch.leader_epoch() > latest->epoch)) {
    (void)epochs.assign(batch.leader_epoch(), batch.base_offset());
  }
  const auto facts = producer_batch(batch);
  if (!facts) return false;
  if (*facts && producers.check({&**facts, 1}, AppendOrigin::replication, checked_)) {
    producers.apply(checked_);
    for (const CompletedTxn& txn : checked_.completed) {
      if (!txn.aborted) continue;
      append_aborted_entry(rebuilt.txn_index, {.producer_id = txn.producer_id,
                                               .first_offset = txn.first_offset,
                                               .last_offset = txn.last_offset,
                                               .last_stable_offset = txn.last_stable_offset});
    }
  }
  producers.set_end_offset(batch.next_offset());
  return true;
}

}  // namespace moldau::log
