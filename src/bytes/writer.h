#pragma once
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/uuid.h"
#include "bytes/endian.h"
#include "bytes/shared_bytes.h"
#include "bytes/varint.h"

namespace moldau {

// Writes Kafka's primitives one behind the other. Give reserve() the computed size of a message
// and nothing is allocated after it.
// A splice is a hole in the output whose bytes come from elsewhere (a range of a log file that
// sendfile sends): total_size() counts it, take() does not hold it.
// Context: pure, one owner.
class Writer {
 public:
  struct Splice {
    std::size_t position;  // in the bytes of take(), before which the foreign bytes go
    std::size_t size;
  };

  void reserve(std::size_t size) { out_.reserve(out_.size() + size); }

  void i8(std::int8_t v) { fixed(v); }
  void i16(std::int16_t v) { fixed(v); }
  void u16(std::uint16_t v) { fixed(v); }
  void i32(std::int32_t v) { fixed(v); }
  void u32(std::uint32_t v) { fixed(v); }
  void i64(std::int64_t v) { fixed(v); }
  void f64(double v) { fixed(std::bit_cast<std::int64_t>(v)); }
  void boolean(bool v) { fixed(static_cast<std::int8_t>(v ? 1 : 0)); }
  void uuid(const Uuid& id) {
    i64(static_cast<std::int64_t>(id.high()));
    i64(static_cast<std::int64_t>(id.low()));
  }
  void uvarint(std::uint32_t v) { uvarlong(v); }
  void uvarlong(std::uint64_t v) {
    while (v >= 0x80U) {
      out_.push_back(static_cast<std::byte>(v | 0x80U));
      v >>= 7U;
    }
    out_.push_back(static_cast<std::byte>(v));
  }
  void varint(std::int32_t v) { uvarlong(zigzag(v)); }
  void varlong(std::int64_t v) { uvarlong(zigzag(v)); }
  void bytes(Bytes v) { out_.insert(out_.end(), v.begin(), v.end()); }
  void text(std::string_view v) { bytes(as_bytes(v)); }

  void splice(std::size_t size) {
    splices_.push_back({out_.size(), size});
    spliced_ += size;
  }

  // Bytes held here; the position of the next write.
  [[nodiscard]] std::size_t size() const { return out_.size(); }
  // Bytes that the reader on the other side will see, splices included.
  [[nodiscard]] std::size_t total_size() const { return out_.size() + spliced_; }
  [[nodiscard]] Bytes view() const { return out_; }
  [[nodiscard]] const std::vector<Splice>& splices() const { return splices_; }
  [[nodiscard]] std::vector<std::byte> take() { return std::move(out_); }
  // Overwrites a number written before. REQUIRES: at + 4 <= size().
  void patch_i32(std::size_t at, std::int32_t v) {
    CHECK_OP(at + sizeof v, <=, out_.size());
    store_big(out_.data() + at, v);
  }

 private:
  template <class T>
  void fixed(T v) {
    const std::size_t at = out_.size();
    out_.resize(at + sizeof(T));
    store_big(out_.data() + at, v);
  }

  std::vector<std::byte> out_;
  std::vector<Splice> splices_;
  std::size_t spliced_ = 0;
};

}  // namespace moldau
