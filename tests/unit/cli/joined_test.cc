#include "cli/joined.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/ids.h"

namespace moldau::cli {
namespace {

TEST(Joined, SetsTheSeparatorBetweenTextsAndIdsAlike) {
  EXPECT_EQ(joined(std::vector<std::string>{"a", "", "c"}, ", "), "a, , c");
  EXPECT_EQ(joined(std::vector{BrokerId{1}, BrokerId{2}}, ","), "1,2");
  EXPECT_EQ(joined(std::vector<std::string>{}, ","), "");
}

}  // namespace
}  // namespace moldau::cli
