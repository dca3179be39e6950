#include <gtest/gtest.h>

#include "group/classic.h"
#include "unit/group/host.h"

namespace moldau::group {
namespace {

using protocol::JoinGroupResponse;
using protocol::SyncGroupResponse;
using test::Host;

class ClassicSyncTest : public testing::Test {
 protected:
  void SetUp() override {
    AskId join_a;
    AskId join_b;
    host.join_as_new(&a, &join_a);
    host.join_as_new(&b, &join_b);
    host.pass(Milliseconds{6000});
    host.take_answers();
    host.take_records();
  }
  Errc sync_error(const protocol::SyncGroupRequest& request, ApiVersion version = ApiVersion{5}) {
    const auto response =
        host.answer<SyncGroupResponse>(host.ask(version, [&](const Ask& ask, Step& out) {
          host.machine().sync(ask, request, host.now(), out);
        }));
    return response ? response->error_code : Errc::none;
  }
  [[nodiscard]] protocol::SyncGroupRequest request() const {
    return {.group_id = "g",
            .generation_id = 1,
            .member_id = b,
            .protocol_type = "consumer",
            .protocol_name = "range"};
  }
  Host host;
  std::string a;
  std::string b;
};

TEST_F(ClassicSyncTest, EveryoneGetsItsPartWhenTheLeaderHasSentThemAll) {
  const AskId wait_b = host.sync(b, 1);
  EXPECT_FALSE(host.answer<SyncGroupResponse>(wait_b).has_value());
  const AskId wait_a = host.sync(a, 1, {{a, "A"}, {b, "B"}, {"stranger", "S"}});
  const auto for_a = host.answer<SyncGroupResponse>(wait_a).value();
  EXPECT_EQ(for_a.assignment, test::bytes_of("A"));
  EXPECT_EQ(for_a.protocol_type, "consumer");
  EXPECT_EQ(for_a.protocol_name, "range");
  EXPECT_EQ(host.answer<SyncGroupResponse>(wait_b).value().assignment, test::bytes_of("B"));
  EXPECT_EQ(host.describe().group_state, "Stable");
}

TEST_F(ClassicSyncTest, TheAssignmentIsInTheLog) {
  host.sync(a, 1, {{b, "B"}});
  const auto records = host.take_records();
  ASSERT_EQ(records.size(), 1U);
  const auto& value = std::get<GroupMetadataEntry>(records[0]).value.value();
  EXPECT_EQ(value.generation, 1);
  EXPECT_EQ(value.leader, a);
  EXPECT_EQ(value.protocol, "range");
  ASSERT_EQ(value.members.size(), 2U);
  EXPECT_TRUE(value.members[0].assignment.empty());
  EXPECT_EQ(value.members[1].assignment, test::bytes_of("B"));
  EXPECT_EQ(value.members[1].session_timeout, Milliseconds{10'000});
  EXPECT_EQ(value.members[1].client_host, "/127.0.0.1");
}

TEST_F(ClassicSyncTest, InAStableGroupIsAnsweredAtOnce) {
  host.sync(a, 1, {{b, "B"}});
  EXPECT_EQ(host.answer<SyncGroupResponse>(host.sync(b, 1)).value().assignment,
            test::bytes_of("B"));
}

TEST_F(ClassicSyncTest, WhatContradictsTheGroupIsRefused) {
  auto asked = request();
  asked.generation_id = 2;
  EXPECT_EQ(sync_error(asked), Errc::illegal_generation);
  asked = request();
  asked.member_id = "stranger";
  EXPECT_EQ(sync_error(asked), Errc::unknown_member_id);
  asked = request();
  asked.protocol_name = "sticky";
  EXPECT_EQ(sync_error(asked), Errc::inconsistent_group_protocol);
  asked = request();
  asked.protocol_type.reset();
  EXPECT_EQ(sync_error(asked), Errc::inconsistent_group_protocol);
  asked = request();
  asked.group_id = "none";
  EXPECT_EQ(sync_error(asked), Errc::unknown_member_id);
  asked.group_id = "";
  EXPECT_EQ(sync_error(asked), Errc::invalid_group_id);
}

TEST_F(ClassicSyncTest, BeforeVersion5TheProtocolIsNotNamed) {
  auto asked = request();
  asked.protocol_name.reset();
  asked.protocol_type.reset();
  host.sync(a, 1, {});
  EXPECT_EQ(sync_error(asked, ApiVersion{4}), Errc::none);
}

TEST_F(ClassicSyncTest, WhileMembersJoinIsToldToJoin) {
  host.sync(a, 1, {});
  host.join({.member = a});
  EXPECT_EQ(sync_error(request()), Errc::rebalance_in_progress);
}

TEST_F(ClassicSyncTest, WhoAsksTwiceHasTheFirstAnswered) {
  const AskId first = host.sync(b, 1);
  const AskId second = host.sync(b, 1);
  EXPECT_EQ(host.answer<SyncGroupResponse>(first).value().error_code, Errc::rebalance_in_progress);
  host.sync(a, 1, {{b, "B"}});
  EXPECT_EQ(host.answer<SyncGroupResponse>(second).value().assignment, test::bytes_of("B"));
}

}  // namespace
}  // namespace moldau::group
