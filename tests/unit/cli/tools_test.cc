#include <gtest/gtest.h>

#include <algorithm>

#include "cli/tool.h"

namespace moldau::cli {
namespace {

TEST(Tools, AreFoundByNameAndByScript) {
  EXPECT_EQ(find_tool("topics"), find_tool("kafka-topics.sh"));
  EXPECT_EQ(find_tool("topics"), find_tool("kafka-topics"));
  EXPECT_EQ(find_tool("nothing"), nullptr);
}

TEST(Tools, AreSortedByName) { EXPECT_TRUE(std::ranges::is_sorted(tools(), {}, &Tool::name)); }

}  // namespace
}  // namespace moldau::cli
