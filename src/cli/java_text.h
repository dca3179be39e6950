#pragma once
#include <string>

#include "bytes/shared_bytes.h"

namespace moldau::cli {

// UTF-8 as Java reads it into a String: what is malformed becomes U+FFFD, one for each longest
// piece that could have begun a character, and one for half a surrogate pair.
[[nodiscard]] std::string java_text(Bytes bytes);

// Double.toString and Float.toString: the shortest digits that mean the number.
[[nodiscard]] std::string java_number(double value);
[[nodiscard]] std::string java_number(float value);

}  // namespace moldau::cli
