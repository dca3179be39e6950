#include "base/result.h"

#include <gtest/gtest.h>

namespace moldau {
namespace {

Result<int> half(int n) {
  if (n % 2 != 0) return fail(Errc::invalid_request, "{} is odd", n);
  return n / 2;
}
Result<int> quarter(int n) {
  TRY(const int h, half(n));
  return half(h);
}

TEST(Result, TryReturnsTheFirstErrorWithItsText) {
  EXPECT_EQ(*quarter(8), 2);
  EXPECT_EQ(quarter(6).error().describe(), "INVALID_REQUEST: 3 is odd");
}

TEST(Errc, EveryKafkaCodeGoesToTheWireAndBack) {
  for (std::int16_t code = -1; code <= 136; ++code) {
    ASSERT_TRUE(errc_from_wire(code).has_value()) << code;
    EXPECT_EQ(wire_code(*errc_from_wire(code)), code);
  }
  EXPECT_EQ(errc_from_wire(137), std::nullopt);
}

TEST(Errc, ConditionsOfOurOwnTravelAsKafkas) {
  EXPECT_EQ(wire_code(Errc::io_failure), wire_code(Errc::kafka_storage_error));
  EXPECT_EQ(name_of(Errc::not_leader_or_follower), "NOT_LEADER_OR_FOLLOWER");
}

}  // namespace
}  // namespace moldau
