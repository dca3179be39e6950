#include "cli/java_text.h"

#include <gtest/gtest.h>

namespace moldau::cli {
namespace {

constexpr std::string_view k_bad = "\xEF\xBF\xBD";

std::string read(std::string_view text) { return java_text(as_bytes(text)); }

TEST(JavaTextTest, WellFormedTextStaysAsItIs) {
  EXPECT_EQ(read("a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"), "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80");
  EXPECT_EQ(read(""), "");
}

TEST(JavaTextTest, AnUnfinishedCharacterIsOneMistake) {
  EXPECT_EQ(read("x\xE2\x82"), "x" + std::string(k_bad));
  EXPECT_EQ(read("\xF0\x9F\x98z"), std::string(k_bad) + "z");
}

TEST(JavaTextTest, BytesThatBeginNothingAreOneMistakeEach) {
  EXPECT_EQ(read("\x80\xC0\xAF"), std::string(k_bad) + std::string(k_bad) + std::string(k_bad));
}

TEST(JavaTextTest, HalfASurrogatePairIsOneMistake) {
  EXPECT_EQ(read("\xED\xA0\x80!"), std::string(k_bad) + "!");
}

TEST(ReadJavaIntTest, TextThatIsNoIntegerIsRefusedInJavasWords) {
  EXPECT_EQ(read_java_int("-7").value(), -7);
  for (const std::string_view text : {"", "x", "1 ", "2147483648", "1.0"}) {
    const auto read = read_java_int(text);
    ASSERT_FALSE(read.has_value()) << text;
    EXPECT_EQ(read.error().code(), Errc::invalid_request);
    EXPECT_EQ(read.error().text(), "For input string: \"" + std::string(text) + "\"");
  }
}

TEST(JavaNumberTest, LargeAndSmallOnesHaveAnExponent) {
  EXPECT_EQ(java_number(2.4075102538361604E-38), "2.4075102538361604E-38");
  EXPECT_EQ(java_number(1e7), "1.0E7");
  EXPECT_EQ(java_number(9999999.0), "9999999.0");
  EXPECT_EQ(java_number(0.001), "0.001");
  EXPECT_EQ(java_number(-0.5F), "-0.5");
  EXPECT_EQ(java_number(1.5e-7F), "1.5E-7");
  EXPECT_EQ(java_number(0.0), "0.0");
}

TEST(JavaTextTest, FixedNumbersAreThoseOfJavasFormatter) {
  EXPECT_EQ(java_fixed(19750.0), "19750.0000");
  EXPECT_EQ(java_fixed(0.00004), "0.0000");
  EXPECT_EQ(java_fixed(1.0 / 0.0), "Infinity");
  EXPECT_EQ(java_fixed(-1.0 / 0.0), "-Infinity");
  EXPECT_EQ(java_fixed(0.0 / 0.0), "NaN");
}

}  // namespace
}  // namespace moldau::cli
