// Pairs with src/compress/zstd.cc, which has no header of its own.
#include <gtest/gtest.h>
#include <zstd.h>

#include "compress/codec.h"
#include "unit/compress/samples.h"

namespace moldau::compress {
namespace {

std::vector<std::byte> pack(Bytes input, Level level = Level{3}) {
  return compress(Codec::zstd, level, input);
}
Result<std::vector<std::byte>> unpack(Bytes input) {
  return decompress(Codec::zstd, input, std::size_t{1} << 30U);
}

TEST(Zstd, FramesOneBehindTheOtherAreReadAsOne) {
  auto packed = pack(test::lines(200'000, 1));
  const auto second = pack(test::lines(10, 2));
  packed.insert(packed.end(), second.begin(), second.end());
  auto both = test::lines(200'000, 1);
  const auto tail = test::lines(10, 2);
  both.insert(both.end(), tail.begin(), tail.end());
  EXPECT_EQ(unpack(packed).value(), both);
}

TEST(Zstd, FramesWithoutContentSizeAreReadAsKafkasStreamWritesThem) {
  const auto input = test::lines(3'000'000);
  ZSTD_CCtx* context = ZSTD_createCCtx();
  std::vector<std::byte> packed(ZSTD_compressBound(input.size()));
  ZSTD_outBuffer out{packed.data(), packed.size(), 0};
  ZSTD_inBuffer in{input.data(), input.size() / 2, 0};
  ZSTD_compressStream2(context, &out, &in, ZSTD_e_flush);
  in.size = input.size();
  EXPECT_EQ(ZSTD_compressStream2(context, &out, &in, ZSTD_e_end), 0U);
  ZSTD_freeCCtx(context);
  packed.resize(out.pos);
  EXPECT_EQ(ZSTD_getFrameContentSize(packed.data(), packed.size()), ZSTD_CONTENTSIZE_UNKNOWN);
  EXPECT_EQ(unpack(packed).value(), input);
}

TEST(Zstd, BytesThatBeginNoFrameAreCorrupt) {
  auto packed = pack(test::lines(100));
  packed.push_back(std::byte{1});
  EXPECT_EQ(unpack(packed).error().code(), Errc::corrupt_message);
}

TEST(Zstd, AnAnnouncedContentSizeTakesNoMemory) {
  // A single-segment frame that announces 2^40 bytes and holds none.
  const std::vector<std::byte> packed = {
      std::byte{0x28}, std::byte{0xb5}, std::byte{0x2f}, std::byte{0xfd}, std::byte{0xc0},
      std::byte{0},    std::byte{0},    std::byte{0},    std::byte{0},    std::byte{0},
      std::byte{1},    std::byte{0},    std::byte{0}};
  EXPECT_EQ(unpack(packed).error().code(), Errc::corrupt_message);
}

TEST(Zstd, HighLevelsAreDenserAndNegativeOnesLooser) {
  const auto input = test::lines(200'000);
  EXPECT_LT(pack(input, Level{19}).size(), pack(input).size());
  EXPECT_GT(pack(input, Level{-50}).size(), pack(input).size());
}

}  // namespace
}  // namespace moldau::compress
