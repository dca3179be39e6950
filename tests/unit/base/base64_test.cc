#include "base/base64.h"

#include <gtest/gtest.h>

namespace moldau {
namespace {

std::string round(std::string_view text) {
  return base64_encode(std::as_bytes(std::span(text)), Base64::standard);
}

TEST(Base64, PadsAsRfc4648) {
  EXPECT_EQ(round(""), "");
  EXPECT_EQ(round("f"), "Zg==");
  EXPECT_EQ(round("fo"), "Zm8=");
  EXPECT_EQ(round("foobar"), "Zm9vYmFy");
}

TEST(Base64, DecodesWithAndWithoutPadding) {
  EXPECT_EQ(base64_decode("Zm8=")->size(), 2U);
  EXPECT_EQ(base64_decode("Zm8")->size(), 2U);
  EXPECT_FALSE(base64_decode("Z").has_value());
}

}  // namespace
}  // namespace moldau
