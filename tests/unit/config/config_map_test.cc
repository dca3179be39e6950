#include "config/config_map.h"

#include <gtest/gtest.h>

#include <map>

namespace moldau::config {
namespace {

TEST(ConfigMap, KeepsKeysSortedAndTheLastValue) {
  ConfigMap map{{"b", "1"}, {"a", "2"}, {"b", "3"}};
  ASSERT_EQ(map.size(), 2U);
  EXPECT_EQ(map.begin()->first, "a");
  EXPECT_EQ(*map.find("b"), "3");
  EXPECT_EQ(map.find("c"), nullptr);
  EXPECT_TRUE(map.erase("a"));
  EXPECT_FALSE(map.erase("a"));
  EXPECT_FALSE(map.contains("a"));
}

TEST(ConfigMap, IsMadeFromAnyMapOfStrings) {
  const std::map<std::string, std::string> from{{"x", "1"}, {"y", "2"}};
  EXPECT_EQ(ConfigMap(from.begin(), from.end()), (ConfigMap{{"y", "2"}, {"x", "1"}}));
}

}  // namespace
}  // namespace moldau::config
