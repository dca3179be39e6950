#include <gtest/gtest.h>

#include "protocol/api/heartbeat.h"
#include "protocol/api/join_group.h"
#include "protocol/api/leave_group.h"
#include "protocol/api/sync_group.h"
#include "unit/broker/broker_world.h"

namespace moldau::broker {
namespace {

using protocol::HeartbeatRequest;
using protocol::HeartbeatResponse;
using protocol::JoinGroupRequest;
using protocol::JoinGroupResponse;
using protocol::LeaveGroupRequest;
using protocol::LeaveGroupResponse;
using protocol::SyncGroupRequest;
using protocol::SyncGroupResponse;

class GroupMembershipTest : public testing::Test {
 protected:
  static JoinGroupRequest join_request(const std::string& member = "") {
    JoinGroupRequest request;
    request.group_id = "g";
    request.member_id = member;
    request.session_timeout_ms = Milliseconds{10'000};
    request.rebalance_timeout_ms = Milliseconds{10'000};
    request.protocol_type = "consumer";
    auto& protocol = request.protocols.emplace_back();
    protocol.name = "range";
    protocol.metadata = {std::byte{7}};
    return request;
  }
  HeartbeatRequest heartbeat_request(const JoinGroupResponse& joined) {
    HeartbeatRequest request;
    request.group_id = "g";
    request.member_id = joined.member_id;
    request.generation_id = joined.generation_id;
    return request;
  }
  void forbid_groups() {
    broker.authorizer.forbids = [](security::Operation, security::ResourceType type,
                                   std::string_view) {
      return type == security::ResourceType::group;
    };
  }
  BrokerWorld broker;
};

TEST_F(GroupMembershipTest, MemberJoinsSyncsBeatsAndLeaves) {
  broker.lead_groups();
  const auto asked = broker.ok<JoinGroupResponse>(join_request(), ApiVersion{9});
  EXPECT_EQ(asked.error_code, Errc::member_id_required);
  EXPECT_TRUE(asked.member_id.starts_with("test-client-")) << asked.member_id;
  const auto joined = broker.ok<JoinGroupResponse>(join_request(asked.member_id), ApiVersion{9});
  ASSERT_EQ(joined.error_code, Errc::none);
  EXPECT_EQ(joined.leader, asked.member_id);
  EXPECT_EQ(joined.protocol_name, "range");
  ASSERT_EQ(joined.members.size(), 1U);

  SyncGroupRequest sync;
  sync.group_id = "g";
  sync.member_id = joined.member_id;
  sync.generation_id = joined.generation_id;
  sync.protocol_type = "consumer";
  sync.protocol_name = "range";
  auto& assignment = sync.assignments.emplace_back();
  assignment.member_id = joined.member_id;
  assignment.assignment = {std::byte{1}, std::byte{2}};
  const auto synced = broker.ok<SyncGroupResponse>(sync, ApiVersion{5});
  EXPECT_EQ(synced.error_code, Errc::none);
  EXPECT_EQ(synced.assignment, assignment.assignment);

  const auto beat = heartbeat_request(joined);
  EXPECT_EQ(broker.ok<HeartbeatResponse>(beat, ApiVersion{4}).error_code, Errc::none);
  LeaveGroupRequest leave;
  leave.group_id = "g";
  leave.members.emplace_back().member_id = joined.member_id;
  const auto left = broker.ok<LeaveGroupResponse>(leave, ApiVersion{5});
  EXPECT_EQ(left.error_code, Errc::none);
  EXPECT_EQ(left.members.at(0).error_code, Errc::none);
  EXPECT_EQ(broker.ok<HeartbeatResponse>(beat, ApiVersion{4}).error_code, Errc::unknown_member_id);
}

TEST_F(GroupMembershipTest, MembersOfOneGroupGetOneGeneration) {
  broker.lead_groups();
  const auto first = broker.begin(join_request(), ApiVersion{3});
  const auto second = broker.begin(join_request(), ApiVersion{3});
  const auto a = broker.finish<JoinGroupResponse>(*first, ApiVersion{3});
  const auto b = broker.finish<JoinGroupResponse>(*second, ApiVersion{3});
  EXPECT_EQ(a.generation_id, b.generation_id);
  EXPECT_EQ(a.leader, b.leader);
  EXPECT_NE(a.member_id, b.member_id);
  EXPECT_EQ(a.members.size() + b.members.size(), 2U);  // the leader is told all
}

TEST_F(GroupMembershipTest, SyncWithoutItsProtocolIsRefusedFromVersion5) {
  broker.lead_groups();
  SyncGroupRequest request;
  request.group_id = "g";
  request.member_id = "m";
  EXPECT_EQ(broker.ok<SyncGroupResponse>(request, ApiVersion{5}).error_code,
            Errc::inconsistent_group_protocol);
  EXPECT_EQ(broker.ok<SyncGroupResponse>(request, ApiVersion{4}).error_code,
            Errc::unknown_member_id);
}

TEST_F(GroupMembershipTest, WithoutACoordinatorTheMemberIsToldWithItsId) {
  const auto refused = broker.ok<JoinGroupResponse>(join_request("me"), ApiVersion{6});
  EXPECT_EQ(refused.error_code, Errc::coordinator_not_available);
  EXPECT_EQ(refused.member_id, "me");
  EXPECT_EQ(refused.protocol_name, "");  // null is for version 7 and later
  EXPECT_EQ(broker.ok<JoinGroupResponse>(join_request("me"), ApiVersion{7}).protocol_name,
            std::nullopt);
}

TEST_F(GroupMembershipTest, WhoMayNotReadTheGroupIsToldSo) {
  broker.lead_groups();
  forbid_groups();
  EXPECT_EQ(broker.ok<JoinGroupResponse>(join_request(), ApiVersion{9}).error_code,
            Errc::group_authorization_failed);
  HeartbeatRequest beat;
  EXPECT_EQ(broker.ok<HeartbeatResponse>(beat, ApiVersion{4}).error_code,
            Errc::group_authorization_failed);
  SyncGroupRequest sync;
  EXPECT_EQ(broker.ok<SyncGroupResponse>(sync, ApiVersion{3}).error_code,
            Errc::group_authorization_failed);
  LeaveGroupRequest leave;
  EXPECT_EQ(broker.ok<LeaveGroupResponse>(leave, ApiVersion{3}).error_code,
            Errc::group_authorization_failed);
}

}  // namespace
}  // namespace moldau::broker
