#include <gtest/gtest.h>

#include "group/classic.h"
#include "unit/group/host.h"

namespace moldau::group {
namespace {

using protocol::JoinGroupResponse;
using protocol::SyncGroupResponse;
using test::Host;

class ClassicRebalanceTest : public testing::Test {
 protected:
  // A stable group of two, `a` leads.
  void two() {
    AskId join_a;
    AskId join_b;
    host.join_as_new(&a, &join_a);
    host.join_as_new(&b, &join_b);
    host.pass(Milliseconds{6000});
    host.sync(b, 1);
    host.sync(a, 1, {{a, "A"}, {b, "B"}});
    host.take_answers();
    host.take_records();
  }
  [[nodiscard]] std::string state() { return host.describe().group_state; }
  Host host;
  std::string a;
  std::string b;
};

TEST_F(ClassicRebalanceTest, TheInitialDelayIsExtendedWhileMembersCome) {
  AskId join_a;
  AskId join_b;
  host.join_as_new(&a, &join_a);
  host.pass(Milliseconds{2000});
  host.join_as_new(&b, &join_b);
  host.pass(Milliseconds{3999});
  EXPECT_FALSE(host.answer<JoinGroupResponse>(join_a).has_value());
  host.pass(Milliseconds{1});
  EXPECT_EQ(host.answer<JoinGroupResponse>(join_a).value().members.size(), 2U);
}

TEST_F(ClassicRebalanceTest, TheInitialDelayIsNeverLongerThanTheRebalanceTimeout) {
  const auto joiner = [](std::string member) {
    return Host::Joiner{.member = std::move(member), .rebalance_timeout = Milliseconds{5000}};
  };
  AskId join_a;
  host.join_as_new(&a, &join_a, joiner(""));
  host.pass(Milliseconds{2999});
  AskId join_b;
  host.join_as_new(&b, &join_b, joiner(""));
  host.pass(Milliseconds{2000});
  EXPECT_FALSE(host.answer<JoinGroupResponse>(join_a).has_value());
  host.pass(Milliseconds{1});
  EXPECT_TRUE(host.answer<JoinGroupResponse>(join_a).has_value());
}

TEST_F(ClassicRebalanceTest, EndsWhenTheLastMemberHasJoined) {
  two();
  const AskId join_a = host.join({.member = a});
  EXPECT_EQ(state(), "PreparingRebalance");
  EXPECT_EQ(host.heartbeat(b, 1), Errc::rebalance_in_progress);
  host.join({.member = b});
  EXPECT_EQ(host.answer<JoinGroupResponse>(join_a).value().generation_id, 2);
  EXPECT_EQ(state(), "CompletingRebalance");
}

TEST_F(ClassicRebalanceTest, GoesOnWithoutTheMembersThatDoNotJoinInTime) {
  two();
  const AskId join_b = host.join({.member = b, .topics = {"u"}});
  for (int i = 0; i < 6; ++i) {
    host.pass(Milliseconds{9000});
    EXPECT_EQ(host.heartbeat(a, 1), Errc::rebalance_in_progress);
  }
  host.pass(Milliseconds{6000});
  const auto response = host.answer<JoinGroupResponse>(join_b).value();
  EXPECT_EQ(response.leader, b);
  EXPECT_EQ(response.members.size(), 1U);
  EXPECT_EQ(host.heartbeat(a, 1), Errc::unknown_member_id);
}

TEST_F(ClassicRebalanceTest, WhoWaitsForItsAssignmentIsToldToJoinAgain) {
  two();
  host.join({.member = a});
  host.join({.member = b});
  host.take_answers();
  const AskId waiting = host.sync(b, 2);
  host.join({.member = a, .topics = {"u"}});
  EXPECT_EQ(host.answer<SyncGroupResponse>(waiting).value().error_code,
            Errc::rebalance_in_progress);
}

TEST_F(ClassicRebalanceTest, MembersThatDoNotSyncInTimeAreDropped) {
  two();
  host.join({.member = a});
  host.join({.member = b});
  const AskId waiting = host.sync(b, 2);
  for (int i = 0; i < 6; ++i) {
    host.pass(Milliseconds{9500});
    EXPECT_EQ(host.heartbeat(a, 2), Errc::none);
  }
  host.pass(Milliseconds{3000});
  EXPECT_EQ(host.answer<SyncGroupResponse>(waiting).value().error_code,
            Errc::rebalance_in_progress);
  EXPECT_EQ(host.heartbeat(a, 2), Errc::unknown_member_id);
  EXPECT_EQ(state(), "PreparingRebalance");
}

TEST_F(ClassicRebalanceTest, AGroupThatLosesItsLastMemberIsEmptyAndSaysSoInTheLog) {
  two();
  host.leave({{.member_id = a}, {.member_id = b}});
  EXPECT_EQ(state(), "Empty");
  const auto records = host.take_records();
  ASSERT_EQ(records.size(), 1U);
  const auto& value = std::get<GroupMetadataEntry>(records[0]).value.value();
  EXPECT_EQ(value.generation, 2);
  EXPECT_EQ(value.protocol_type, "consumer");
  EXPECT_FALSE(value.protocol.has_value());
  EXPECT_FALSE(value.leader.has_value());
  EXPECT_TRUE(value.members.empty());
}

TEST_F(ClassicRebalanceTest, AStaticMemberThatDoesNotJoinStaysUntilItsSessionEnds) {
  const AskId first = host.join({.instance = "i"});
  AskId join_b;
  host.join_as_new(&b, &join_b);
  host.pass(Milliseconds{6000});
  a = host.answer<JoinGroupResponse>(first).value().member_id;
  host.sync(b, 1);
  host.sync(a, 1);
  host.take_answers();
  host.leave({{.member_id = b}});
  EXPECT_EQ(state(), "PreparingRebalance");
  for (int i = 0; i < 8; ++i) {
    host.pass(Milliseconds{9000});
    EXPECT_EQ(host.heartbeat(a, 1), Errc::rebalance_in_progress);
  }
  host.pass(Milliseconds{10'000});
  EXPECT_EQ(state(), "Empty");
}

}  // namespace
}  // namespace moldau::group
