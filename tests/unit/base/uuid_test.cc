#include "base/uuid.h"

#include <gtest/gtest.h>

namespace moldau {
namespace {

TEST(Uuid, TextIsKafkasUrlSafeBase64) {
  EXPECT_EQ(k_metadata_topic_id.to_string(), "AAAAAAAAAAAAAAAAAAAAAQ");
  const Uuid id(0x0102030405060708, 0x090a0b0c0d0e0f10);
  EXPECT_EQ(id.to_string(), "AQIDBAUGBwgJCgsMDQ4PEA");
  EXPECT_EQ(*Uuid::parse("AQIDBAUGBwgJCgsMDQ4PEA"), id);
}

TEST(Uuid, TextOfAnotherLengthOrAlphabetIsRefused) {
  EXPECT_EQ(Uuid::parse("AQIDBAUGBwgJCgsMDQ4PEAAAAA").error().code(), Errc::invalid_request);
  EXPECT_EQ(Uuid::parse("AQID").error().code(), Errc::invalid_request);
  EXPECT_EQ(Uuid::parse("!!!!BAUGBwgJCgsMDQ4PEA").error().code(), Errc::invalid_request);
}

TEST(Uuid, ReservedOnesAndALeadingDashAreNotHandedOut) {
  EXPECT_FALSE(k_zero_uuid.usable_as_new());
  EXPECT_FALSE(k_metadata_topic_id.usable_as_new());
  EXPECT_FALSE(Uuid(0xf8ULL << 56U, 5).usable_as_new());
  EXPECT_TRUE(Uuid::from_random_bits(42, 43).usable_as_new());
}

}  // namespace
}  // namespace moldau
