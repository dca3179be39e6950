#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace moldau::protocol {

// Calls `unit` for each UTF-16 unit of UTF-8 text. Bytes that are no UTF-8 become U+FFFD, one for
// each longest beginning of a character that breaks off, as Java's decoder replaces them (and
// Unicode recommends).
template <class F>
void for_each_utf16_unit(std::string_view text, F&& unit) {
  constexpr std::uint16_t k_replacement = 0xfffd;
  std::size_t at = 0;
  while (at < text.size()) {
    const auto lead = static_cast<std::uint8_t>(text[at++]);
    if (lead < 0x80) {
      unit(lead);
      continue;
    }
    // How many bytes follow, and between which bounds the first of them lies.
    std::size_t follow = 0;
    std::uint8_t low = 0x80;
    std::uint8_t high = 0xbf;
    if (lead >= 0xc2 && lead <= 0xdf) {
      follow = 1;
    } else if (lead >= 0xe0 && lead <= 0xef) {
      follow = 2;
      if (lead == 0xe0) low = 0xa0;
      if (lead == 0xed) high = 0x9f;
    } else if (lead >= 0xf0 && lead <= 0xf4) {
      follow = 3;
      if (lead == 0xf0) low = 0x90;
      if (lead == 0xf4) high = 0x8f;
    }
    std::uint32_t point = lead & (0x3fU >> follow);
    std::size_t taken = 0;
    while (taken < follow && at < text.size()) {
      const auto next = static_cast<std::uint8_t>(text[at]);
      if (next < low || next > high) break;
      point = (point << 6U) | (next & 0x3fU);
      low = 0x80;
      high = 0xbf;
      ++at;
      ++taken;
    }
    if (follow == 0 || taken < follow) {
      unit(k_replacement);
    } else if (point < 0x10000) {
      unit(static_cast<std::uint16_t>(point));
    } else {
      unit(static_cast<std::uint16_t>(0xd800U + ((point - 0x10000U) >> 10U)));
      unit(static_cast<std::uint16_t>(0xdc00U + ((point - 0x10000U) & 0x3ffU)));
    }
  }
}

}  // namespace moldau::protocol
