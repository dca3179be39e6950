#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "bytes/crc32c.h"
#include "bytes/endian.h"
#include "bytes/shared_bytes.h"
#include "compress/codec.h"
#include "record/wrapping.h"

namespace moldau::record {

using Magic = Id<struct MagicTag, std::int8_t>;
inline constexpr Magic k_magic_0{0};
inline constexpr Magic k_magic_1{1};
inline constexpr Magic k_magic_2{2};

enum class TimestampType : std::uint8_t { create_time = 0, log_append_time = 1 };

// Where the fields of a batch stand; see docs/format/record_batch.md.
namespace at {
inline constexpr std::size_t k_base_offset = 0;
inline constexpr std::size_t k_length = 8;  // of what follows this field
inline constexpr std::size_t k_leader_epoch = 12;
inline constexpr std::size_t k_magic = 16;  // also in message sets of magic 0 and 1
inline constexpr std::size_t k_crc = 17;
inline constexpr std::size_t k_attributes = 21;  // the CRC covers from here to the end
inline constexpr std::size_t k_last_offset_delta = 23;
inline constexpr std::size_t k_base_timestamp = 27;
inline constexpr std::size_t k_max_timestamp = 35;
inline constexpr std::size_t k_producer_id = 43;
inline constexpr std::size_t k_producer_epoch = 51;
inline constexpr std::size_t k_base_sequence = 53;
inline constexpr std::size_t k_count = 57;
inline constexpr std::size_t k_records = 61;
}  // namespace at

inline constexpr std::size_t k_batch_header_size = at::k_records;
inline constexpr std::size_t k_log_overhead = 12;       // base offset and length
inline constexpr std::size_t k_size_up_to_magic = 17;   // what splitting a run looks at
inline constexpr std::size_t k_legacy_length_min = 14;  // of a magic 0 message, no key, no value

// The attributes of a batch of magic 2. Unused bits are kept as they are.
class Attributes {
 public:
  static constexpr unsigned k_timestamp_type = 0x08;
  static constexpr unsigned k_transactional = 0x10;
  static constexpr unsigned k_control = 0x20;
  static constexpr unsigned k_delete_horizon = 0x40;

  constexpr Attributes() = default;
  constexpr explicit Attributes(std::uint16_t bits) : bits_(bits) {}
  [[nodiscard]] constexpr std::uint16_t bits() const { return bits_; }
  // nullopt: an id that nobody gave a meaning to.
  [[nodiscard]] std::optional<compress::Codec> codec() const {
    return compress::codec_of_id(bits_ & compress::k_codec_mask);
  }
  [[nodiscard]] constexpr bool is_compressed() const {
    return (bits_ & compress::k_codec_mask) != 0;
  }
  [[nodiscard]] constexpr TimestampType timestamp_type() const {
    return has(k_timestamp_type) ? TimestampType::log_append_time : TimestampType::create_time;
  }
  [[nodiscard]] constexpr bool is_transactional() const { return has(k_transactional); }
  [[nodiscard]] constexpr bool is_control() const { return has(k_control); }
  [[nodiscard]] constexpr bool has_delete_horizon() const { return has(k_delete_horizon); }
  [[nodiscard]] constexpr bool has(unsigned flag) const { return (bits_ & flag) != 0; }

 private:
  std::uint16_t bits_ = 0;
};

// The sequence `count` records after `from`; it wraps from the largest int to 0.
[[nodiscard]] Sequence sequence_after(Sequence from, int count);

// One record batch, or one entry of a message set of magic 0 or 1, as a view of its bytes.
// Invariant: the bytes are at least as long as the length field says, that length is at least the
//            least of its magic (49, or 14), and the magic is 0, 1 or 2. Nothing else is checked:
//            call crc_matches(), and see validate.h.
// Context:   pure; lives as long as the bytes given, which it never copies.
// Source:    DefaultRecordBatch, ByteBufferLogInputStream.
class BatchView {
 public:
  // The batch at the front of `bytes`; more may follow it.
  // Errors: corrupt_message (length or magic cannot be, or the bytes end inside the batch).
  [[nodiscard]] static Result<BatchView> read(Bytes bytes);

  [[nodiscard]] Bytes bytes() const { return bytes_; }
  [[nodiscard]] std::size_t size() const { return bytes_.size(); }
  [[nodiscard]] Magic magic() const { return Magic{number<std::int8_t>(at::k_magic)}; }
  [[nodiscard]] bool is_legacy() const { return magic() != k_magic_2; }
  // Of any magic. A message of magic 0 or 1 has one offset, that of its last record: for one that
  // wraps compressed messages, message_set.h finds the first.
  [[nodiscard]] Offset last_offset() const {
    return offset_after(is_legacy() ? 0 : last_offset_delta());
  }
  [[nodiscard]] Offset next_offset() const {
    return offset_after((is_legacy() ? std::int64_t{0} : last_offset_delta()) + 1);
  }
  [[nodiscard]] Offset base_offset() const {
    return Offset{number<std::int64_t>(at::k_base_offset)};
  }

  // All below REQUIRE magic 2; on an older one they give bytes that mean something else.
  [[nodiscard]] int last_offset_delta() const {
    return number<std::int32_t>(at::k_last_offset_delta);
  }
  [[nodiscard]] LeaderEpoch leader_epoch() const {
    return LeaderEpoch{number<std::int32_t>(at::k_leader_epoch)};
  }
  [[nodiscard]] std::uint32_t crc() const { return number<std::uint32_t>(at::k_crc); }
  // Cost: one pass over the batch.
  [[nodiscard]] std::uint32_t computed_crc() const {
    return crc32c(bytes_.subspan(at::k_attributes));
  }
  [[nodiscard]] bool crc_matches() const { return crc() == computed_crc(); }
  [[nodiscard]] Attributes attributes() const {
    return Attributes{number<std::uint16_t>(at::k_attributes)};
  }
  [[nodiscard]] std::optional<compress::Codec> codec() const { return attributes().codec(); }
  [[nodiscard]] bool is_compressed() const { return attributes().is_compressed(); }
  [[nodiscard]] TimestampType timestamp_type() const { return attributes().timestamp_type(); }
  [[nodiscard]] bool is_transactional() const { return attributes().is_transactional(); }
  [[nodiscard]] bool is_control() const { return attributes().is_control(); }
  // When tombstones and abort markers of this batch may go; then base_timestamp() is this time.
  [[nodiscard]] std::optional<Timestamp> delete_horizon() const;
  [[nodiscard]] Timestamp base_timestamp() const {
    return timestamp_of(number<std::int64_t>(at::k_base_timestamp));
  }
  [[nodiscard]] Timestamp max_timestamp() const {
    return timestamp_of(number<std::int64_t>(at::k_max_timestamp));
  }
  [[nodiscard]] ProducerId producer_id() const {
    return ProducerId{number<std::int64_t>(at::k_producer_id)};
  }
  [[nodiscard]] bool has_producer_id() const { return producer_id() > k_no_producer_id; }
  [[nodiscard]] ProducerEpoch producer_epoch() const {
    return ProducerEpoch{number<std::int16_t>(at::k_producer_epoch)};
  }
  [[nodiscard]] Sequence base_sequence() const {
    return Sequence{number<std::int32_t>(at::k_base_sequence)};
  }
  // k_no_sequence when base_sequence() is. Compaction keeps the range, as it keeps the offsets.
  [[nodiscard]] Sequence last_sequence() const;
  // Records in the batch; fewer than the offset range after compaction, even none.
  [[nodiscard]] int count() const { return number<std::int32_t>(at::k_count); }
  // What follows the header: records, compressed if is_compressed().
  [[nodiscard]] Bytes body() const { return bytes_.subspan(at::k_records); }

 private:
  friend class BatchesView;
  explicit BatchView(Bytes bytes) : bytes_(bytes) {}
  template <class T>
  [[nodiscard]] T number(std::size_t position) const {
    return load_big<T>(bytes_.data() + position);
  }
  // The base offset is outside the CRC and may be anything.
  [[nodiscard]] Offset offset_after(std::int64_t delta) const {
    return Offset{wrapping_add(base_offset().value(), delta)};
  }
  Bytes bytes_;
};

// What can be said before a batch is there in full: its size and magic are such as a batch has. Too
// few bytes to tell are none. Errors: corrupt_message.
[[nodiscard]] Result<void> check_front(Bytes bytes);

// A run of batches one behind the other, as a produce request, a fetch answer or a segment holds.
// Invariant: batches come in order and never overlap; consumed() is where the next one begins.
// Source:    ByteBufferLogInputStream: bytes at the end that are no whole batch are left alone.
class BatchesView {
 public:
  explicit BatchesView(Bytes bytes) : bytes_(bytes) {}

  // The next whole batch. nullopt: no more, or the rest is only a part of a batch.
  // Errors: corrupt_message (length or magic cannot be); the run cannot be read on.
  [[nodiscard]] Result<std::optional<BatchView>> next();
  [[nodiscard]] std::size_t consumed() const { return consumed_; }
  [[nodiscard]] Bytes rest() const { return bytes_.subspan(consumed_); }

 private:
  Bytes bytes_;
  std::size_t consumed_ = 0;
};

}  // namespace moldau::record
