#include "harness/membership.h"

#include "unit/harness/told_world.h"

namespace moldau::harness {
namespace {

class MembershipTest : public ToldWorld {};

TEST_F(MembershipTest, WhatGoesIsNobodys) {
  told->tell({one, two}, {two});
  EXPECT_TRUE(told->all_there);
  EXPECT_FALSE(told->drop());
  run.topic_goes(*topic);
  EXPECT_TRUE(told->drop());
  EXPECT_TRUE(told->owned().empty());
  EXPECT_TRUE(told->wanted_back().empty());
}

TEST_F(MembershipTest, AnAssignmentOfATopicThatHasGoneIsLeftOut) {
  told->of = group().topic_ids();
  run.topic_goes(*topic);
  topic->id = Uuid(1, 2);
  told->tell({one}, {});
  EXPECT_FALSE(told->all_there);
  EXPECT_TRUE(told->owned().empty());
}

TEST_F(MembershipTest, WhatIsWantedBackIsGivenUpAndTheOracleKnows) {
  told->tell({one, two}, {two});
  EXPECT_EQ(group().ownership.owner(two), MemberNumber{1});
  told->gave_up();
  EXPECT_EQ(told->owned(), Membership::Partitions{one});
  EXPECT_TRUE(told->wanted_back().empty());
  EXPECT_EQ(group().ownership.owner(two), std::nullopt);
}

TEST_F(MembershipTest, WhoIsLostOwnsNothing) {
  told->tell({one, two}, {});
  told->lost();
  EXPECT_TRUE(told->owned().empty());
  EXPECT_FALSE(told->is_member());
  EXPECT_EQ(told->losses, 1);
  EXPECT_EQ(group().ownership.owner(one), std::nullopt);
}

}  // namespace
}  // namespace moldau::harness
