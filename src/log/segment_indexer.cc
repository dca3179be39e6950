#include "log/segment_indexer.h"

#include <utility>

namespace moldau::log {

SegmentIndexer::Entries SegmentIndexer::add(const BatchFacts& batch, std::uint64_t position) {
  if (batch.max_timestamp > max_.timestamp) max_ = {batch.max_timestamp, batch.last_offset};
  Entries entries;
  if (std::cmp_greater(bytes_since_entry_, interval_bytes_)) {
    entries.offset = OffsetEntry{batch.last_offset, static_cast<std::uint32_t>(position)};
    entries.time = time_entry();
    bytes_since_entry_ = 0;
  }
  bytes_since_entry_ += batch.size;
  return entries;
}

std::optional<TimeEntry> SegmentIndexer::finish() { return time_entry(); }

std::optional<TimeEntry> SegmentIndexer::time_entry() {
  if (max_.timestamp <= last_entry_) return std::nullopt;
  last_entry_ = max_.timestamp;
  return max_;
}

}  // namespace moldau::log
