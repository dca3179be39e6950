#include "bytes/reader.h"

namespace moldau {

Result<void> Reader::status() const {
  if (ok_) return {};
  return fail(Errc::bad_frame, "{}", what_);
}

std::uint32_t Reader::uvarint() {
  std::uint32_t value = 0;
  for (unsigned i = 0; i < k_varint_bytes_max; ++i) {
    if (at_ == end_) {
      breach("the bytes end inside a varint");
      return 0;
    }
    const auto byte = std::to_integer<std::uint32_t>(*at_++);
    value |= (byte & 0x7fU) << (7 * i);
    if ((byte & 0x80U) == 0) return value;
  }
  breach("a varint has more than 5 bytes");
  return 0;
}

std::uint64_t Reader::uvarlong() {
  std::uint64_t value = 0;
  for (unsigned i = 0; i < k_varlong_bytes_max; ++i) {
    if (at_ == end_) {
      breach("the bytes end inside a varlong");
      return 0;
    }
    const auto byte = std::to_integer<std::uint64_t>(*at_++);
    value |= (byte & 0x7fU) << (7 * i);
    if ((byte & 0x80U) == 0) return value;
  }
  breach("a varlong has more than 10 bytes");
  return 0;
}

}  // namespace moldau
