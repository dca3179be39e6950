#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "bytes/shared_bytes.h"

namespace moldau::log {

// The entries of a segment's three indexes, and searching in a run of them. docs/format/indexes.md.
// Pure. Source: OffsetIndex, TimeIndex, TransactionIndex.
// Offset and time index hold offsets as 32 bits above the segment's base. A segment that Kafka had
// open has its indexes padded with zeros up to segment.index.bytes.

// .index, 8 bytes: the batch whose last offset is `offset` begins at `position` of the .log.
struct OffsetEntry {
  Offset offset;
  std::uint32_t position = 0;
  friend bool operator==(const OffsetEntry&, const OffsetEntry&) = default;
};
inline constexpr std::size_t k_offset_entry_size = 8;

// .timeindex, 12 bytes: up to `offset` no record of the segment is newer than `timestamp`.
struct TimeEntry {
  Timestamp timestamp = k_no_timestamp;
  Offset offset;
  friend bool operator==(const TimeEntry&, const TimeEntry&) = default;
};
inline constexpr std::size_t k_time_entry_size = 12;

// .txnindex, 34 bytes: an aborted transaction whose marker lies in the segment.
struct AbortedEntry {
  ProducerId producer_id;
  Offset first_offset;
  Offset last_offset;         // of the marker
  Offset last_stable_offset;  // when the marker was written
  friend bool operator==(const AbortedEntry&, const AbortedEntry&) = default;
};
inline constexpr std::size_t k_aborted_entry_size = 34;

// Whether `offset` can stand in an index of a segment that begins at `base`.
[[nodiscard]] bool fits_segment(Offset base, Offset offset);

// REQUIRES (all writers): fits_segment(base, entry.offset).
void append_offset_entry(std::vector<std::byte>& out, Offset base, const OffsetEntry& entry);
void append_time_entry(std::vector<std::byte>& out, Offset base, const TimeEntry& entry);
void append_aborted_entry(std::vector<std::byte>& out, const AbortedEntry& entry);

// Entry `n` of whole entries. REQUIRES: (n + 1) * entry size <= entries.size().
[[nodiscard]] OffsetEntry offset_entry_at(Bytes entries, std::size_t n, Offset base);
[[nodiscard]] TimeEntry time_entry_at(Bytes entries, std::size_t n, Offset base);
// Errors: corrupt_data, for an unknown version. Bytes behind the last whole entry are left out.
[[nodiscard]] Result<std::vector<AbortedEntry>> parse_aborted_entries(Bytes entries);

// The last entry that is not above what is asked: by offset, by timestamp. nullopt: all are above.
[[nodiscard]] std::optional<std::size_t> floor_by_offset(Bytes entries, Offset base, Offset asked);
// The last entry of an offset index whose position is below `asked`. nullopt: none is.
[[nodiscard]] std::optional<std::size_t> last_before_position(Bytes entries, std::uint64_t asked);
[[nodiscard]] std::optional<std::size_t> floor_by_time(Bytes entries, Offset base, Timestamp asked);

// How many entries stay when everything at and above `end` goes.
[[nodiscard]] std::size_t offset_entries_below(Bytes entries, Offset base, Offset end);
[[nodiscard]] std::size_t time_entries_below(Bytes entries, Offset base, Offset end);

// Whether a slot is one of Kafka's zero padding. No entry of an offset index points at position 0;
// a time entry of timestamp 0 at the base offset cannot be told apart, and reads as padding.
[[nodiscard]] bool is_offset_padding(Bytes slot);
[[nodiscard]] bool is_time_padding(Bytes slot);

}  // namespace moldau::log
