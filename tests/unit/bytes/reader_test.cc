#include "bytes/reader.h"

#include <gtest/gtest.h>

#include <array>

#include "bytes/writer.h"

namespace moldau {
namespace {

TEST(Reader, FirstBreachLatchesAndEveryLaterReadIsZero) {
  const std::array bytes{std::byte{1}, std::byte{2}, std::byte{3}};
  Reader reader(bytes);
  EXPECT_EQ(reader.i16(), 0x0102);
  EXPECT_EQ(reader.i32(), 0);
  EXPECT_FALSE(reader.ok());
  EXPECT_EQ(reader.i8(), 0);
  EXPECT_EQ(reader.status().error().code(), Errc::bad_frame);
}

TEST(Reader, LengthPastTheEndIsABreachAndGivesNoBytes) {
  const std::array bytes{std::byte{1}};
  Reader reader(bytes);
  EXPECT_TRUE(reader.bytes(2).empty());
  EXPECT_FALSE(reader.ok());
}

TEST(Reader, OverlongVarintIsABreachButDroppedHighBitsAreNot) {
  Writer long_one;
  for (int i = 0; i < 5; ++i) long_one.i8(-1);
  long_one.i8(0);
  Reader six_bytes(long_one.view());
  EXPECT_EQ(six_bytes.uvarint(), 0U);
  EXPECT_FALSE(six_bytes.ok());

  Writer high_bits;
  for (int i = 0; i < 4; ++i) high_bits.i8(-1);
  high_bits.i8(0x7f);
  Reader five_bytes(high_bits.view());
  EXPECT_EQ(five_bytes.uvarint(), 0xffffffffU);
  EXPECT_TRUE(five_bytes.ok());
}

}  // namespace
}  // namespace moldau
