// Pairs with src/compress/lz4.cc, which has no header of its own.
#include <gtest/gtest.h>
#include <lz4frame.h>

#include "compress/codec.h"
#include "support/golden.h"
#include "unit/compress/samples.h"

namespace moldau::compress {
namespace {

std::vector<std::byte> pack(Bytes input, Level level = Level{9}) {
  return compress(Codec::lz4, level, input);
}
Result<std::vector<std::byte>> unpack(Bytes input, Lz4Header header = Lz4Header::checked) {
  return decompress(Codec::lz4, input, std::size_t{1} << 30U, header);
}
std::vector<std::byte> foreign(Bytes input, const LZ4F_preferences_t& preferences) {
  std::vector<std::byte> out(LZ4F_compressFrameBound(input.size(), &preferences));
  out.resize(LZ4F_compressFrame(out.data(), out.size(), input.data(), input.size(), &preferences));
  return out;
}

TEST(Lz4, WritesKafkasHeaderAndEndMark) {
  const auto packed = pack(test::lines(1'000));
  EXPECT_EQ(moldau::test::to_hex(Bytes{packed}.first(7)), "04224d18604082");
  EXPECT_EQ(moldau::test::to_hex(Bytes{packed}.last(4)), "00000000");
}

TEST(Lz4, BlocksThatDoNotShrinkAreStored) {
  const auto input = test::noise(100);
  EXPECT_EQ(moldau::test::to_hex(pack(input)),
            "04224d1860408264000080" + moldau::test::to_hex(input) + "00000000");
}

TEST(Lz4, FramesOfOtherWritersAreRead) {
  const auto input = test::lines(9'000'000);
  LZ4F_preferences_t preferences{};
  preferences.frameInfo.blockMode = LZ4F_blockIndependent;
  preferences.frameInfo.blockSizeID = LZ4F_max4MB;
  preferences.frameInfo.blockChecksumFlag = LZ4F_blockChecksumEnabled;
  preferences.frameInfo.contentChecksumFlag = LZ4F_contentChecksumEnabled;
  preferences.frameInfo.contentSize = input.size();
  EXPECT_EQ(unpack(foreign(input, preferences)).value(), input);
  EXPECT_EQ(unpack(foreign(input, preferences), Lz4Header::unchecked).value(), input);
}

TEST(Lz4, BlocksThatDependOnEachOtherAreRefusedAsKafkaDoes) {
  LZ4F_preferences_t preferences{};
  preferences.frameInfo.blockMode = LZ4F_blockLinked;
  preferences.frameInfo.blockSizeID = LZ4F_max64KB;
  EXPECT_EQ(unpack(foreign(test::lines(200'000), preferences)).error().code(),
            Errc::corrupt_message);
}

TEST(Lz4, TheBrokenHeaderSumOfOldProducersIsReadOnlyWhenItIsNotChecked) {
  const auto input = test::lines(200'000);
  auto packed = pack(input);
  packed[6] = std::byte{0x1a};  // the sum over magic and descriptor, as Kafka wrote for magic 0
  EXPECT_EQ(unpack(packed).error().code(), Errc::corrupt_message);
  EXPECT_EQ(unpack(packed, Lz4Header::unchecked).value(), input);
}

TEST(Lz4, BytesBehindTheFrameAreIgnoredAsKafkaDoes) {
  const auto input = test::lines(1'000);
  auto packed = pack(input);
  packed.push_back(std::byte{1});
  EXPECT_EQ(unpack(packed).value(), input);
}

TEST(Lz4, HighLevelsAreDenser) {
  const auto input = test::lines(200'000);
  EXPECT_LT(pack(input, Level{17}).size(), pack(input).size());
}

}  // namespace
}  // namespace moldau::compress
