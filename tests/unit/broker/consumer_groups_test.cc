#include <gtest/gtest.h>

#include "protocol/api/consumer_group_describe.h"
#include "protocol/api/consumer_group_heartbeat.h"
#include "unit/broker/broker_world.h"

namespace moldau::broker {
namespace {

using protocol::ConsumerGroupDescribeRequest;
using protocol::ConsumerGroupDescribeResponse;
using protocol::ConsumerGroupHeartbeatRequest;
using protocol::ConsumerGroupHeartbeatResponse;

class ConsumerGroupsTest : public testing::Test {
 protected:
  ConsumerGroupsTest() { finalize(1); }
  void finalize(std::int16_t level) {
    broker.image.features.finalized["group.version"] = metadata::FeatureLevel{level};
    broker.show();
  }
  static ConsumerGroupHeartbeatRequest first_heartbeat() {
    ConsumerGroupHeartbeatRequest request;
    request.group_id = "g";
    request.member_id = "m1";
    request.member_epoch = 0;
    request.rebalance_timeout_ms = Milliseconds{10'000};
    request.subscribed_topic_names = {"t"};
    request.topic_partitions.emplace();
    return request;
  }
  ConsumerGroupHeartbeatResponse beat(const ConsumerGroupHeartbeatRequest& request) {
    return broker.ok<ConsumerGroupHeartbeatResponse>(request, ApiVersion{1});
  }
  ConsumerGroupDescribeResponse::DescribedGroup describe() {
    ConsumerGroupDescribeRequest request;
    request.group_ids = {"g"};
    request.include_authorized_operations = true;
    return broker.ok<ConsumerGroupDescribeResponse>(request, ApiVersion{1}).groups.at(0);
  }
  void forbid(security::ResourceType what) {
    broker.authorizer.forbids = [what](security::Operation, security::ResourceType type,
                                       std::string_view) { return type == what; };
  }
  BrokerWorld broker;
};

TEST_F(ConsumerGroupsTest, MemberGetsThePartitionsOfItsTopicAndIsDescribed) {
  broker.lead_groups();
  const Uuid id = broker.add_topic("t", 2);
  const auto joined = beat(first_heartbeat());
  ASSERT_EQ(joined.error_code, Errc::none) << joined.error_message.value_or("");
  ASSERT_TRUE(joined.assignment.has_value());
  EXPECT_EQ(joined.assignment->topic_partitions.at(0).topic_id, id);
  EXPECT_EQ(joined.assignment->topic_partitions.at(0).partitions.size(), 2U);
  const auto described = describe();
  EXPECT_EQ(described.error_code, Errc::none);
  EXPECT_EQ(described.members.at(0).member_id, "m1");
  EXPECT_EQ(described.members.at(0).client_host, "/10.0.0.9");
  EXPECT_NE(described.authorized_operations, INT32_MIN);
}

TEST_F(ConsumerGroupsTest, ClusterThatHasNotFinalizedItRefusesIt) {
  broker.lead_groups();
  finalize(0);
  EXPECT_EQ(beat(first_heartbeat()).error_code, Errc::unsupported_version);
  EXPECT_EQ(describe().error_code, Errc::unsupported_version);
}

TEST_F(ConsumerGroupsTest, NodeThatDoesNotOfferItRefusesIt) {
  broker.lead_groups();
  auto settings = config::default_settings("data");
  settings.set("group.coordinator.rebalance.protocols", "classic");
  broker.facts.config =
      std::make_shared<const config::NodeConfig>(config::load_node_config(settings)->config);
  broker.show();
  EXPECT_EQ(beat(first_heartbeat()).error_code, Errc::unsupported_version);
}

TEST_F(ConsumerGroupsTest, WithoutACoordinatorTheAskerIsTold) {
  EXPECT_EQ(beat(first_heartbeat()).error_code, Errc::coordinator_not_available);
  EXPECT_EQ(describe().error_code, Errc::coordinator_not_available);
}

TEST_F(ConsumerGroupsTest, TopicsThatTheAskerMayNotSeeAreKeptFromIt) {
  broker.lead_groups();
  broker.add_topic("t", 2);
  ASSERT_EQ(beat(first_heartbeat()).error_code, Errc::none);
  forbid(security::ResourceType::topic);
  EXPECT_EQ(beat(first_heartbeat()).error_code, Errc::topic_authorization_failed);
  const auto hidden = describe();
  EXPECT_EQ(hidden.error_code, Errc::topic_authorization_failed);
  EXPECT_TRUE(hidden.members.empty());
  forbid(security::ResourceType::group);
  EXPECT_EQ(beat(first_heartbeat()).error_code, Errc::group_authorization_failed);
  EXPECT_EQ(describe().error_code, Errc::group_authorization_failed);
}

}  // namespace
}  // namespace moldau::broker
