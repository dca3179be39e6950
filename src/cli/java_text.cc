#include "cli/java_text.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>

#include "config/value_text.h"

namespace moldau::cli {
namespace {

struct Range {
  std::uint8_t least, most;
};

// How many bytes follow the first one of a character, and what the first of them may be: not too
// long a form, nothing above U+10FFFF.
struct Lead {
  int more;  // -1: no character begins so
  Range second;
};

Lead lead_of(std::uint8_t byte) {
  if (byte < 0x80) return {0, {}};
  if (byte >= 0xC2 && byte <= 0xDF) return {1, {0x80, 0xBF}};
  if (byte == 0xE0) return {2, {0xA0, 0xBF}};
  if (byte >= 0xE1 && byte <= 0xEF) return {2, {0x80, 0xBF}};
  if (byte == 0xF0) return {3, {0x90, 0xBF}};
  if (byte >= 0xF1 && byte <= 0xF3) return {3, {0x80, 0xBF}};
  if (byte == 0xF4) return {3, {0x80, 0x8F}};
  return {-1, {}};
}

template <class T>
std::string number_text(T value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value < 0 ? "-Infinity" : "Infinity";
  constexpr T k_plain_least = static_cast<T>(1e-3);
  constexpr T k_plain_end = static_cast<T>(1e7);
  const T size = std::fabs(value);
  if (size == 0 || (size >= k_plain_least && size < k_plain_end)) {
    std::array<char, 64> room{};
    const auto done =
        std::to_chars(room.data(), room.data() + room.size(), value, std::chars_format::fixed);
    std::string out(room.data(), done.ptr);
    return out.contains('.') ? out : out + ".0";
  }
  std::array<char, 64> room{};
  const auto done =
      std::to_chars(room.data(), room.data() + room.size(), value, std::chars_format::scientific);
  const std::string text(room.data(), done.ptr);
  const std::size_t e = text.find('e');
  std::string digits = text.substr(0, e);
  if (!digits.contains('.')) digits += ".0";
  std::string_view power = std::string_view(text).substr(e + 1);
  const bool below = power.starts_with('-');
  power.remove_prefix(1);
  while (power.size() > 1 && power.starts_with('0')) power.remove_prefix(1);
  return digits + (below ? "E-" : "E") + std::string(power);
}

}  // namespace

std::string java_number(double value) { return number_text(value); }
std::string java_number(float value) { return number_text(value); }

std::string java_text(Bytes bytes) {
  constexpr std::string_view k_replacement = "\xEF\xBF\xBD";
  const auto at = [&](std::size_t i) { return static_cast<std::uint8_t>(bytes[i]); };
  std::string out;
  out.reserve(bytes.size());
  for (std::size_t i = 0; i < bytes.size();) {
    const Lead lead = lead_of(at(i));
    std::size_t size = 1;
    bool whole = lead.more >= 0;
    for (int n = 0; whole && n < lead.more; ++n) {
      const Range allowed = n == 0 ? lead.second : Range{0x80, 0xBF};
      whole =
          i + size < bytes.size() && at(i + size) >= allowed.least && at(i + size) <= allowed.most;
      if (whole) ++size;
    }
    // Three bytes that spell half a surrogate pair are one mistake, not three.
    whole = whole && !(at(i) == 0xED && at(i + 1) >= 0xA0);
    out += whole ? as_text(bytes.subspan(i, size)) : k_replacement;
    i += size;
  }
  return out;
}

std::string java_fixed(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value < 0 ? "-Infinity" : "Infinity";
  return fmt::format("{:.4f}", value);
}

Result<std::int32_t> read_java_int(std::string_view text) {
  const auto value = config::parse_integer(text, INT32_MIN, INT32_MAX);
  if (value) return static_cast<std::int32_t>(*value);
  return fail(Errc::invalid_request, "For input string: \"{}\"", text);
}

}  // namespace moldau::cli
