#include "client/record_size.h"

#include <gtest/gtest.h>

namespace moldau::client {
namespace {

std::vector<std::byte> of(std::size_t size) { return std::vector<std::byte>(size); }

// Sizes that Kafka's AbstractRecords.estimateSizeInBytesUpperBound gives.
TEST(SerializedSize, CountsTheLargestHeadOfARecord) {
  EXPECT_EQ(serialized_size_max({.key = std::nullopt, .value = of(29)}), 114U);
  EXPECT_EQ(serialized_size_max({}), 61U + 21U + 3U);
  EXPECT_EQ(serialized_size_max({.key = of(0), .value = of(0)}), 61U + 21U + 3U);
}

TEST(SerializedSize, LengthsGrowWithWhatTheyCount) {
  EXPECT_EQ(serialized_size_max({.key = of(63), .value = of(64)}), 82U + 64U + 66U + 1U);
  EXPECT_EQ(serialized_size_max({.key = std::nullopt, .value = of(8192)}), 82U + 1U + 8195U + 1U);
}

TEST(SerializedSize, HeadersCount) {
  OutgoingRecord record{.key = std::nullopt, .value = of(1)};
  record.headers = {{.key = "ab", .value = of(3)}, {.key = "", .value = std::nullopt}};
  EXPECT_EQ(serialized_size_max(record), 82U + 1U + 2U + 1U + (3U + 4U) + (1U + 1U));
}

}  // namespace
}  // namespace moldau::client
