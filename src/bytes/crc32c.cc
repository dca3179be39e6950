#include "bytes/crc32c.h"

#include <isa-l/crc.h>

#include <algorithm>
#include <array>
#include <limits>

namespace moldau {
namespace {

// Polynomials over GF(2), highest power in bit 0, as in the sums themselves.
constexpr std::uint32_t k_polynomial = 0x82f63b78U;  // Castagnoli, without x^32
constexpr std::uint32_t k_one = 0x80000000U;         // x^0

constexpr std::uint32_t times(std::uint32_t a, std::uint32_t b) {
  std::uint32_t product = 0;
  for (std::uint32_t bit = k_one; bit != 0; bit >>= 1U) {
    if ((a & bit) != 0) product ^= b;
    b = (b >> 1U) ^ ((b & 1U) != 0 ? k_polynomial : 0U);  // b times x
  }
  return product;
}

// x^(8 * 2^i): what a sum is multiplied with when 2^i zero bytes follow.
constexpr auto k_zero_bytes = [] {
  std::array<std::uint32_t, 64> powers{};
  powers[0] = k_one >> 8U;
  for (std::size_t i = 1; i < powers.size(); ++i) powers[i] = times(powers[i - 1], powers[i - 1]);
  return powers;
}();

}  // namespace

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

std::uint32_t crc32c_replaced(std::uint32_t sum, Bytes was, Bytes is, std::size_t size_behind) {
  CHECK_OP(was.size(), ==, is.size());
  std::uint32_t difference = crc32c(was) ^ crc32c(is);
  for (std::size_t i = 0; size_behind != 0; ++i, size_behind >>= 1U) {
    if ((size_behind & 1U) != 0) difference = times(difference, k_zero_bytes[i]);
  }
  return sum ^ difference;
}

}  // namespace moldau
