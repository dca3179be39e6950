#include "client/rack_match.h"

#include <gtest/gtest.h>

namespace moldau::client {
namespace {

const Racks k_none;
const Racks k_a{"a"};
const Racks k_b{"b"};
const Racks k_both{"a", "b"};

TEST(RacksMatter, OnlyWhereOneMemberCanBeNearerThanAnother) {
  EXPECT_TRUE(racks_matter(k_a, {&k_a, &k_b}));
  EXPECT_TRUE(racks_matter(k_both, {&k_a, &k_none}));
  EXPECT_FALSE(racks_matter(k_none, {&k_a, &k_b})) << "no member has a rack";
  EXPECT_FALSE(racks_matter(k_a, {&k_none, &k_none})) << "no broker has a rack";
  EXPECT_FALSE(racks_matter(k_a, {&k_b, &k_none})) << "no replica is where a member is";
  EXPECT_FALSE(racks_matter(k_a, {&k_both, &k_both})) << "all racks have all partitions";
  EXPECT_FALSE(racks_matter(k_a, {}));
}

TEST(RacksAt, WhatIsNotSaidIsNoRack) {
  const PartitionRacks racks{{"t", {k_a}}};
  EXPECT_EQ(racks_at(racks, "t", PartitionIndex{0}), k_a);
  for (const int index : {1, -1}) EXPECT_EQ(racks_at(racks, "t", PartitionIndex{index}), k_none);
  EXPECT_EQ(racks_at(racks, "u", PartitionIndex{0}), k_none);
}

const TopicPartition k_first{"t", PartitionIndex{0}};
const TopicPartition k_second{"t", PartitionIndex{1}};

AssignmentQuestion question(PartitionRacks racks) {
  return {.members = {{.id = "here", .topics = {"t"}, .rack = "a"},
                      {.id = "here too", .topics = {"t"}, .rack = "a"},
                      {.id = "there", .topics = {"t"}, .rack = "b"},
                      {.id = "anywhere", .topics = {"t"}}},
          .partition_counts = {{"t", 2}},
          .partition_racks = std::move(racks)};
}

TEST(RackMatch, MemberIsNearWhereItsRackHasAReplica) {
  const AssignmentQuestion asked = question({{"t", {k_a, k_both}}});
  const RackMatch racks(asked);
  ASSERT_TRUE(racks.matters());
  EXPECT_TRUE(racks.is_near("here", k_first));
  EXPECT_FALSE(racks.is_far("here", k_first));
  EXPECT_TRUE(racks.is_far("there", k_first));
  EXPECT_FALSE(racks.is_far("there", k_second));
  EXPECT_FALSE(racks.is_near("anywhere", k_first) || racks.is_far("anywhere", k_first));
  EXPECT_EQ(racks.members_near(k_first), 2U);
  EXPECT_EQ(racks.members_near(k_second), 3U);
}

TEST(RackMatch, NobodyIsFarWhereRacksDoNotMatter) {
  const AssignmentQuestion asked = question({{"t", {k_both, k_both}}});
  const RackMatch racks(asked);
  EXPECT_FALSE(racks.matters());
  EXPECT_FALSE(racks.is_near("here", k_first) || racks.is_far("there", k_first));
}

}  // namespace
}  // namespace moldau::client
