#pragma once
#include <cstdint>
#include <optional>

#include "log/batch_facts.h"
#include "log/index_format.h"

namespace moldau::log {

// Decides which batches of a segment get an entry in the offset and time index: after each
// index.interval.bytes, as Kafka does it, so that the files come out equal.
// Context: pure. Source: LogSegment.append, recover, onBecomeInactiveSegment.
class SegmentIndexer {
 public:
  // A segment with bytes in it goes on where `max` and the last time entry say; the distance to the
  // next entry counts from where it was opened, as Kafka's does.
  SegmentIndexer() = default;
  SegmentIndexer(std::int32_t interval_bytes, TimeEntry max, Timestamp last_entry)
      : interval_bytes_(interval_bytes), max_(max), last_entry_(last_entry) {}

  struct Entries {
    std::optional<OffsetEntry> offset;
    std::optional<TimeEntry> time;
  };
  // The batch stands at `position`. What it returns is to be appended to the indexes.
  [[nodiscard]] Entries add(const BatchFacts& batch, std::uint64_t position);
  // The entry that ends the time index of a segment that rolls or closes.
  [[nodiscard]] std::optional<TimeEntry> finish();

  // The greatest timestamp of the segment, and the last offset of the first batch that has it.
  [[nodiscard]] TimeEntry max() const { return max_; }
  void set_interval(std::int32_t bytes) { interval_bytes_ = bytes; }

 private:
  std::optional<TimeEntry> time_entry();
  std::int32_t interval_bytes_ = 4096;
  std::uint64_t bytes_since_entry_ = 0;
  TimeEntry max_;
  Timestamp last_entry_ = k_no_timestamp;  // of the time index
};

}  // namespace moldau::log
