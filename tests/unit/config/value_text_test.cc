#include "config/value_text.h"

#include <gtest/gtest.h>

#include "config/keys.h"
#include "unit/config/answers.h"

namespace moldau::config {
namespace {

TEST(JavaDouble, PrintsAsJavaDoes) {
  for (const test::Answer& answer : test::answers("double")) {
    const auto value = parse_double(answer.cells[1]);
    ASSERT_TRUE(value) << answer.line;
    EXPECT_EQ(java_double(*value), answer.text);
  }
}

TEST(ParseInteger, TakesOneSignAndDigitsWithinTheBounds) {
  EXPECT_EQ(parse_integer("+5", 0, 9), 5);
  EXPECT_EQ(parse_integer("-5", -9, 9), -5);
  for (const char* text : {"", "+", "-", "+-5", "5 ", "0x5", "5.0", "99999999999999999999"})
    EXPECT_FALSE(parse_integer(text, INT64_MIN, INT64_MAX)) << text;
  EXPECT_FALSE(parse_integer("10", 0, 9));
}

TEST(SplitList, CutsBlanksAndKeepsEmptyItems) {
  using Items = std::vector<std::string>;
  EXPECT_EQ(split_list(""), Items{});
  EXPECT_EQ(split_list("  "), Items{});
  EXPECT_EQ(split_list(" a , b,c "), (Items{"a", "b", "c"}));
  EXPECT_EQ(split_list("a,,b,"), (Items{"a", "", "b", ""}));
  EXPECT_EQ(split_list(","), (Items{"", ""}));
  EXPECT_EQ(joined({"a", "b"}, "-"), "a-b");
}

TEST(JavaSplit, KeepsBlanksAndDropsEmptyItemsAtTheEnd) {
  using Items = std::vector<std::string_view>;
  EXPECT_EQ(java_split(""), Items{""});
  EXPECT_EQ(java_split(","), Items{});
  EXPECT_EQ(java_split(" a ,b"), (Items{" a ", "b"}));
  EXPECT_EQ(java_split(",a,,b,,"), (Items{"", "a", "", "b"}));
}

TEST(IsoDuration, ReadsDaysToFractionsOfSeconds) {
  EXPECT_EQ(parse_iso_duration("PT1H")->seconds, 3'600);
  EXPECT_EQ(parse_iso_duration("P1DT2H3M4.5S")->seconds, 93'784.5);
  EXPECT_EQ(parse_iso_duration("-PT1S")->seconds, -1);
  for (const char* text : {"", "P", "PT", "1H", "PT1", "P1DT", "PT1X"})
    EXPECT_FALSE(parse_iso_duration(text)) << text;
}

TEST(ListenerOverride, MechanismsAreCutOffWhereTheyStand) {
  EXPECT_EQ(listener_override_base("listener.name.a.ssl.client.auth"), "ssl.client.auth");
  EXPECT_EQ(listener_override_base("listener.name.a.scram-sha-256.sasl.jaas.config"),
            "sasl.jaas.config");
  EXPECT_EQ(listener_override_base("listener.name.a"), "");
  EXPECT_EQ(listener_override_base("listeners"), "");
}

TEST(JavaTrim, CutsControlCharactersToo) {
  EXPECT_EQ(java_trim(std::string_view("\t\0 a\n", 5)), "a");
  EXPECT_EQ(upper("aZ-9"), "AZ-9");
  EXPECT_EQ(lower("aZ-9"), "az-9");
}

}  // namespace
}  // namespace moldau::config
