#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/result.h"
#include "bytes/shared_bytes.h"
#include "bytes/varint.h"
#include "compress/decompressor.h"

namespace moldau::record {

// What the checks of an append need to know of a record.
struct RecordFacts {
  std::int64_t timestamp_delta;
  std::int32_t offset_delta;
  bool has_key;
};

// Walks over record lengths without looking at keys, values and headers, in bytes that lie there or
// that are decompressed piece by piece; nothing is copied and nothing allocated.
// Context: pure; one walk over one body. The Decompressor, opened on the body, must outlive it.
// Source:  DefaultRecord.readFrom and readPartiallyFrom. Unlike the latter, lengths must add up in
//          compressed batches too: a consumer that reads such a record would fail for ever.
class RecordWalk {
 public:
  // Over the body of a batch that is not compressed.
  explicit RecordWalk(Bytes body) : at_(body.data()), end_(body.data() + body.size()) {}
  RecordWalk(compress::Decompressor& pieces, std::size_t body_size_max)
      : pieces_(&pieces), body_size_max_(body_size_max) {}

  // The next record; false if the body is not such a record. error() says why.
  // `size_max` bounds what the record's length prefix may say.
  [[nodiscard]] bool next(std::size_t size_max, RecordFacts& facts) {
    return next_plain(size_max, facts) || next_any(size_max, facts);
  }
  // Whether nothing follows. False also when what follows cannot be decompressed.
  [[nodiscard]] bool at_end();
  // What was not walked over yet of the piece at hand.
  [[nodiscard]] Bytes rest() const { return {at_, end_}; }
  // Why next() or at_end() said false: invalid_record, or message_too_large when the body
  // decompresses to more than body_size_max.
  [[nodiscard]] Error error() const;

 private:
  // The common case: a record without headers that lies in the piece with room behind it, so that
  // no byte of its fields needs a check. False, and nothing has moved, for every other record.
  // Cost: about 4 ns for a record of 100 bytes; next_any() takes 20.
  [[nodiscard]] bool next_plain(std::size_t size_max, RecordFacts& facts);
  [[nodiscard]] bool next_any(std::size_t size_max, RecordFacts& facts);
  [[nodiscard]] bool refill();
  [[nodiscard]] bool byte(std::uint8_t& value) {
    if (at_ == end_ && !refill()) [[unlikely]] {
      return false;
    }
    value = std::to_integer<std::uint8_t>(*at_++);
    return true;
  }
  template <class T, std::size_t BytesMax>
  [[nodiscard]] bool unsigned_varint(T& value);
  [[nodiscard]] bool varint(std::int32_t& value);
  [[nodiscard]] bool varlong(std::int64_t& value);
  // Skips a field whose size stands before it, inside a record that ends at `record_end`.
  [[nodiscard]] bool skip_field(std::size_t record_end, bool may_be_null, bool* is_null);
  [[nodiscard]] bool skip(std::size_t size);
  [[nodiscard]] bool skip_headers(std::size_t record_end);
  [[nodiscard]] bool malformed(const char* what) {
    what_ = what;
    return false;
  }
  // Bytes of the body that were read so far.
  [[nodiscard]] std::size_t position() const {
    return before_ + static_cast<std::size_t>(at_ - piece_);
  }

  const std::byte* at_ = nullptr;
  const std::byte* end_ = nullptr;
  const std::byte* piece_ = at_;  // where the piece at hand begins
  std::size_t before_ = 0;        // bytes of the pieces before it
  compress::Decompressor* pieces_ = nullptr;
  std::size_t body_size_max_ = 0;
  const char* what_ = "the body ends inside a record";
  std::optional<Error> undecodable_;
};

namespace detail {

// Reads a varint of at most `BytesMax` bytes, all of which must be readable. Null: it is longer.
template <std::size_t BytesMax, class T>
[[nodiscard]] inline const std::byte* read_varint(const std::byte* from, T& raw) {
  raw = std::to_integer<T>(from[0]);
  if (raw < 0x80U) [[likely]] {
    return from + 1;
  }
  raw &= 0x7fU;
  for (std::size_t i = 1; i < BytesMax; ++i) {
    const T b = std::to_integer<T>(from[i]);
    raw |= (b & 0x7fU) << (7 * i);
    if (b < 0x80U) return from + i + 1;
  }
  return nullptr;
}

}  // namespace detail

inline bool RecordWalk::next_plain(std::size_t size_max, RecordFacts& facts) {
  // Size, attributes, both deltas and the key's size; later the value's size and the header count.
  constexpr std::ptrdiff_t k_fields_max = 3 * k_varint_bytes_max + k_varlong_bytes_max + 1;
  if (end_ - at_ < k_fields_max) return false;
  std::uint32_t size = 0;
  std::uint32_t offset = 0;
  std::uint32_t key = 0;
  std::uint32_t value = 0;
  std::uint64_t timestamp = 0;
  const std::byte* p = detail::read_varint<k_varint_bytes_max>(at_, size);
  if (p == nullptr || (size & 1U) != 0) return false;  // an odd one stands for a negative number
  size >>= 1U;
  if (size > size_max || end_ - p < std::ptrdiff_t{size} + k_fields_max) return false;
  const std::byte* const record_end = p + size;
  p = detail::read_varint<k_varlong_bytes_max>(p + 1, timestamp);
  if (p == nullptr) return false;
  p = detail::read_varint<k_varint_bytes_max>(p, offset);
  if (p == nullptr) return false;
  p = detail::read_varint<k_varint_bytes_max>(p, key);
  if (p == nullptr || p > record_end) return false;
  const bool has_key = (key & 1U) == 0;
  if (has_key) {
    if (std::ptrdiff_t{key >> 1U} > record_end - p) return false;
    p += key >> 1U;
  }
  p = detail::read_varint<k_varint_bytes_max>(p, value);
  if (p == nullptr) return false;
  // Behind the value only the count of headers may stand: one byte, 0.
  const std::ptrdiff_t value_size = (value & 1U) == 0 ? value >> 1U : 0;
  if (record_end - p != value_size + 1 || p[value_size] != std::byte{0}) return false;
  facts = {
      .timestamp_delta = unzigzag(timestamp), .offset_delta = unzigzag(offset), .has_key = has_key};
  at_ = record_end;
  return true;
}

}  // namespace moldau::record
