#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace moldau {

enum class Base64 : unsigned char { standard, url_without_padding };

[[nodiscard]] std::string base64_encode(std::span<const std::byte> bytes, Base64 alphabet);
// Reads both alphabets, with or without padding. Errors: invalid_request.
[[nodiscard]] Result<std::vector<std::byte>> base64_decode(std::string_view text);

}  // namespace moldau
