#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "bytes/shared_bytes.h"

namespace moldau::cli {

// UTF-8 as Java reads it into a String: what is malformed becomes U+FFFD, one for each longest
// piece that could have begun a character, and one for half a surrogate pair.
[[nodiscard]] std::string java_text(Bytes bytes);

// Double.toString and Float.toString: the shortest digits that mean the number.
[[nodiscard]] std::string java_number(double value);
[[nodiscard]] std::string java_number(float value);
// "%.4f": four digits, or Infinity or NaN.
[[nodiscard]] std::string java_fixed(double value);

// Integer.parseInt. Errors: invalid_request in its words.
[[nodiscard]] Result<std::int32_t> read_java_int(std::string_view text);

}  // namespace moldau::cli
