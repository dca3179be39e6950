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
  [[nodiscard]] bool next(std::size_t size_max, RecordFacts& facts);
  // Whether nothing follows. False also when what follows cannot be decompressed.
  [[nodiscard]] bool at_end();
  // Why next() or at_end() said false: invalid_record, or message_too_large when the body
  // decompresses to more than body_size_max.
  [[nodiscard]] Error error() const;

 private:
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

}  // namespace moldau::record
