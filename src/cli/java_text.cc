#include "cli/java_text.h"

#include <algorithm>
#include <cstdint>

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

}  // namespace

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

}  // namespace moldau::cli
