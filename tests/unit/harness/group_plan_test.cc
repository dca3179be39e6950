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
  EXPECT_EQ(group.topic_ids(), (std::map<std::string, Uuid>{{"t", topic.id}}));
}

TEST(GroupPlan, OfATopicThatGoesNobodyKnowsAnything) {
  const client::TopicPartition one{"t", PartitionIndex{0}};
  GroupPlan group;
  group.offsets.committed(one, Offset{5});
  group.forget("t");
  EXPECT_EQ(group.offsets.least(one), k_no_offset);
}

TEST(GroupPlan, TheOwnerIsWhoTookThePartitionLast) {
  const client::TopicPartition one{"t", PartitionIndex{0}};
  GroupPlan group;
  EXPECT_FALSE(group.identity_of_owner(one).has_value());
  const auto take = [&](std::uint32_t member, int epoch) {
    const Instant at = Instant{} + std::chrono::seconds(epoch);
    (void)group.ownership.took(MemberNumber{member}, epoch, {one},
                               {.asked = at, .told = at, .until = at}, at);
    group.identities[MemberNumber{member}] = {.member_id = std::to_string(member)};
  };
  take(2, 1);
  take(1, 2);
  EXPECT_EQ(group.identity_of_owner(one)->member_id, "1");
  take(2, 3);
  EXPECT_EQ(group.identity_of_owner(one)->member_id, "2");
}

}  // namespace
}  // namespace moldau::harness
