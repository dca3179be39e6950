#include "bytes/crc32c.h"

#include <isa-l/crc.h>

#include <algorithm>
#include <limits>

namespace moldau {

std::uint32_t crc32c(Bytes bytes, std::uint32_t before) {
  constexpr std::size_t k_piece_max = std::numeric_limits<int>::max();  // isa-l counts in int
  std::uint32_t sum = ~before;
  while (!bytes.empty()) {
    const Bytes piece = bytes.first(std::min(bytes.size(), k_piece_max));
    // isa-l does not write through its pointer; it only lacks the const.
    auto* start = const_cast<unsigned char*>(reinterpret_cast<const unsigned char*>(piece.data()));
    sum = crc32_iscsi(start, static_cast<int>(piece.size()), sum);
    bytes = bytes.subspan(piece.size());
  }
  return ~sum;
}

}  // namespace moldau
