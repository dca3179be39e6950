#include "record/records_summary.h"

#include "bytes/varint.h"
#include "record/record_walk.h"

namespace moldau::record {
namespace {

// Reads a varint of one to three bytes, all of which must be readable. Null: it is longer.
[[gnu::always_inline]] inline const std::byte* read_short(const std::byte* from,
                                                          std::uint32_t& raw) {
  raw = std::to_integer<std::uint32_t>(from[0]);
  if (raw < 0x80U) return from + 1;
  const auto second = std::to_integer<std::uint32_t>(from[1]);
  raw = (raw & 0x7fU) | (second << 7U);
  if (second < 0x80U) return from + 2;
  const auto third = std::to_integer<std::uint32_t>(from[2]);
  raw = (raw & 0x3fffU) | (third << 14U);
  return third < 0x80U ? from + 3 : nullptr;
}

constexpr std::ptrdiff_t k_short_bytes_max = 3;
// What the fields of a record take at most when their varints are short, key and value aside.
constexpr std::ptrdiff_t k_fields_max = 5 * k_short_bytes_max + 2;

struct ShortRecord {
  std::uint32_t timestamp;  // these two as they stand there, zigzag
  std::uint32_t offset;
  bool has_key;
};

// The record at `at`, if it has no headers, its varints are short, and it ends no later than
// `room_end`, from where on the fields of another could still be read: so no byte needs a check.
// Returns where it ends; null: another record. REQUIRES: at <= room_end.
[[gnu::always_inline]] inline const std::byte* read_short_record(const std::byte* at,
                                                                 const std::byte* room_end,
                                                                 ShortRecord& record) {
  std::uint32_t size = 0;
  const std::byte* p = read_short(at, size);
  // Odd raw numbers are negative ones.
  if (p == nullptr || (size & 1U) != 0 || room_end - p < std::ptrdiff_t{size >> 1U}) return nullptr;
  const std::byte* const record_end = p + (size >> 1U);
  p = read_short(p + 1, record.timestamp);
  if (p == nullptr) return nullptr;
  p = read_short(p, record.offset);
  if (p == nullptr) return nullptr;
  std::uint32_t key = 0;
  p = read_short(p, key);
  if (p == nullptr) return nullptr;
  record.has_key = (key & 1U) == 0;
  if (record.has_key) {
    if (std::ptrdiff_t{key >> 1U} > record_end - p) return nullptr;
    p += key >> 1U;
  }
  std::uint32_t value = 0;
  p = read_short(p, value);
  if (p == nullptr) return nullptr;
  // Behind the value only the count of headers may stand: one byte, 0.
  const std::ptrdiff_t value_size = (value & 1U) == 0 ? value >> 1U : 0;
  if (record_end - p != value_size + 1 || p[value_size] != std::byte{0}) return nullptr;
  return record_end;
}

}  // namespace

void RecordsSummary::walk(const std::byte* until) {
  until = std::min(until, end_);
  while (at_ < until && !broken_) {
    walk_short(until);
    if (at_ < until) broken_ = !walk_any();
  }
}

// As far as it goes without a record that is not short. What it counts stays in registers.
void RecordsSummary::walk_short(const std::byte* until) {
  if (end_ - at_ < k_fields_max) return;
  const std::byte* const room_end = end_ - k_fields_max;
  const std::byte* const stop = std::min(until, room_end);
  const std::byte* at = at_;
  std::uint32_t expected = static_cast<std::uint32_t>(index_) << 1U;
  std::uint32_t disorder = disorder_;
  std::uint64_t last_timestamp = std::numeric_limits<std::uint64_t>::max();  // of none
  bool lacks_key = lacks_key_;
  std::int64_t earliest = timestamp_delta_min_;
  std::int64_t latest = timestamp_delta_max_;
  ShortRecord record;
  while (at < stop) {
    const std::byte* const next = read_short_record(at, room_end, record);
    if (next == nullptr) break;
    if (record.timestamp != last_timestamp) {
      last_timestamp = record.timestamp;
      const std::int64_t delta = unzigzag(record.timestamp);
      earliest = std::min(earliest, delta);
      latest = std::max(latest, delta);
    }
    disorder |= record.offset ^ expected;
    expected += 2;
    lacks_key |= !record.has_key;
    at = next;
  }
  at_ = at;
  index_ = static_cast<int>(expected >> 1U);
  disorder_ = disorder;
  lacks_key_ = lacks_key;
  timestamp_delta_min_ = earliest;
  timestamp_delta_max_ = latest;
}

bool RecordsSummary::walk_any() {
  const Bytes rest{at_, static_cast<std::size_t>(end_ - at_)};
  RecordWalk walk(rest);
  RecordFacts record{};
  if (!walk.next(rest.size(), record)) return false;
  at_ = walk.rest().data();
  disorder_ |= record.offset_delta == index_ ? 0U : 1U;
  lacks_key_ |= !record.has_key;
  note_timestamp(record.timestamp_delta);
  ++index_;
  return true;
}

}  // namespace moldau::record
