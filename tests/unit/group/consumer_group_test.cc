#include "group/consumer_group.h"

#include <gtest/gtest.h>

namespace moldau::group {
namespace {

constexpr Uuid k_t{7, 1};
constexpr PartitionIndex k_p0{0};

ConsumerMember member(std::string id, std::set<std::string, std::less<>> topics = {"t"}) {
  return {.id = std::move(id), .epoch = 3, .topics = std::move(topics)};
}

TEST(ConsumerGroup, CountsWhoSubscribesToWhat) {
  ConsumerGroup group;
  group.put(member("a", {"t", "u"}));
  group.put(member("b"));
  EXPECT_EQ(group.subscriptions().at("t").by_name, 2);
  EXPECT_FALSE(group.is_homogeneous());
  group.put(member("a"));
  EXPECT_FALSE(group.subscribes("u"));
  EXPECT_TRUE(group.is_homogeneous());
  group.remove("a");
  EXPECT_EQ(group.subscriptions().at("t").by_name, 1);
}

TEST(ConsumerGroup, SaysWhatSubscriptionsWouldBeWithAnotherMember) {
  ConsumerGroup group;
  group.put(member("a"));
  const ConsumerMember next = member("a", {"u"});
  const auto with = group.subscriptions_with(group.member("a"), &next);
  EXPECT_FALSE(with.contains("t"));
  EXPECT_TRUE(with.contains("u"));
  EXPECT_TRUE(group.subscribes("t"));
  EXPECT_TRUE(group.subscriptions_without({group.member("a")}, {}).empty());
}

TEST(ConsumerGroup, ARegularExpressionCountsOnceItIsResolved) {
  ConsumerGroup group;
  ConsumerMember with_regex = member("a", {});
  with_regex.regex = "t.*";
  group.put(with_regex);
  EXPECT_EQ(group.subscribers_of_regex("t.*"), 1);
  EXPECT_FALSE(group.subscribes("tt"));
  group.set_resolved("t.*", {.topics = {"tt"}});
  EXPECT_TRUE(group.subscribes("tt"));
  EXPECT_TRUE(group.is_homogeneous());
  EXPECT_EQ(group.topics_of(with_regex), (std::set<std::string, std::less<>>{"tt"}));
  const ConsumerMember next = member("a", {});
  EXPECT_FALSE(group.subscriptions_with(&with_regex, &next).contains("tt"));
  group.drop_resolved("t.*");
  EXPECT_FALSE(group.subscribes("tt"));
}

TEST(ConsumerGroup, APartitionIsHeldUntilTheMemberThatHoldsItLetsGo) {
  ConsumerGroup group;
  ConsumerMember a = member("a");
  a.to_revoke[k_t][k_p0] = 2;
  group.put(a);
  EXPECT_EQ(group.partition_epoch(k_t, k_p0), 3);
  group.set_target("b", {{k_t, {k_p0}}});
  ConsumerMember b = member("b");
  b.state = MemberState::unreleased_partitions;
  group.put(b);
  EXPECT_TRUE(group.waits_for_others(b));
  a.to_revoke.clear();
  group.put(a);
  EXPECT_EQ(group.partition_epoch(k_t, k_p0), -1);
  EXPECT_FALSE(group.waits_for_others(b));
}

TEST(ConsumerGroup, WhatAnotherHasTakenStaysThatOnes) {
  ConsumerGroup group;
  ConsumerMember a = member("a");
  a.assigned[k_t][k_p0] = 3;
  group.put(a);
  ConsumerMember b = member("b");
  b.epoch = 4;
  b.assigned[k_t][k_p0] = 4;
  group.put(b);
  group.remove("a");
  EXPECT_EQ(group.partition_epoch(k_t, k_p0), 4);
}

TEST(ConsumerGroup, TheAssignorOfMostCounts) {
  ConsumerGroup group;
  EXPECT_EQ(group.wanted_assignor(), std::nullopt);
  ConsumerMember a = member("a");
  a.assignor = "range";
  group.put(a);
  EXPECT_EQ(group.wanted_assignor(), "range");
  ConsumerMember none = a;
  none.assignor.reset();
  EXPECT_EQ(group.wanted_assignor(&a, &none), std::nullopt);
}

TEST(ConsumerGroup, StatesAreKafkas) {
  ConsumerGroup group;
  EXPECT_EQ(group.state_name(), "Empty");
  group.put(member("a"));
  group.epoch = 3;
  group.target_epoch = 2;
  EXPECT_EQ(group.state_name(), "Assigning");
  group.target_epoch = 3;
  EXPECT_EQ(group.state_name(), "Stable");
  group.epoch = group.target_epoch = 4;
  EXPECT_EQ(group.state_name(), "Reconciling");
}

TEST(ConsumerGroup, KnowsWhichClassicProtocolsAllClassicMembersHave) {
  ConsumerGroup group;
  ConsumerMember a = member("a");
  a.classic.emplace();
  a.classic->supported_protocols = {{.name = "range"}, {.name = "sticky"}, {.name = "range"}};
  group.put(a);
  group.put(member("b"));
  EXPECT_TRUE(group.supports_classic("consumer", {"range"}));
  EXPECT_FALSE(group.supports_classic("consumer", {"mine"}));
  EXPECT_FALSE(group.supports_classic("connect", {"range"}));
  EXPECT_FALSE(group.all_are_classic_without({}));
  EXPECT_TRUE(group.all_are_classic_without({group.member("b")}));
}

}  // namespace
}  // namespace moldau::group
