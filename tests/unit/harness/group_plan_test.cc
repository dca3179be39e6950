#include "harness/group_plan.h"

#include <gtest/gtest.h>

#include "harness/cluster_run.h"

namespace moldau::harness {
namespace {

TEST(GroupPlan, TopicsAreFoundByNameAndIdAndCountOnceTheyAreThere) {
  TopicPlan topic;
  topic.name = "t";
  topic.partitions.push_back(std::make_unique<PartitionOracle>("t-0", true));
  GroupPlan group;
  group.topics.push_back(&topic);
  EXPECT_TRUE(group.partitions().empty());
  topic.id = Uuid(1, 2);
  EXPECT_EQ(group.partitions().size(), 1U);
  EXPECT_EQ(&group.topic("t"), &topic);
  EXPECT_EQ(&group.topic(topic.id), &topic);
}

}  // namespace
}  // namespace moldau::harness
