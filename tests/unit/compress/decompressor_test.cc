#include "compress/decompressor.h"

#include <gtest/gtest.h>

#include "unit/compress/samples.h"

namespace moldau::compress {
namespace {

struct Read {
  std::vector<std::byte> bytes;
  std::size_t largest_piece = 0;
};

Result<Read> read_all(Decompressor& decompressor) {
  Read read;
  for (;;) {
    TRY(const Bytes piece, decompressor.next());
    if (piece.empty()) return read;
    read.largest_piece = std::max(read.largest_piece, piece.size());
    read.bytes.insert(read.bytes.end(), piece.begin(), piece.end());
  }
}

TEST(Decompressor, HoldsAPieceAtATimeHoweverLongTheOutput) {
  const std::vector<std::byte> zeros(std::size_t{16} << 20U);
  Decompressor decompressor;
  for (const Codec codec : test::k_real_codecs) {
    const auto packed = compress(codec, preset_level(codec), zeros);
    decompressor.open(codec, packed);
    const auto read = read_all(decompressor);
    ASSERT_TRUE(read.has_value()) << name_of(codec);
    EXPECT_EQ(read->bytes.size(), zeros.size());
    EXPECT_LE(read->largest_piece, std::size_t{64} << 10U);
  }
}

TEST(Decompressor, OneObjectReadsOneInputAfterTheOtherAlsoAfterErrorsAndTrim) {
  Decompressor decompressor;
  for (int round = 0; round < 3; ++round) {
    for (const Codec codec : test::k_real_codecs) {
      const auto input = test::lines(100'000, static_cast<std::uint64_t>(round));
      const auto packed = compress(codec, preset_level(codec), input);
      decompressor.open(codec, Bytes{packed}.first(packed.size() / 2));
      EXPECT_FALSE(read_all(decompressor).has_value()) << name_of(codec);
      decompressor.open(codec, packed);
      EXPECT_EQ(read_all(decompressor)->bytes, input) << name_of(codec);
    }
    decompressor.trim();
  }
}

TEST(Decompressor, GivesTheInputItselfWhereNothingIsCompressed) {
  const auto input = test::lines(100'000);
  Decompressor decompressor;
  decompressor.open(Codec::none, input);
  EXPECT_EQ(decompressor.next()->data(), input.data());
  EXPECT_TRUE(decompressor.next()->empty());
}

TEST(Decompressor, WithNothingOpenThereIsNothing) {
  Decompressor decompressor;
  EXPECT_TRUE(decompressor.next()->empty());
}

}  // namespace
}  // namespace moldau::compress
