#include <gtest/gtest.h>

#include "group/classic.h"
#include "unit/group/host.h"

namespace moldau::group {
namespace {

using protocol::JoinGroupResponse;
using protocol::SyncGroupResponse;
using test::Host;

TEST(ClassicMembers, AHeartbeatKeepsTheSessionAlive) {
  Host host;
  const std::string id = host.stable_member();
  for (int i = 0; i < 5; ++i) {
    host.pass(Milliseconds{9'999});
    EXPECT_EQ(host.heartbeat(id, 1), Errc::none);
  }
  host.pass(Milliseconds{10'000});
  EXPECT_EQ(host.heartbeat(id, 1), Errc::unknown_member_id);
  EXPECT_EQ(host.describe().group_state, "Empty");
}

TEST(ClassicMembers, AHeartbeatOfAnotherGenerationOrMemberIsRefused) {
  Host host;
  const std::string id = host.stable_member();
  EXPECT_EQ(host.heartbeat(id, 0), Errc::illegal_generation);
  EXPECT_EQ(host.heartbeat("stranger", 1), Errc::unknown_member_id);
  host.group = "none";
  EXPECT_EQ(host.heartbeat(id, 1), Errc::unknown_member_id);
  host.group = "";
  EXPECT_EQ(host.heartbeat(id, 1), Errc::invalid_group_id);
}

TEST(ClassicMembers, SessionsBeginAnewAfterLoading) {
  Host host;
  const std::string id = host.stable_member();
  host.pass(Milliseconds{9'000});
  host.reload();
  host.pass(Milliseconds{9'000});
  EXPECT_EQ(host.heartbeat(id, 1), Errc::none);
  host.pass(Milliseconds{10'000});
  EXPECT_EQ(host.describe().group_state, "Empty");
}

TEST(ClassicMembers, AGroupThatIsOverALoweredLimitRebalancesWhenItIsLoaded) {
  Host host;
  host.stable_member();
  host.reload(Settings{.group_max_size = 0});
  EXPECT_EQ(host.describe().group_state, "PreparingRebalance");
}

TEST(ClassicMembers, WhoWaitsForAnAnswerIsAlive) {
  Host host;
  std::string a;
  std::string b;
  AskId join_a;
  AskId join_b;
  host.join_as_new(&a, &join_a);
  host.join_as_new(&b, &join_b);
  host.pass(Milliseconds{6000});
  host.take_answers();
  const AskId waiting = host.sync(b, 1);
  for (int i = 0; i < 3; ++i) {
    host.pass(Milliseconds{9000});
    EXPECT_EQ(host.heartbeat(a, 1), Errc::none);
  }
  host.sync(a, 1, {{b, "B"}});
  EXPECT_EQ(host.answer<SyncGroupResponse>(waiting).value().assignment, test::bytes_of("B"));
}

TEST(ClassicMembers, ThatJoinForTheFirstTimeAndDoNotComeBackGoAfterFiveMinutes) {
  Host host;
  const std::string a = host.stable_member({.rebalance_timeout = std::chrono::minutes{20}});
  std::string b;
  AskId join_b;
  host.join_as_new(&b, &join_b);
  for (int i = 0; i < 35; ++i) {
    host.pass(Milliseconds{9000});
    EXPECT_EQ(host.heartbeat(a, 1), Errc::rebalance_in_progress);
  }
  const auto response = host.answer<JoinGroupResponse>(join_b).value();
  EXPECT_EQ(response.error_code, Errc::unknown_member_id);
  EXPECT_EQ(response.member_id, "");
}

TEST(ClassicMembers, LeaveOneByOneInTheAnswer) {
  Host host;
  const std::string id = host.stable_member({.instance = std::nullopt});
  const auto response = host.leave(
      {{.member_id = "stranger"}, {.member_id = id}, {.member_id = "", .group_instance_id = "i"}});
  EXPECT_EQ(response.error_code, Errc::none);
  ASSERT_EQ(response.members.size(), 3U);
  EXPECT_EQ(response.members[0].error_code, Errc::unknown_member_id);
  EXPECT_EQ(response.members[1].error_code, Errc::none);
  EXPECT_EQ(response.members[2].error_code, Errc::unknown_member_id);
  EXPECT_EQ(response.members[2].group_instance_id, "i");
  EXPECT_EQ(host.describe().group_state, "Empty");
}

TEST(ClassicMembers, BeforeVersion3TheErrorOfTheMemberIsThatOfTheWhole) {
  Host host;
  const std::string id = host.stable_member();
  EXPECT_EQ(host.leave({{.member_id = "stranger"}}, ApiVersion{2}).error_code,
            Errc::unknown_member_id);
  const auto response = host.leave({{.member_id = id}}, ApiVersion{2});
  EXPECT_EQ(response.error_code, Errc::none);
  EXPECT_TRUE(response.members.empty());
}

TEST(ClassicMembers, AStaticMemberIsRemovedByItsInstanceAlone) {
  Host host;
  const AskId ask = host.join({.instance = "i"});
  host.pass(Milliseconds{3000});
  host.sync(host.answer<JoinGroupResponse>(ask).value().member_id, 1);
  EXPECT_EQ(host.leave({{.member_id = "other", .group_instance_id = "i"}}).members.at(0).error_code,
            Errc::fenced_instance_id);
  EXPECT_EQ(host.leave({{.member_id = "", .group_instance_id = "i"}}).members.at(0).error_code,
            Errc::none);
  EXPECT_EQ(host.describe().group_state, "Empty");
}

TEST(ClassicMembers, AnIdThatWasNotUsedYetCanLeave) {
  Host host;
  host.stable_member();
  const auto pending = host.answer<JoinGroupResponse>(host.join({})).value().member_id;
  EXPECT_EQ(host.leave({{.member_id = pending}}).members.at(0).error_code, Errc::none);
  EXPECT_EQ(host.leave({{.member_id = pending}}).members.at(0).error_code, Errc::unknown_member_id);
}

TEST(ClassicMembers, OfAGroupThatDoesNotExistAreUnknown) {
  Host host;
  const auto response = host.leave({{.member_id = "m"}});
  EXPECT_EQ(response.error_code, Errc::none);
  EXPECT_EQ(response.members.at(0).error_code, Errc::unknown_member_id);
}

}  // namespace
}  // namespace moldau::group
