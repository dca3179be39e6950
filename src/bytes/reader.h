#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "base/uuid.h"
#include "bytes/endian.h"
#include "bytes/shared_bytes.h"
#include "bytes/varint.h"

namespace moldau {

// Reads Kafka's primitives from a view, front to back. The first breach latches: from then on every
// read gives zero or empty and ok() is false, so a decoder checks once at its end and inside loops.
// Nothing is ever allocated here, and no length is believed before it is compared with remaining().
// Context: pure; the views it hands out live as long as the bytes given.
// Varints drop overflowing high bits, as Kafka's do; only a sixth (eleventh) byte is a breach.
class Reader {
 public:
  explicit Reader(Bytes bytes) : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] std::size_t remaining() const { return static_cast<std::size_t>(end_ - at_); }
  [[nodiscard]] Bytes rest() const { return {at_, remaining()}; }
  // What was wrong first; corrupt input is the sender's fault, so the code is bad_frame.
  [[nodiscard]] Result<void> status() const;
  void breach(const char* what) {
    if (ok_) what_ = what;
    ok_ = false;
    at_ = end_;
  }

  [[nodiscard]] std::int8_t i8() { return fixed<std::int8_t>(); }
  [[nodiscard]] std::int16_t i16() { return fixed<std::int16_t>(); }
  [[nodiscard]] std::uint16_t u16() { return fixed<std::uint16_t>(); }
  [[nodiscard]] std::int32_t i32() { return fixed<std::int32_t>(); }
  [[nodiscard]] std::uint32_t u32() { return fixed<std::uint32_t>(); }
  [[nodiscard]] std::int64_t i64() { return fixed<std::int64_t>(); }
  [[nodiscard]] double f64() { return std::bit_cast<double>(fixed<std::int64_t>()); }
  [[nodiscard]] bool boolean() { return fixed<std::int8_t>() != 0; }
  [[nodiscard]] Uuid uuid() {
    const auto high = static_cast<std::uint64_t>(i64());
    const auto low = static_cast<std::uint64_t>(i64());
    return {high, low};
  }
  [[nodiscard]] std::uint32_t uvarint();
  [[nodiscard]] std::uint64_t uvarlong();
  [[nodiscard]] std::int32_t varint() { return unzigzag(uvarint()); }
  [[nodiscard]] std::int64_t varlong() { return unzigzag(uvarlong()); }

  [[nodiscard]] Bytes bytes(std::size_t size) {
    if (size > remaining()) [[unlikely]] {
      breach("a length runs past the end");
      return {};
    }
    const Bytes view{at_, size};
    at_ += size;
    return view;
  }
  [[nodiscard]] std::string_view text(std::size_t size) { return as_text(bytes(size)); }
  void skip(std::size_t size) { (void)bytes(size); }

 private:
  template <class T>
  T fixed() {
    if (remaining() < sizeof(T)) [[unlikely]] {
      breach("the bytes end inside a number");
      return 0;
    }
    const T value = load_big<T>(at_);
    at_ += sizeof(T);
    return value;
  }

  const std::byte* at_;
  const std::byte* end_;
  const char* what_ = "";
  bool ok_ = true;
};

}  // namespace moldau
