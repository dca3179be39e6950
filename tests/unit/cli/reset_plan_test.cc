#include "cli/reset_plan.h"

#include <gtest/gtest.h>

namespace moldau::cli {
namespace {

const client::TopicPartition k_first{"t", PartitionIndex{0}};

TEST(ResetPlan, LinesOfOneGroupMayLeaveItOut) {
  const ResetPlan plan{{"g", {{k_first, Offset{3}}}}};
  EXPECT_EQ(*read_plan("t,0,3\n", "g"), plan);
  EXPECT_EQ(*read_plan("g,t,0,3\r\n", "g"), plan);
  EXPECT_EQ(*read_plan("g,t,0,3", ""), plan);
  EXPECT_EQ(plan_text(plan, true), "g,t,0,3\n");
  EXPECT_EQ(plan_text(plan, false), "t,0,3\n");
}

TEST(ResetPlan, QuotedCellsComeBack) {
  const ResetPlan plan{{"a,\"b", {{k_first, Offset{3}}}}};
  EXPECT_EQ(plan_text(plan, true), "\"a,\"\"b\",t,0,3\n");
  EXPECT_EQ(*read_plan(plan_text(plan, true), ""), plan);
}

TEST(ResetPlan, LineThatCannotBeReadIsNamed) {
  EXPECT_EQ(read_plan("t,0,3", "").error().code(), Errc::bad_configuration);
  EXPECT_TRUE(read_plan("g,t,x,3", "")
                  .error()
                  .text()
                  .starts_with("Cannot deserialize value of type `int` from String \"x\""));
  EXPECT_TRUE(read_plan("g,t,0,", "")
                  .error()
                  .text()
                  .starts_with("Cannot deserialize value of type `long` from String \"\""));
}

TEST(Datetime, IsReadWithAndWithoutZone) {
  EXPECT_EQ(to_millis(*parse_datetime("1970-01-01T00:00:01.500")), 1'500);
  EXPECT_EQ(to_millis(*parse_datetime("1970-01-01T00:00:01.500Z")), 1'500);
  EXPECT_EQ(to_millis(*parse_datetime("1970-01-01T01:00:00.000+01:00")), 0);
  EXPECT_EQ(to_millis(*parse_datetime("1970-01-01T00:00:00.000-01")), 3'600'000);
  EXPECT_EQ(to_millis(*parse_datetime("2024-02-29T12:00:00.000")), 1'709'208'000'000);
}

TEST(Datetime, RefusalsAreJavas) {
  EXPECT_EQ(parse_datetime("yesterday").error().text(),
            "java.text.ParseException: Error parsing timestamp. It does not contain a 'T' "
            "according to ISO8601 format");
  for (const char* const text :
       {"2023-02-29T12:00:00.000", "2023-02-28T24:00:00.000", "2023-02-28T12:00:00",
        "2023-02-28T12:00:00.000+1", "2023-02-28T12:00:00.000Zx"}) {
    EXPECT_TRUE(parse_datetime(text).error().text().starts_with(
        "java.text.ParseException: Unparseable date: "))
        << text;
  }
}

}  // namespace
}  // namespace moldau::cli
