#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/check.h"
#include "compress/codec.h"
#include "compress/decompressor.h"

namespace moldau::test {

// Whatever the bytes are: the output stays within the limit, and reading piece by piece gives what
// reading at once gives.
inline void fuzz_decompress(compress::Codec codec, Bytes input, compress::Lz4Header lz4_header) {
  constexpr std::size_t k_size_max = std::size_t{1} << 20U;
  const auto whole = compress::decompress(codec, input, k_size_max, lz4_header);
  if (whole) CHECK_OP(whole->size(), <=, k_size_max);

  compress::Decompressor decompressor;
  decompressor.set_piece_max(k_size_max);
  decompressor.open(codec, input, lz4_header);
  std::vector<std::byte> pieces;
  for (;;) {
    const auto piece = decompressor.next();
    if (!piece) {
      CHECK(!whole.has_value());
      return;
    }
    if (piece->empty()) break;
    pieces.insert(pieces.end(), piece->begin(), piece->end());
    if (pieces.size() > k_size_max) {
      CHECK(!whole.has_value());
      return;
    }
  }
  CHECK(whole.has_value());
  CHECK(*whole == pieces);
}

}  // namespace moldau::test
