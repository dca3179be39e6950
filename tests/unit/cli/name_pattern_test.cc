#include "cli/name_pattern.h"

#include <gtest/gtest.h>

namespace moldau::cli {
namespace {

TEST(NamePattern, MatchesWholeNamesAndCommaMeansOr) {
  const auto pattern = NamePattern::read("t.*,msg");
  EXPECT_TRUE(pattern->matches("t1"));
  EXPECT_TRUE(pattern->matches("msg"));
  EXPECT_FALSE(pattern->matches("at1"));
  EXPECT_EQ(NamePattern::read("a(").error().code(), Errc::invalid_request);
}

}  // namespace
}  // namespace moldau::cli
