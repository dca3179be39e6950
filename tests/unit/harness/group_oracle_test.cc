#include "harness/group_oracle.h"

#include <gtest/gtest.h>

namespace moldau::harness {
namespace {

using std::chrono::milliseconds;

class GroupOracleTest : public testing::Test {
 protected:
  static constexpr MemberNumber a{1};
  static constexpr MemberNumber b{2};

  static Instant at(int time) { return Instant{} + milliseconds(time); }
  static std::string rule(const std::optional<std::string>& wrong) {
    return wrong ? wrong->substr(0, 2) : "";
  }
  // Asked 2 ms before.
  std::string take(MemberNumber member, int epoch, int time, int until) {
    return rule(oracle.took(member, epoch, {one},
                            {.asked = at(time - 2), .told = at(time), .until = at(until)},
                            at(time)));
  }
  std::string commit(MemberNumber member, int asked) {
    return rule(oracle.committed(member, one, at(asked)));
  }
  const client::TopicPartition one{"t", PartitionIndex{0}};
  GroupOracle oracle;
};

TEST_F(GroupOracleTest, WhatAMemberHoldsNobodyTakes) {
  EXPECT_EQ(take(a, 1, 10, 100), "");
  EXPECT_EQ(take(b, 2, 50, 150), "O1");
}

TEST_F(GroupOracleTest, WhatWasGivenUpIsFree) {
  EXPECT_EQ(take(a, 1, 10, 100), "");
  oracle.gave_up(a, {one});
  EXPECT_EQ(oracle.owner(one), std::nullopt);
  EXPECT_EQ(take(b, 2, 50, 150), "");
  EXPECT_EQ(oracle.owner(one), b);
}

TEST_F(GroupOracleTest, WhatADeadMemberHadIsFree) {
  EXPECT_EQ(take(a, 1, 10, 100), "");
  oracle.lost_all(a);
  EXPECT_EQ(take(b, 2, 50, 150), "");
}

TEST_F(GroupOracleTest, AMemberWhoseTimeIsOverHoldsNothing) {
  EXPECT_EQ(take(a, 1, 10, 100), "");
  oracle.renewed(a, at(120));
  EXPECT_EQ(take(b, 2, 110, 200), "O1");
  EXPECT_EQ(take(b, 2, 121, 200), "");
}

TEST_F(GroupOracleTest, AnAnswerThatCameTooLateBlamesNobody) {
  EXPECT_EQ(take(b, 2, 50, 150), "");
  const Grant late{.asked = at(10), .told = at(60), .until = at(55)};
  EXPECT_EQ(rule(oracle.took(a, 1, {one}, late, at(60))), "");
}

TEST_F(GroupOracleTest, OneGenerationHasOneOwner) {
  EXPECT_EQ(take(a, 1, 10, 100), "");
  oracle.gave_up(a, {one});
  EXPECT_EQ(take(b, 1, 50, 150), "O2");
}

TEST_F(GroupOracleTest, AGroupThatMayStartAnewDoesSoOnlyWithoutMembers) {
  oracle = GroupOracle(GroupOracle::Epochs::may_start_anew);
  EXPECT_EQ(take(a, 1, 10, 100), "");
  oracle.gave_up(a, {one});
  EXPECT_EQ(take(b, 1, 50, 150), "O2");
  oracle.lost_all(b);
  EXPECT_EQ(take(b, 1, 160, 250), "");
}

TEST_F(GroupOracleTest, WhatIsKeptToBeGivenUpIsHeldByWhoIsCertainlyAMember) {
  const auto keep = [&](int asked) {
    return rule(oracle.took(a, 2, {}, {.asked = at(asked), .told = at(asked), .until = at(300)},
                            at(asked), {one}));
  };
  EXPECT_EQ(take(a, 1, 10, 100), "");
  EXPECT_EQ(keep(50), "");
  EXPECT_EQ(oracle.owner(one), a);
  EXPECT_EQ(keep(301), "");  // it may have been taken for dead
  EXPECT_EQ(oracle.owner(one), std::nullopt);
}

TEST_F(GroupOracleTest, OfATopicThatGoesNothingIsKnown) {
  EXPECT_EQ(take(a, 1, 10, 100), "");
  oracle.forget("t");
  EXPECT_EQ(oracle.owner(one), std::nullopt);
  EXPECT_EQ(take(b, 1, 50, 150), "");
}

TEST_F(GroupOracleTest, WhoWasSucceededDoesNotCommit) {
  EXPECT_EQ(take(a, 1, 10, 20), "");
  EXPECT_EQ(commit(a, 30), "");
  EXPECT_EQ(take(b, 2, 50, 150), "");
  EXPECT_EQ(commit(a, 49), "");  // it may have come before
  EXPECT_EQ(commit(a, 60), "O3");
  EXPECT_EQ(commit(b, 60), "");
  oracle.lost_all(b);
  EXPECT_EQ(take(a, 3, 70, 150), "");
  EXPECT_EQ(commit(a, 80), "");
}

}  // namespace
}  // namespace moldau::harness
