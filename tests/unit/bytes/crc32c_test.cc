#include "bytes/crc32c.h"

#include <gtest/gtest.h>

#include <vector>

namespace moldau {
namespace {

std::uint32_t bit_by_bit(Bytes bytes) {
  std::uint32_t sum = ~0U;
  for (const std::byte byte : bytes) {
    sum ^= std::to_integer<std::uint32_t>(byte);
    for (int i = 0; i < 8; ++i) sum = (sum >> 1U) ^ ((sum & 1U) != 0 ? 0x82f63b78U : 0U);
  }
  return ~sum;
}

TEST(Crc32c, AgreesWithTheDefinitionOnEveryLength) {
  std::vector<std::byte> bytes;
  for (int i = 0; i < 700; ++i) {
    EXPECT_EQ(crc32c(bytes), bit_by_bit(bytes)) << i;
    bytes.push_back(static_cast<std::byte>(i * 7));
  }
}

TEST(Crc32c, ContinuesAnEarlierSum) {
  EXPECT_EQ(crc32c(as_bytes("6789"), crc32c(as_bytes("12345"))), crc32c(as_bytes("123456789")));
  EXPECT_EQ(crc32c(as_bytes("123456789")), 0xe3069283U);
}

}  // namespace
}  // namespace moldau
