#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include "base/rng.h"
#include "bytes/shared_bytes.h"
#include "compress/codec.h"

namespace moldau::compress::test {

inline constexpr Codec k_real_codecs[] = {Codec::gzip, Codec::snappy, Codec::lz4, Codec::zstd};

inline std::vector<std::byte> bytes_of(std::string_view text) {
  const Bytes view = as_bytes(text);
  return {view.begin(), view.end()};
}

// Lines that compress about fourfold.
inline std::vector<std::byte> lines(std::size_t size, std::uint64_t seed = 1) {
  Rng rng(seed);
  std::string text;
  while (text.size() < size) {
    text += R"({"user":)" + std::to_string(rng.below(100'000)) + R"(,"action":"click","page":)" +
            std::to_string(rng.below(50)) + "}\n";
  }
  text.resize(size);
  return bytes_of(text);
}

inline std::vector<std::byte> noise(std::size_t size, std::uint64_t seed = 1) {
  Rng rng(seed);
  std::vector<std::byte> bytes(size);
  for (std::byte& b : bytes) b = static_cast<std::byte>(rng.next());
  return bytes;
}

}  // namespace moldau::compress::test
