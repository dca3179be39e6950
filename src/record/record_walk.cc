#include "record/record_walk.h"

namespace moldau::record {

bool RecordWalk::refill() {
  if (pieces_ == nullptr || undecodable_) return false;
  before_ += static_cast<std::size_t>(end_ - piece_);
  at_ = end_ = piece_ = nullptr;
  Result<Bytes> piece = pieces_->next();
  if (!piece) {
    undecodable_ = std::move(piece).error();
    return false;
  }
  if (piece->size() > body_size_max_ - before_) {
    undecodable_ =
        Error(Errc::message_too_large,
              fmt::format("the records decompress to more than {} bytes", body_size_max_));
    return false;
  }
  piece_ = at_ = piece->data();
  end_ = at_ + piece->size();
  return !piece->empty();
}

// High bits that overflow are dropped, as in Kafka; only a byte too many is an error.
template <class T, std::size_t BytesMax>
bool RecordWalk::unsigned_varint(T& value) {
  std::uint8_t b = 0;
  if (!byte(b)) return false;
  value = b;
  if (b < 0x80) [[likely]] {
    return true;
  }
  value &= 0x7fU;
  for (std::size_t i = 1; i < BytesMax; ++i) {
    if (!byte(b)) return false;
    value |= static_cast<T>(b & 0x7fU) << (7 * i);
    if (b < 0x80) return true;
  }
  return malformed("a varint is too long");
}

bool RecordWalk::varint(std::int32_t& value) {
  std::uint32_t raw = 0;
  if (!unsigned_varint<std::uint32_t, k_varint_bytes_max>(raw)) return false;
  value = unzigzag(raw);
  return true;
}

bool RecordWalk::varlong(std::int64_t& value) {
  std::uint64_t raw = 0;
  if (!unsigned_varint<std::uint64_t, k_varlong_bytes_max>(raw)) return false;
  value = unzigzag(raw);
  return true;
}

bool RecordWalk::skip(std::size_t size) {
  while (size > static_cast<std::size_t>(end_ - at_)) {
    size -= static_cast<std::size_t>(end_ - at_);
    at_ = end_;
    if (!refill()) return false;
  }
  at_ += size;
  return true;
}

bool RecordWalk::skip_field(std::size_t record_end, bool may_be_null, bool* is_null) {
  std::int32_t size = 0;
  if (!varint(size)) return false;
  if (is_null != nullptr) *is_null = size < 0;
  if (size < 0) return may_be_null || malformed("a header key has a negative size");
  const std::size_t here = position();
  if (here > record_end || static_cast<std::size_t>(size) > record_end - here) {
    return malformed("a field runs past the end of its record");
  }
  return skip(static_cast<std::size_t>(size));
}

bool RecordWalk::skip_headers(std::size_t record_end) {
  std::int32_t count = 0;
  if (!varint(count)) return false;
  if (count == 0) [[likely]] {
    return true;
  }
  // Each header takes at least two bytes.
  if (count < 0 || position() > record_end ||
      static_cast<std::size_t>(count) > record_end - position()) {
    return malformed("a count of headers cannot be");
  }
  for (std::int32_t i = 0; i < count; ++i) {
    if (!skip_field(record_end, false, nullptr)) return false;
    if (!skip_field(record_end, true, nullptr)) return false;
  }
  return true;
}

bool RecordWalk::next_any(std::size_t size_max, RecordFacts& facts) {
  std::int32_t size = 0;
  if (!varint(size)) return false;
  if (size < 0) return malformed("a record has a negative size");
  if (static_cast<std::size_t>(size) > size_max) {
    return malformed("a record is larger than max.decompressed.message.bytes");
  }
  const std::size_t record_end = position() + static_cast<std::size_t>(size);
  std::uint8_t attributes = 0;
  bool is_null = false;
  if (!byte(attributes) || !varlong(facts.timestamp_delta) || !varint(facts.offset_delta) ||
      !skip_field(record_end, true, &is_null) || !skip_field(record_end, true, nullptr) ||
      !skip_headers(record_end)) {
    return false;
  }
  facts.has_key = !is_null;
  return position() == record_end || malformed("the fields of a record do not fill it");
}

bool RecordWalk::at_end() {
  if (at_ == end_ && !refill()) return !undecodable_;
  what_ = "bytes remain behind the last record";
  return false;
}

Error RecordWalk::error() const {
  if (undecodable_ && undecodable_->code() == Errc::message_too_large) return *undecodable_;
  // The CRC matched, so the writer sent it so: trying again would not help, which is what
  // corrupt_message would make clients do.
  if (undecodable_) return Error(Errc::invalid_record, std::string(undecodable_->text()));
  return Error(Errc::invalid_record, what_);
}

}  // namespace moldau::record
