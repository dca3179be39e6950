// Pairs with src/compress/snappy.cc, which has no header of its own.
#include <gtest/gtest.h>
#include <snappy.h>

#include <string>

#include "bytes/endian.h"
#include "compress/codec.h"
#include "support/golden.h"
#include "unit/compress/samples.h"

namespace moldau::compress {
namespace {

std::vector<std::byte> snap(Bytes input) { return compress(Codec::snappy, Level{0}, input); }
Result<std::vector<std::byte>> unsnap(Bytes input, std::size_t size_max = 1U << 30U) {
  return decompress(Codec::snappy, input, size_max);
}
std::vector<std::byte> raw(Bytes input) {
  std::string out;
  snappy::Compress(reinterpret_cast<const char*>(input.data()), input.size(), &out);
  return test::bytes_of(out);
}

TEST(Snappy, WritesXerialsHeaderAndBlocksOf32KB) {
  const auto packed = snap(test::lines(100'000));
  EXPECT_EQ(moldau::test::to_hex(Bytes{packed}.first(16)), "82534e41505059000000000100000001");
  std::size_t blocks = 0;
  for (std::size_t at = 16; at < packed.size(); ++blocks) {
    const auto size = load_big<std::int32_t>(packed.data() + at);
    std::size_t uncompressed = 0;
    ASSERT_TRUE(snappy::GetUncompressedLength(reinterpret_cast<const char*>(&packed[at + 4]),
                                              static_cast<std::size_t>(size), &uncompressed));
    EXPECT_LE(uncompressed, 32'768U);
    at += 4 + static_cast<std::size_t>(size);
  }
  EXPECT_EQ(blocks, 4U);
}

TEST(Snappy, RawBlockWithoutHeaderIsReadAsLibrdkafkaSendsIt) {
  const auto input = test::lines(500'000);
  EXPECT_EQ(unsnap(raw(input)).value(), input);
  EXPECT_EQ(unsnap(raw({})).value(), std::vector<std::byte>{});
}

TEST(Snappy, StreamsOneBehindTheOtherAreReadAsOne) {
  auto packed = snap(test::lines(40'000, 1));
  const auto second = snap(test::lines(10, 2));
  packed.insert(packed.end(), second.begin(), second.end());
  auto both = test::lines(40'000, 1);
  const auto tail = test::lines(10, 2);
  both.insert(both.end(), tail.begin(), tail.end());
  EXPECT_EQ(unsnap(packed).value(), both);
}

TEST(Snappy, AnAnnouncedLengthThatTheBytesCannotFillIsCorrupt) {
  // 0xfffffff0 bytes announced by five bytes of varint, and nothing that could make them.
  EXPECT_EQ(unsnap(moldau::test::from_hex("f0ffffff0f0000")).error().code(), Errc::corrupt_message);
}

TEST(Snappy, ABlockAboveTheLimitIsRefusedBeforeItIsDecoded) {
  const std::vector<std::byte> zeros(10'000'000);
  EXPECT_EQ(unsnap(raw(zeros), 9'999'999).error().code(), Errc::message_too_large);
}

TEST(Snappy, BlockSizesThatCannotBeAreCorrupt) {
  const std::string header = "82534e41505059000000000100000001";
  for (const std::string block : {"00000000", "ffffffff", "7fffffff00", "000000050400", "0000"}) {
    EXPECT_EQ(unsnap(moldau::test::from_hex(header + block)).error().code(), Errc::corrupt_message)
        << block;
  }
}

}  // namespace
}  // namespace moldau::compress
