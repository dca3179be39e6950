#include "log/recovery_facts.h"

#include <gtest/gtest.h>

namespace moldau::log {
namespace {

TEST(RecoveryFacts, LineNamesWhereTheLogWasCutAndWhatWent) {
  RecoveryFacts facts;
  RecoveryFacts::Cut cut{.file = "d/t-0/0.log", .position = 70, .end = Offset{3}, .bytes = 12};
  EXPECT_EQ(describe(facts, cut),
            "d/t-0/0.log: cut at byte 70, the log ends at offset 3 now: 12 bytes from there on "
            "were damaged or incomplete");
  facts.was_clean = true;
  cut.segments = 2;
  EXPECT_EQ(describe(facts, cut),
            "d/t-0/0.log: cut at byte 70, the log ends at offset 3 now: 12 bytes, 2 segments, from "
            "there on were damaged or incomplete, although the log had been closed whole");
}

TEST(RecoveryFacts, RefusalSaysWhereAndWhatToDo) {
  const Error error = damage_of_durable("d/m-0/0.log", 1196, Offset{14});
  EXPECT_EQ(error.code(), Errc::corrupt_data);
  EXPECT_NE(error.text().find("d/m-0/0.log: damaged at byte 1196, offset 14"),
            std::string_view::npos);
  EXPECT_NE(error.text().find("truncate -s 1196 d/m-0/0.log"), std::string_view::npos);
}

}  // namespace
}  // namespace moldau::log
