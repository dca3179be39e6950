#include "log/index_format.h"

#include <algorithm>
#include <limits>

#include "base/check.h"
#include "bytes/endian.h"
#include "bytes/reader.h"

namespace moldau::log {
namespace {

constexpr std::int16_t k_aborted_version = 0;

template <class T>
void append_big(std::vector<std::byte>& out, T value) {
  const std::size_t at = out.size();
  out.resize(at + sizeof(T));
  store_big(out.data() + at, value);
}

std::int32_t relative(Offset base, Offset offset) {
  CHECK(fits_segment(base, offset));
  return static_cast<std::int32_t>(offset - base);
}

// How many of `count` entries from the front satisfy `keep`, which is true up to some entry.
template <class Keep>
std::size_t count_front(std::size_t count, Keep keep) {
  std::size_t low = 0;
  while (count > 0) {
    const std::size_t half = count / 2;
    if (keep(low + half)) {
      low += half + 1;
      count -= half + 1;
    } else {
      count = half;
    }
  }
  return low;
}

std::optional<std::size_t> last_of(std::size_t count) {
  return count == 0 ? std::nullopt : std::optional(count - 1);
}

bool all_zero(Bytes slot) {
  return std::ranges::all_of(slot, [](std::byte b) { return b == std::byte{0}; });
}

}  // namespace

bool fits_segment(Offset base, Offset offset) {
  return offset >= base && offset - base <= std::numeric_limits<std::int32_t>::max();
}

void append_offset_entry(std::vector<std::byte>& out, Offset base, const OffsetEntry& entry) {
  append_big(out, relative(base, entry.offset));
  append_big(out, entry.position);
}

void append_time_entry(std::vector<std::byte>& out, Offset base, const TimeEntry& entry) {
  append_big(out, to_millis(entry.timestamp));
  append_big(out, relative(base, entry.offset));
}

void append_aborted_entry(std::vector<std::byte>& out, const AbortedEntry& entry) {
  append_big(out, k_aborted_version);
  append_big(out, entry.producer_id.value());
  append_big(out, entry.first_offset.value());
  append_big(out, entry.last_offset.value());
  append_big(out, entry.last_stable_offset.value());
}

OffsetEntry offset_entry_at(Bytes entries, std::size_t n, Offset base) {
  CHECK_OP((n + 1) * k_offset_entry_size, <=, entries.size());
  const std::byte* at = entries.data() + n * k_offset_entry_size;
  return {.offset = base + load_big<std::int32_t>(at), .position = load_big<std::uint32_t>(at + 4)};
}

TimeEntry time_entry_at(Bytes entries, std::size_t n, Offset base) {
  CHECK_OP((n + 1) * k_time_entry_size, <=, entries.size());
  const std::byte* at = entries.data() + n * k_time_entry_size;
  return {.timestamp = timestamp_of(load_big<std::int64_t>(at)),
          .offset = base + load_big<std::int32_t>(at + 8)};
}

Result<std::vector<AbortedEntry>> parse_aborted_entries(Bytes entries) {
  std::vector<AbortedEntry> result;
  result.reserve(entries.size() / k_aborted_entry_size);
  Reader in(entries);
  while (in.remaining() >= k_aborted_entry_size) {
    const std::int16_t version = in.i16();
    if (version != k_aborted_version) {
      return fail(Errc::corrupt_data, "transaction index: unknown version {}", version);
    }
    AbortedEntry entry;
    entry.producer_id = ProducerId{in.i64()};
    entry.first_offset = Offset{in.i64()};
    entry.last_offset = Offset{in.i64()};
    entry.last_stable_offset = Offset{in.i64()};
    result.push_back(entry);
  }
  return result;
}

std::optional<std::size_t> floor_by_offset(Bytes entries, Offset base, Offset asked) {
  return last_of(count_front(entries.size() / k_offset_entry_size, [&](std::size_t n) {
    return offset_entry_at(entries, n, base).offset <= asked;
  }));
}

std::optional<std::size_t> last_before_position(Bytes entries, std::uint64_t asked) {
  return last_of(count_front(entries.size() / k_offset_entry_size, [&](std::size_t n) {
    return offset_entry_at(entries, n, Offset{0}).position < asked;
  }));
}

std::optional<std::size_t> floor_by_time(Bytes entries, Offset base, Timestamp asked) {
  return last_of(count_front(entries.size() / k_time_entry_size, [&](std::size_t n) {
    return time_entry_at(entries, n, base).timestamp <= asked;
  }));
}

std::size_t offset_entries_below(Bytes entries, Offset base, Offset end) {
  return count_front(entries.size() / k_offset_entry_size,
                     [&](std::size_t n) { return offset_entry_at(entries, n, base).offset < end; });
}

std::size_t time_entries_below(Bytes entries, Offset base, Offset end) {
  return count_front(entries.size() / k_time_entry_size,
                     [&](std::size_t n) { return time_entry_at(entries, n, base).offset < end; });
}

bool is_offset_padding(Bytes slot) {
  CHECK_OP(slot.size(), ==, k_offset_entry_size);
  return load_big<std::uint32_t>(slot.data() + 4) == 0;
}

bool is_time_padding(Bytes slot) {
  CHECK_OP(slot.size(), ==, k_time_entry_size);
  return all_zero(slot);
}

}  // namespace moldau::log
