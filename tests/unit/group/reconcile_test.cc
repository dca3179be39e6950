#include "group/reconcile.h"

#include <gtest/gtest.h>

#include "unit/group/host.h"

namespace moldau::group {
namespace {

using test::parts;

constexpr Uuid k_t{7, 1};
constexpr Uuid k_u{7, 2};

OwnedPartitions owned(const std::vector<int>& partitions, std::int32_t epoch) {
  OwnedPartitions all;
  for (const int partition : partitions) all[k_t][PartitionIndex{partition}] = epoch;
  return all;
}

class ReconcileTest : public testing::Test {
 protected:
  ReconcileTest() {
    member.id = "a";
    member.epoch = 5;
    member.topics = {"t"};
  }
  ConsumerMember step(const TopicPartitions& target, const OwnedByClient& client = std::nullopt,
                      bool subscription_changed = false) {
    auto next = reconcile(member, {.group = group,
                                   .image = *image,
                                   .target_epoch = target_epoch,
                                   .target = target,
                                   .subscription_changed = subscription_changed,
                                   .owned = client});
    CHECK_OK(next);
    return *next;
  }
  static OwnedByClient client(const std::vector<int>& partitions) {
    OwnedByClient list(std::in_place);
    if (partitions.empty()) return list;
    auto& entry = list->emplace_back();
    entry.topic_id = k_t;
    for (const int partition : partitions) entry.partitions.emplace_back(partition);
    return list;
  }
  std::shared_ptr<const metadata::Image> image =
      test::TopicsBuilder().topic("t", k_t, 6).topic("u", k_u, 6).build();
  ConsumerGroup group;
  ConsumerMember member;
  std::int32_t target_epoch = 6;
};

TEST_F(ReconcileTest, FreePartitionsAreAssignedInTheTargetsEpoch) {
  const auto next = step(parts(k_t, {0, 1}));
  EXPECT_EQ(next.assigned, owned({0, 1}, 6));
  EXPECT_EQ(next.epoch, 6);
  EXPECT_EQ(next.previous_epoch, 5);
  EXPECT_EQ(next.state, MemberState::stable);
}

TEST_F(ReconcileTest, PartitionsThatItKeepsKeepTheirEpoch) {
  member.assigned = owned({0}, 3);
  const auto next = step(parts(k_t, {0, 1}));
  EXPECT_EQ(next.assigned.at(k_t).at(PartitionIndex{0}), 3);
  EXPECT_EQ(next.assigned.at(k_t).at(PartitionIndex{1}), 6);
}

TEST_F(ReconcileTest, ItStaysInItsEpochUntilTheClientHasGivenUpWhatIsNotItsOwn) {
  member.assigned = owned({0, 1}, 5);
  member = step(parts(k_t, {1}));
  EXPECT_EQ(member.state, MemberState::unrevoked_partitions);
  EXPECT_EQ(member.epoch, 5);
  EXPECT_EQ(member.to_revoke, owned({0}, 5));
  EXPECT_EQ(step(parts(k_t, {1})), member);
  EXPECT_EQ(step(parts(k_t, {1}), client({0, 1})), member);
  const auto next = step(parts(k_t, {1}), client({1}));
  EXPECT_EQ(next.state, MemberState::stable);
  EXPECT_EQ(next.epoch, 6);
  EXPECT_TRUE(next.to_revoke.empty());
}

TEST_F(ReconcileTest, WhatTheClientHasNotNeedsNoGivingUp) {
  member.assigned = owned({0, 1}, 5);
  const auto next = step(parts(k_t, {1}), client({1}));
  EXPECT_EQ(next.state, MemberState::stable);
  EXPECT_EQ(next.assigned, owned({1}, 5));
}

TEST_F(ReconcileTest, ItWaitsInTheNewEpochForWhatOthersHold) {
  ConsumerMember other{.id = "b", .epoch = 5};
  other.assigned = owned({1}, 5);
  group.put(other);
  member = step(parts(k_t, {0, 1}));
  EXPECT_EQ(member.state, MemberState::unreleased_partitions);
  EXPECT_EQ(member.epoch, 6);
  EXPECT_EQ(member.assigned, owned({0}, 6));
  group.remove("b");
  EXPECT_EQ(step(parts(k_t, {0, 1})).state, MemberState::stable);
}

TEST_F(ReconcileTest, WhatItHasToGiveUpItselfItDoesNotWaitFor) {
  member.state = MemberState::unrevoked_partitions;
  member.to_revoke = owned({0}, 5);
  group.put(member);
  const auto next = step(parts(k_t, {0}), client({}));
  EXPECT_EQ(next.state, MemberState::stable);
  EXPECT_EQ(next.assigned, owned({0}, 6));
}

TEST_F(ReconcileTest, TopicsThatItUnsubscribedGoAtOnce) {
  member.assigned = owned({0}, 5);
  member.topics = {"u"};
  target_epoch = 5;
  const auto next = step(parts(k_t, {0}), std::nullopt, true);
  EXPECT_TRUE(next.assigned.empty());
  EXPECT_EQ(next.to_revoke, owned({0}, 5));
  EXPECT_EQ(next.state, MemberState::unrevoked_partitions);
  const auto given_up = step(parts(k_t, {0}), client({}), true);
  EXPECT_EQ(given_up.state, MemberState::stable);
  EXPECT_TRUE(given_up.assigned.empty());
}

TEST_F(ReconcileTest, AMemberInAnUnknownStateMustBeginFromNothing) {
  member.state = MemberState::unknown;
  const TopicPartitions target = parts(k_t, {0});
  const OwnedByClient silent;
  const auto refused = reconcile(member, {.group = group,
                                          .image = *image,
                                          .target_epoch = 6,
                                          .target = target,
                                          .subscription_changed = false,
                                          .owned = silent});
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code(), Errc::fenced_member_epoch);
  EXPECT_EQ(step(target, client({})).assigned, owned({0}, 6));
}

}  // namespace
}  // namespace moldau::group
