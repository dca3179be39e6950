#include "harness/topic_plans.h"

#include <gtest/gtest.h>

namespace moldau::harness {
namespace {

TEST(TopicPlans, ASyncedTopicWaitsForTheDiskAndStays) {
  const auto topic = synced_topic("t", 2);
  EXPECT_TRUE(topic->synced);
  EXPECT_FALSE(topic->comes_and_goes);
  EXPECT_EQ(topic->configs, (decltype(topic->configs){{"flush.messages", "1"}}));
  ASSERT_EQ(topic->partitions.size(), 2U);
  EXPECT_EQ(topic->partitions[1]->name(), "t-1");
}

}  // namespace
}  // namespace moldau::harness
