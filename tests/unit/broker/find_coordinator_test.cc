#include "protocol/api/find_coordinator.h"

#include <gtest/gtest.h>

#include "protocol/api/create_topics.h"
#include "unit/broker/broker_world.h"

namespace moldau::broker {
namespace {

using protocol::FindCoordinatorRequest;
using protocol::FindCoordinatorResponse;

class FindCoordinatorTest : public testing::Test {
 protected:
  BrokerWorld broker;
  FindCoordinatorRequest request;
};

TEST_F(FindCoordinatorTest, LeaderOfTheGroupsPartitionIsItsCoordinator) {
  broker.lead_groups();
  request.coordinator_keys = {"g1", "g2"};
  const auto response = broker.ok<FindCoordinatorResponse>(request, ApiVersion{6});
  ASSERT_EQ(response.coordinators.size(), 2U);
  EXPECT_EQ(response.coordinators[1].key, "g2");
  EXPECT_EQ(response.coordinators[1].error_code, Errc::none);
  EXPECT_EQ(response.coordinators[1].node_id, k_self);
  EXPECT_EQ(response.coordinators[1].host, "broker1");
  EXPECT_EQ(response.coordinators[1].port, 9092);
  FindCoordinatorRequest old;
  old.key = "g1";
  const auto older = broker.ok<FindCoordinatorResponse>(old, ApiVersion{3});
  EXPECT_EQ(older.error_message, "NONE");
  EXPECT_EQ(older.node_id, k_self);
}
TEST_F(FindCoordinatorTest, OffsetsTopicIsCreatedWhenItIsFirstNeeded) {
  request.coordinator_keys = {"g1"};
  const auto response = broker.ok<FindCoordinatorResponse>(request, ApiVersion{6});
  EXPECT_EQ(response.coordinators.at(0).error_code, Errc::coordinator_not_available);
  ASSERT_EQ(broker.controller.asked.size(), 1U);
  const auto asked = protocol::CreateTopicsRequest::decode(broker.controller.asked[0].body.view(),
                                                           broker.controller.asked[0].version);
  ASSERT_TRUE(asked.has_value());
  ASSERT_EQ(asked->topics.size(), 1U);
  EXPECT_EQ(asked->topics[0].name, "__consumer_offsets");
  EXPECT_EQ(asked->topics[0].num_partitions, 50);
  EXPECT_EQ(asked->topics[0].replication_factor, 1);  // of the settings that every test has
  ASSERT_EQ(asked->topics[0].configs.size(), 3U);
  EXPECT_EQ(asked->topics[0].configs[0].value, "compact");
  EXPECT_EQ(asked->topics[0].configs[1].value, "producer");
  EXPECT_EQ(asked->topics[0].configs[2].value, "104857600");
}
TEST_F(FindCoordinatorTest, PartitionWithoutALeaderHasNoCoordinator) {
  broker.add_topic("__consumer_offsets", 1, {}, BrokerId{9});
  request.coordinator_keys = {"g1"};
  const auto response = broker.ok<FindCoordinatorResponse>(request, ApiVersion{6});
  EXPECT_EQ(response.coordinators.at(0).error_code, Errc::coordinator_not_available);
}
TEST_F(FindCoordinatorTest, TransactionTopicIsCreatedWhenItIsFirstNeeded) {
  request.key_type = 1;
  request.coordinator_keys = {"tx1", "tx2"};
  const auto response = broker.ok<FindCoordinatorResponse>(request, ApiVersion{6});
  ASSERT_EQ(response.coordinators.size(), 2U);
  EXPECT_EQ(response.coordinators[1].key, "tx2");
  EXPECT_EQ(response.coordinators[1].error_code, Errc::coordinator_not_available);
  EXPECT_EQ(response.coordinators[1].node_id, k_no_broker);
  ASSERT_FALSE(broker.controller.asked.empty());  // for each key: this controller refuses at once
  const auto asked = protocol::CreateTopicsRequest::decode(broker.controller.asked[0].body.view(),
                                                           broker.controller.asked[0].version);
  ASSERT_TRUE(asked.has_value());
  EXPECT_EQ(asked->topics.at(0).name, "__transaction_state");
  EXPECT_EQ(asked->topics[0].num_partitions, 50);
  EXPECT_EQ(asked->topics[0].replication_factor, 1);
  std::string configs;
  for (const auto& config : asked->topics[0].configs) {
    configs += config.name + "=" + config.value.value() + " ";
  }
  EXPECT_EQ(configs,
            "cleanup.policy=compact compression.type=uncompressed min.insync.replicas=1 "
            "segment.bytes=104857600 unclean.leader.election.enable=false ");
}
TEST_F(FindCoordinatorTest, LeaderOfTheTransactionsPartitionIsItsCoordinator) {
  broker.lead_transactions();
  request.key_type = 1;
  request.coordinator_keys = {"tx1"};
  const auto response = broker.ok<FindCoordinatorResponse>(request, ApiVersion{6});
  EXPECT_EQ(response.coordinators.at(0).error_code, Errc::none);
  EXPECT_EQ(response.coordinators[0].node_id, k_self);
}
TEST_F(FindCoordinatorTest, OldVersionsHaveOneKey) {
  request.key_type = 1;
  request.key = "g1";
  const auto response = broker.ok<FindCoordinatorResponse>(request, ApiVersion{3});
  EXPECT_EQ(response.error_code, Errc::coordinator_not_available);
  EXPECT_EQ(response.node_id, k_no_broker);
}
TEST_F(FindCoordinatorTest, WhoMayNotDescribeTheGroupIsToldSo) {
  broker.authorizer.forbids = [](security::Operation, security::ResourceType type,
                                 std::string_view) {
    return type == security::ResourceType::group;
  };
  request.coordinator_keys = {"g1"};
  const auto response = broker.ok<FindCoordinatorResponse>(request, ApiVersion{4});
  EXPECT_EQ(response.coordinators.at(0).error_code, Errc::group_authorization_failed);
}
TEST_F(FindCoordinatorTest, ShareCoordinatorsNeedVersion6) {
  request.key_type = 2;
  request.coordinator_keys = {"g:id:0"};
  const auto response = broker.ok<FindCoordinatorResponse>(request, ApiVersion{5});
  EXPECT_EQ(response.coordinators.at(0).error_code, Errc::invalid_request);
}
TEST_F(FindCoordinatorTest, UnknownKindOfKeyIsRefusedAtEachKey) {
  request.key_type = 7;
  request.coordinator_keys = {"a"};
  EXPECT_EQ(
      broker.ok<FindCoordinatorResponse>(request, ApiVersion{4}).coordinators.at(0).error_code,
      Errc::invalid_request);
}

}  // namespace
}  // namespace moldau::broker
