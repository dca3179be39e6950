// Pairs with src/compress/gzip.cc, which has no header of its own.
#include <gtest/gtest.h>
#include <zlib.h>

#include "compress/codec.h"
#include "unit/compress/samples.h"

namespace moldau::compress {
namespace {

std::vector<std::byte> gzip(Bytes input) { return compress(Codec::gzip, Level{-1}, input); }
Result<std::vector<std::byte>> gunzip(Bytes input) {
  return decompress(Codec::gzip, input, std::size_t{1} << 30U);
}
std::vector<std::byte> joined(std::vector<std::byte> a, const std::vector<std::byte>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

TEST(Gzip, MembersOneBehindTheOtherAreReadAsOne) {
  const auto a = test::lines(70'000, 1);
  const auto b = test::lines(100, 2);
  EXPECT_EQ(gunzip(joined(gzip(a), gzip(b))).value(), joined(a, b));
  EXPECT_EQ(gunzip(joined(gzip({}), gzip(b))).value(), b);
}

TEST(Gzip, BytesThatBeginNoMemberAreIgnoredAsJavaDoes) {
  const auto input = test::lines(1'000);
  EXPECT_EQ(gunzip(joined(gzip(input), test::bytes_of("garbage"))).value(), input);
}

TEST(Gzip, ABrokenSecondMemberIsCorrupt) {
  const auto input = test::lines(1'000);
  auto second = gzip(input);
  second.resize(second.size() / 2);
  EXPECT_EQ(gunzip(joined(gzip(input), second)).error().code(), Errc::corrupt_message);
}

TEST(Gzip, AWrongSumIsCorrupt) {
  auto packed = gzip(test::lines(1'000));
  packed[packed.size() - 6] ^= std::byte{1};
  EXPECT_EQ(gunzip(packed).error().code(), Errc::corrupt_message);
}

TEST(Gzip, ZlibReadsWhatWeWrite) {
  const auto input = test::lines(300'000);
  const auto packed = gzip(input);
  std::vector<std::byte> out(input.size());
  z_stream stream{};
  ASSERT_EQ(inflateInit2(&stream, 16 + MAX_WBITS), Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  inflateEnd(&stream);
  EXPECT_EQ(out, input);
}

}  // namespace
}  // namespace moldau::compress
