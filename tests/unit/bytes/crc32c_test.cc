#include "bytes/crc32c.h"

#include <gtest/gtest.h>

#include <vector>

#include "support/golden.h"

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

TEST(Crc32c, SumsAreKafkas) {
  int compared = 0;
  for (const auto& row : test::read_tsv_gz("golden/primitives.tsv.gz")) {
    if (row.at(0) != "crc32c") continue;
    EXPECT_EQ(fmt::format("{:08x}", crc32c(test::from_hex(row.at(1)))), row.at(2));
    ++compared;
  }
  EXPECT_EQ(compared, 24);
}

TEST(Crc32c, ReplacingBytesInTheMiddleGivesTheSumOfTheNewBytes) {
  std::vector<std::byte> bytes(5'000, std::byte{0x5a});
  for (const std::size_t behind : {0U, 1U, 2U, 3U, 16U, 255U, 1'000U, 4'000U}) {
    const std::size_t position = bytes.size() - behind - 22;
    auto changed = bytes;
    for (std::size_t i = 0; i < 22; ++i) changed[position + i] = static_cast<std::byte>(i * 11);
    EXPECT_EQ(crc32c_replaced(crc32c(bytes), Bytes{bytes}.subspan(position, 22),
                              Bytes{changed}.subspan(position, 22), behind),
              crc32c(changed))
        << behind;
  }
}

}  // namespace
}  // namespace moldau
