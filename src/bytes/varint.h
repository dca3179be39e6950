#pragma once
#include <bit>
#include <cstddef>
#include <cstdint>

namespace moldau {

inline constexpr std::size_t k_varint_bytes_max = 5;
inline constexpr std::size_t k_varlong_bytes_max = 10;

[[nodiscard]] constexpr std::uint32_t zigzag(std::int32_t v) {
  return (static_cast<std::uint32_t>(v) << 1U) ^ static_cast<std::uint32_t>(v >> 31);
}
[[nodiscard]] constexpr std::uint64_t zigzag(std::int64_t v) {
  return (static_cast<std::uint64_t>(v) << 1U) ^ static_cast<std::uint64_t>(v >> 63);
}
[[nodiscard]] constexpr std::int32_t unzigzag(std::uint32_t v) {
  return static_cast<std::int32_t>((v >> 1U) ^ (~(v & 1U) + 1U));
}
[[nodiscard]] constexpr std::int64_t unzigzag(std::uint64_t v) {
  return static_cast<std::int64_t>((v >> 1U) ^ (~(v & 1U) + 1U));
}

// Bytes that an unsigned varint takes.
[[nodiscard]] constexpr std::size_t uvarint_size(std::uint64_t v) {
  return (static_cast<std::size_t>(std::bit_width(v | 1U)) + 6) / 7;
}
[[nodiscard]] constexpr std::size_t varint_size(std::int32_t v) { return uvarint_size(zigzag(v)); }
[[nodiscard]] constexpr std::size_t varlong_size(std::int64_t v) { return uvarint_size(zigzag(v)); }

}  // namespace moldau
