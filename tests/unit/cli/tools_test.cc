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

TEST(Tools, AreFoundByTheClassOfAnyRelease) {
  EXPECT_EQ(find_tool_of_class("kafka.admin.TopicCommand"), find_tool("topics"));
  EXPECT_EQ(find_tool_of_class("org.apache.kafka.tools.TopicCommand"), find_tool("topics"));
  EXPECT_EQ(find_tool_of_class("org.example.TopicCommand"), nullptr);
  EXPECT_EQ(find_tool_of_class("kafka.Nothing"), nullptr);
}

TEST(Tools, AreSortedByName) { EXPECT_TRUE(std::ranges::is_sorted(tools(), {}, &Tool::name)); }

}  // namespace
}  // namespace moldau::cli
