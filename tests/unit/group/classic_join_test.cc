#include <gtest/gtest.h>

#include "base/limits.h"
#include "group/classic.h"
#include "unit/group/host.h"

namespace moldau::group {
namespace {

using protocol::JoinGroupResponse;
using protocol::SyncGroupResponse;
using test::Host;

class ClassicJoinTest : public testing::Test {
 protected:
  JoinGroupResponse refused(Host::Joiner who, ApiVersion version = ApiVersion{9}) {
    const auto response = host.answer<JoinGroupResponse>(host.join(std::move(who), version));
    EXPECT_TRUE(response.has_value());
    return response.value_or(JoinGroupResponse{});
  }
  Host host;
};

TEST_F(ClassicJoinTest, TheFirstJoinIsAnsweredWithAnIdAndWritesTheEmptyGroup) {
  const auto response = refused({});
  EXPECT_EQ(response.error_code, Errc::member_id_required);
  EXPECT_EQ(response.member_id, "c-11111111-2222-3333-0000-000000000001");
  EXPECT_EQ(response.protocol_name, std::nullopt);
  const auto records = host.take_records();
  ASSERT_EQ(records.size(), 1U);
  const auto& value = std::get<GroupMetadataEntry>(records[0]).value.value();
  EXPECT_EQ(value.generation, 0);
  EXPECT_EQ(value.protocol_type, "");
  EXPECT_TRUE(value.members.empty());
}

TEST_F(ClassicJoinTest, BeforeVersion4AnIdIsGivenWithTheGeneration) {
  const AskId ask = host.join({}, ApiVersion{3});
  host.pass(Milliseconds{3000});
  const auto response = host.answer<JoinGroupResponse>(ask).value();
  EXPECT_EQ(response.error_code, Errc::none);
  EXPECT_EQ(response.generation_id, 1);
  EXPECT_EQ(response.leader, response.member_id);
}

TEST_F(ClassicJoinTest, TheLeaderIsToldWhatAllSupport) {
  std::string a;
  std::string b;
  AskId join_a;
  AskId join_b;
  host.join_as_new(&a, &join_a, {.protocols = {"sticky", "range"}});
  host.join_as_new(&b, &join_b, {.protocols = {"range"}});
  host.pass(Milliseconds{6000});
  const auto leader = host.answer<JoinGroupResponse>(join_a).value();
  EXPECT_EQ(leader.protocol_name, "range");
  EXPECT_EQ(leader.protocol_type, "consumer");
  ASSERT_EQ(leader.members.size(), 2U);
  EXPECT_EQ(leader.members[1].member_id, b);
  EXPECT_EQ(leader.members[1].metadata, test::subscription({"t"}));
  EXPECT_TRUE(host.answer<JoinGroupResponse>(join_b).value().members.empty());
}

TEST_F(ClassicJoinTest, WhatCannotBeIsRefused) {
  EXPECT_EQ(refused({.session_timeout = Milliseconds{5'999}}).error_code,
            Errc::invalid_session_timeout);
  EXPECT_EQ(refused({.session_timeout = Milliseconds{1'800'001}}).error_code,
            Errc::invalid_session_timeout);
  EXPECT_EQ(refused({.member = "unknown"}).error_code, Errc::unknown_member_id);
  EXPECT_EQ(host.log_size(), 0U);
  EXPECT_EQ(refused({.protocols = {}}).error_code, Errc::inconsistent_group_protocol);
  host.group = "";
  EXPECT_EQ(refused({}).error_code, Errc::invalid_group_id);
}

TEST_F(ClassicJoinTest, AMemberWithAnotherProtocolOrTypeIsRefused) {
  host.stable_member();
  EXPECT_EQ(refused({.protocols = {"other"}}).error_code, Errc::inconsistent_group_protocol);
  EXPECT_EQ(refused({.protocol_type = "connect"}).error_code, Errc::inconsistent_group_protocol);
}

TEST_F(ClassicJoinTest, AnIdThatWasNotUsedIsForgottenAfterTheSession) {
  const std::string id = refused({}).member_id;
  host.pass(Milliseconds{10'000});
  EXPECT_EQ(refused({.member = id}).error_code, Errc::unknown_member_id);
}

TEST_F(ClassicJoinTest, AMemberOverTheLimitIsRefusedWhileOthersMayRejoin) {
  host.reload(Settings{.group_max_size = 1});
  const std::string id = host.stable_member();
  const auto response = refused({});
  EXPECT_EQ(response.error_code, Errc::group_max_size_reached);
  EXPECT_EQ(response.member_id, "");
  const AskId again = host.join({.member = id});
  EXPECT_EQ(host.answer<JoinGroupResponse>(again).value().generation_id, 2);
}

TEST_F(ClassicJoinTest, AFollowerThatChangedNothingIsToldTheGenerationAgain) {
  std::string a;
  std::string b;
  AskId join_a;
  AskId join_b;
  host.join_as_new(&a, &join_a);
  host.join_as_new(&b, &join_b);
  host.pass(Milliseconds{6000});
  host.sync(b, 1);
  host.sync(a, 1);
  host.take_answers();
  const auto again = host.answer<JoinGroupResponse>(host.join({.member = b})).value();
  EXPECT_EQ(again.generation_id, 1);
  EXPECT_EQ(host.describe().group_state, "Stable");
  EXPECT_FALSE(host.answer<JoinGroupResponse>(host.join({.member = b, .topics = {"u"}})));
  EXPECT_EQ(host.describe().group_state, "PreparingRebalance");
}

TEST_F(ClassicJoinTest, WhoAsksTwiceHasTheFirstAnswered) {
  std::string id;
  AskId first;
  host.join_as_new(&id, &first);
  const AskId second = host.join({.member = id});
  EXPECT_EQ(host.answer<JoinGroupResponse>(first).value().error_code, Errc::rebalance_in_progress);
  host.pass(Milliseconds{3000});
  EXPECT_EQ(host.answer<JoinGroupResponse>(second).value().generation_id, 1);
}

TEST_F(ClassicJoinTest, AStaticMemberNeedsNoIdFirst) {
  const AskId ask = host.join({.instance = "i"});
  host.pass(Milliseconds{3000});
  const auto response = host.answer<JoinGroupResponse>(ask).value();
  EXPECT_EQ(response.member_id, "i-11111111-2222-3333-0000-000000000001");
}

class StaticMemberTest : public ClassicJoinTest {
 protected:
  void SetUp() override {
    const AskId ask = host.join({.instance = "i"});
    host.pass(Milliseconds{3000});
    old_id = host.answer<JoinGroupResponse>(ask).value().member_id;
    host.sync(old_id, 1, {{old_id, "part"}});
    host.take_answers();
    host.take_records();
  }
  std::string old_id;
};

TEST_F(StaticMemberTest, ThatComesBackTakesItsPlaceWithoutARebalance) {
  const auto response = refused({.instance = "i"});
  EXPECT_EQ(response.error_code, Errc::none);
  EXPECT_EQ(response.generation_id, 1);
  EXPECT_TRUE(response.skip_assignment);
  EXPECT_EQ(response.leader, response.member_id);
  EXPECT_NE(response.member_id, old_id);
  const auto records = host.take_records();
  ASSERT_EQ(records.size(), 1U);
  const auto& value = std::get<GroupMetadataEntry>(records[0]).value.value();
  EXPECT_EQ(value.members.at(0).member_id, response.member_id);
  EXPECT_EQ(value.members.at(0).assignment, test::bytes_of("part"));
  const auto synced = host.answer<SyncGroupResponse>(host.sync(response.member_id, 1)).value();
  EXPECT_EQ(synced.assignment, test::bytes_of("part"));
  EXPECT_EQ(host.heartbeat(old_id, 1), Errc::unknown_member_id);
}

TEST_F(StaticMemberTest, OfAnOldVersionIsToldTheOldLeaderSoThatItDoesNotAssign) {
  const auto response = refused({.instance = "i"}, ApiVersion{8});
  EXPECT_FALSE(response.skip_assignment);
  EXPECT_EQ(response.leader, old_id);
  EXPECT_TRUE(response.members.empty());
}

TEST_F(StaticMemberTest, ThatWasReplacedIsFenced) {
  refused({.instance = "i"});
  EXPECT_EQ(refused({.member = old_id, .instance = "i"}).error_code, Errc::fenced_instance_id);
}

TEST_F(StaticMemberTest, ThatComesBackWithAnotherProtocolMakesTheGroupRebalance) {
  // Alone, it decides; the group goes on to the next generation at once.
  const auto response = refused({.instance = "i", .protocols = {"sticky", "range"}});
  EXPECT_EQ(response.generation_id, 2);
  EXPECT_EQ(response.protocol_name, "sticky");
}

TEST_F(StaticMemberTest, IsThereAfterTheLogIsReadAgain) {
  host.reload();
  EXPECT_EQ(host.describe().members.at(0).group_instance_id, "i");
  EXPECT_EQ(host.heartbeat(old_id, 1), Errc::none);
}

TEST_F(ClassicJoinTest, OfMemberIdsThatAreGivenOutAndNotUsedTheOldestGoFirst) {
  const std::string first = refused({}).member_id;
  const std::string second = refused({}).member_id;
  for (int i = 2; i < k_pending_members_max.value; ++i) {
    ASSERT_EQ(refused({}).error_code, Errc::member_id_required);
  }
  const auto one_more = refused({});
  EXPECT_EQ(one_more.error_code, Errc::member_id_required);
  EXPECT_EQ(refused({.member = first}).error_code, Errc::unknown_member_id);
  const auto known = host.answer<protocol::JoinGroupResponse>(host.join({.member = second}));
  EXPECT_FALSE(known.has_value());  // it is in, and waits for the others
}

}  // namespace
}  // namespace moldau::group
