#include <algorithm>

#include "log/checkpoint_files.h"
#include "log/producer_snapshot.h"
#include "log/store.h"

namespace moldau::log {
namespace {

constexpr std::size_t k_snapshot_size_max = 1 << 30;
constexpr std::size_t k_replay_chunk = 1 << 20;

}  // namespace

// Kafka takes a snapshot only where the log has moved on since the last.
env::Task<Result<void>> PartitionLog::Store::take_snapshot(bool sync) {
  const Offset end = producers.end_offset();
  if (end <= last_snapshot_) co_return Result<void>{};
  const std::string path = path_of(file_name(end, FileKind::snapshot));
  CO_TRY(const auto file, co_await files.disk().open(path, env::OpenMode::create));
  SharedBytes bytes = SharedBytes::take(write_producer_snapshot(producers.entries()));
  const std::uint64_t size = bytes.size();
  CO_TRY_OK(co_await file->truncate(0));
  CO_TRY_OK(co_await file->write_at(0, {std::move(bytes)}));
  if (sync) {
    CO_TRY_OK(co_await file->sync());
  }
  ++names_changed_;
  last_snapshot_ = end;
  const auto place = std::ranges::lower_bound(snapshots_, end, {}, &FoundSnapshot::end);
  if (place != snapshots_.end() && place->end == end) {
    place->size = size;
  } else {
    snapshots_.insert(place, {end, size});
  }
  co_return Result<void>{};
}

env::Task<Result<void>> PartitionLog::Store::remove_snapshot(Offset end) {
  std::erase_if(snapshots_, [end](const FoundSnapshot& one) { return one.end == end; });
  const Result<void> removed =
      co_await files.disk().remove(path_of(file_name(end, FileKind::snapshot)));
  if (!removed && removed.error().code() != Errc::not_found) co_return removed;
  ++names_changed_;
  co_return Result<void>{};
}

env::Task<Result<void>> PartitionLog::Store::remove_stray_snapshots() {
  std::vector<Offset> bases;
  bases.reserve(segments.size());
  for (const SegmentPtr& segment : segments) bases.push_back(segment->base);
  for (const Offset stray : stray_snapshots(snapshots_, bases)) {
    CO_TRY_OK(co_await remove_snapshot(stray));
  }
  co_return Result<void>{};
}

// Producer state as of `end`, from the latest snapshot and the batches behind it.
// Source: UnifiedLog.rebuildProducerState.
env::Task<Result<void>> PartitionLog::Store::rebuild_producers(Offset end, bool clean) {
  if (snapshots_.empty() && clean) {
    // A log of a broker that wrote no snapshots, or none was needed: empty ones at the starts of
    // the last two segments spare the next start, or a truncation, a scan.
    std::vector<Offset> at;
    if (segments.size() > 1) at.push_back(segments[segments.size() - 2]->base);
    at.push_back(active().base);
    at.push_back(end);
    for (const Offset offset : at) {
      producers.set_end_offset(offset);
      CO_TRY_OK(co_await take_snapshot(true));
    }
    co_return Result<void>{};
  }
  const bool was_empty = producers.empty() && producers.end_offset() >= end;
  CO_TRY_OK(co_await reload_producers(log_start, end));
  if (end > producers.end_offset() && !was_empty) {
    const Offset from = producers.end_offset();
    for (std::size_t i = segment_index(from); i < segments.size(); ++i) {
      const SegmentPtr segment = segments[i];
      if (segment->base >= end) break;
      producers.set_end_offset(std::max({segment->base, producers.end_offset(), log_start}));
      if (i + 2 >= segments.size()) {
        CO_TRY_OK(co_await take_snapshot(true));
      }
      CO_TRY_OK(co_await replay_producers(segment, end));
    }
  }
  producers.set_end_offset(end);
  co_return co_await take_snapshot(true);
}

// Source: ProducerStateManager.truncateAndReload.
env::Task<Result<void>> PartitionLog::Store::reload_producers(Offset start, Offset end) {
  const std::vector<FoundSnapshot> all = snapshots_;
  for (const FoundSnapshot& snapshot : all) {
    if (snapshot.end > end || snapshot.end <= start) {
      CO_TRY_OK(co_await remove_snapshot(snapshot.end));
    }
  }
  if (end != producers.end_offset()) {
    producers.reset(Offset{0});
    co_return co_await load_latest_snapshot(start);
  }
  producers.on_log_start_offset(start);
  last_snapshot_ = snapshots_.empty() ? start : snapshots_.back().end;
  co_return Result<void>{};
}

env::Task<Result<void>> PartitionLog::Store::load_latest_snapshot(Offset start) {
  while (!snapshots_.empty()) {
    const FoundSnapshot latest = snapshots_.back();
    std::vector<ProducerEntry> entries;
    if (latest.size != k_empty_snapshot_size) {
      CO_TRY(
          const SharedBytes bytes,
          co_await env::read_file(files.disk(), path_of(file_name(latest.end, FileKind::snapshot)),
                                  k_snapshot_size_max));
      auto parsed = parse_producer_snapshot(bytes.view());
      if (!parsed) {
        CO_TRY_OK(co_await remove_snapshot(latest.end));
        continue;
      }
      entries = *std::move(parsed);
    }
    std::erase_if(entries, [this](const ProducerEntry& entry) {
      return ProducerState::expired(entry, env.clock.wall(), config->producer_id_expiration);
    });
    producers.restore(entries, latest.end);
    last_snapshot_ = latest.end;
    co_return Result<void>{};
  }
  producers.set_end_offset(start);
  last_snapshot_ = start;
  co_return Result<void>{};
}

// Takes over the producers of the segment's batches from where the state ends up to `end`.
env::Task<Result<void>> PartitionLog::Store::replay_producers(SegmentPtr segment, Offset end) {
  CO_TRY(const auto first, co_await find_batch(segment, producers.end_offset(), segment->size));
  if (!first) co_return Result<void>{};
  CO_TRY(const auto file, co_await file_of(segment, FileKind::log));
  std::uint64_t position = first->position;
  std::size_t chunk_size = k_replay_chunk;
  while (position < segment->size) {
    const auto size =
        static_cast<std::size_t>(std::min<std::uint64_t>(chunk_size, segment->size - position));
    CO_TRY(const SharedBytes chunk, co_await file->read_at(position, size));
    record::BatchesView batches(chunk.view());
    while (true) {
      CO_TRY(const std::optional<record::BatchView> batch, batches.next());
      if (!batch) break;
      if (batch->last_offset() >= end) co_return Result<void>{};
      replay_batch(*batch);
    }
    position += batches.consumed();
    if (batches.consumed() == 0) {
      if (size < chunk_size) break;  // a torn tail
      chunk_size *= 2;
    }
  }
  co_return Result<void>{};
}

// The log has it, so nothing is refused: a copy's origin, and what does not parse says nothing.
void PartitionLog::Store::replay_batch(const record::BatchView& batch) {
  if (batch.is_legacy()) return;
  const auto facts = producer_batch(batch);
  if (facts && *facts && producers.check({&**facts, 1}, AppendOrigin::replication, checked_)) {
    producers.apply(checked_);
  }
  producers.set_end_offset(batch.next_offset());
}

env::Task<Result<void>> PartitionLog::Store::write_epochs() {
  co_return co_await env::replace_file(
      files.disk(), path_of(k_leader_epoch_checkpoint),
      SharedBytes::copy_of(as_bytes(write_epoch_checkpoint(epochs.entries()))));
}

}  // namespace moldau::log
