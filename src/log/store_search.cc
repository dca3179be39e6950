#include <algorithm>

#include "base/limits.h"
#include "log/store.h"
#include "record/records.h"

namespace moldau::log {
namespace {

// The first record of the batch that `wanted` accepts, in the batch's order.
template <class Wanted>
Result<std::optional<TimestampOffset>> first_record(const record::BatchView& batch,
                                                    const BatchFacts& facts, Wanted wanted) {
  TRY(const record::Records records,
      record::Records::read(batch, k_decompressed_batch_bytes_max.value));
  for (const record::RecordView& one : records) {
    if (!wanted(one)) continue;
    return std::optional(TimestampOffset{one.timestamp, one.offset, facts.leader_epoch});
  }
  return std::optional<TimestampOffset>{};
}

}  // namespace

env::Task<Result<std::vector<AbortedTxn>>> PartitionLog::Store::aborted_transactions(Offset from,
                                                                                     Offset end) {
  std::vector<AbortedTxn> aborted;
  CO_TRY_OK(usable());
  const std::vector<SegmentPtr> searched(
      segments.begin() + static_cast<std::ptrdiff_t>(segment_index(from)), segments.end());
  for (const SegmentPtr& segment : searched) {
    const std::uint64_t size = segment->txn_index_size.value_or(0);
    if (size == 0) continue;
    CO_TRY(const auto file, co_await file_of(segment, FileKind::txn_index));
    CO_TRY(const SharedBytes bytes, co_await file->read_at(0, static_cast<std::size_t>(size)));
    CO_TRY(const std::vector<AbortedEntry> entries, parse_aborted_entries(bytes.view()));
    for (const AbortedEntry& entry : entries) {
      if (entry.last_offset >= from && entry.first_offset < end) aborted.push_back(entry);
      // Transactions that end later began at or above this offset.
      if (entry.last_stable_offset >= end) co_return aborted;
    }
  }
  co_return aborted;
}

env::Task<Result<std::vector<AbortedTxn>>> PartitionLog::Store::aborted_transactions_of(
    Offset from, ReadRange read) {
  CO_TRY_OK(usable());
  const auto first = segments.begin() + static_cast<std::ptrdiff_t>(segment_index(from));
  const bool none = std::all_of(first, segments.end(), [](const SegmentPtr& segment) {
    return segment->txn_index_size.value_or(0) == 0;
  });
  const SegmentPtr segment = segments[segment_index(read.segment_base)];
  // A truncation since the reading took the segment away, and with it what was read.
  if (none || segment->base != read.segment_base) co_return std::vector<AbortedTxn>{};
  CO_TRY(const Offset end, co_await upper_offset(segment, read.range.position + read.range.size));
  co_return co_await aborted_transactions(from, end);
}

// Walks batches from `position` on; asks `batch_matters` by their fronts, then `wanted` of the
// records of those.
env::Task<Result<std::optional<TimestampOffset>>> PartitionLog::Store::search_records(
    SegmentPtr segment, std::uint64_t position, std::uint64_t size,
    std::function<bool(const BatchFacts&)> batch_matters,
    std::function<bool(Timestamp, Offset)> wanted) {
  CO_TRY(const auto file, co_await file_of(segment, FileKind::log));
  FrontScan scan(file, position, size);
  while (true) {
    CO_TRY(const std::optional<FoundBatch> found, co_await scan.next());
    if (!found) co_return std::optional<TimestampOffset>{};
    if (!batch_matters(found->facts)) continue;
    CO_TRY(const SharedBytes bytes, co_await file->read_at(found->position, found->facts.size));
    CO_TRY(const record::BatchView batch, record::BatchView::read(bytes.view()));
    CO_TRY(const auto hit, first_record(batch, found->facts, [&](const record::RecordView& one) {
             return wanted(one.timestamp, one.offset);
           }));
    if (hit) co_return hit;
  }
}

env::Task<Result<std::optional<TimestampOffset>>> PartitionLog::Store::offset_for_timestamp(
    Timestamp asked) {
  CO_TRY_OK(usable());
  const Offset start = log_start;
  const std::vector<SegmentPtr> all = segments;
  for (const SegmentPtr& segment : all) {
    const std::uint64_t size = segment->size;
    CO_TRY(const TimeEntry max, co_await max_of(segment));
    if (max.timestamp < asked) continue;
    CO_TRY(const TimeEntry floor, co_await floor_time(segment, asked));
    CO_TRY(const std::uint64_t position,
           co_await floor_position(segment, std::max(floor.offset, start)));
    co_return co_await search_records(
        segment, position, size,
        [=](const BatchFacts& batch) {
          return batch.max_timestamp >= asked && batch.last_offset >= start;
        },
        [=](Timestamp timestamp, Offset offset) { return timestamp >= asked && offset >= start; });
  }
  co_return std::optional<TimestampOffset>{};
}

env::Task<Result<std::optional<TimestampOffset>>> PartitionLog::Store::offset_of_max_timestamp() {
  CO_TRY_OK(usable());
  const std::vector<SegmentPtr> all = segments;
  SegmentPtr newest;
  TimeEntry greatest;
  std::uint64_t size = 0;
  for (const SegmentPtr& segment : all) {
    const std::uint64_t segment_size = segment->size;
    if (segment_size == 0) continue;
    CO_TRY(const TimeEntry max, co_await max_of(segment));
    if (newest != nullptr && max.timestamp <= greatest.timestamp) continue;
    newest = segment;
    greatest = max;
    size = segment_size;
  }
  if (newest == nullptr) co_return std::optional<TimestampOffset>{};
  CO_TRY(const std::uint64_t position, co_await floor_position(newest, greatest.offset));
  co_return co_await search_records(
      newest, position, size,
      [=](const BatchFacts& batch) { return batch.max_timestamp == greatest.timestamp; },
      [=](Timestamp timestamp, Offset) { return timestamp == greatest.timestamp; });
}

}  // namespace moldau::log
