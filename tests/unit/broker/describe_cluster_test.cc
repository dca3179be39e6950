#include "protocol/api/describe_cluster.h"

#include <gtest/gtest.h>

#include "unit/broker/broker_world.h"

namespace moldau::broker {
namespace {

using protocol::DescribeClusterRequest;
using protocol::DescribeClusterResponse;

class DescribeClusterTest : public testing::Test {
 protected:
  DescribeClusterResponse ask() {
    return broker.ok<DescribeClusterResponse>(request, ApiVersion{2});
  }
  BrokerWorld broker;
  DescribeClusterRequest request;
};

TEST_F(DescribeClusterTest, TellsBrokersThatAreAlive) {
  broker.register_broker(BrokerId{2}, true);
  broker.show();
  const DescribeClusterResponse response = ask();
  EXPECT_EQ(response.cluster_id, "cluster-of-the-test");
  EXPECT_EQ(response.controller_id, k_self);
  ASSERT_EQ(response.brokers.size(), 1U);
  EXPECT_FALSE(response.error_message.has_value());
}
TEST_F(DescribeClusterTest, TellsFencedOnesWhenAsked) {
  broker.register_broker(BrokerId{2}, true);
  broker.show();
  request.include_fenced_brokers = true;
  ASSERT_EQ(ask().brokers.size(), 2U);
  EXPECT_TRUE(ask().brokers[1].is_fenced);
}
TEST_F(DescribeClusterTest, ControllersAreAskedForOnTheirListener) {  // KIP-919
  request.endpoint_type = 2;
  EXPECT_EQ(ask().error_code, Errc::mismatched_endpoint_type);
  request.endpoint_type = 9;
  EXPECT_EQ(ask().error_code, Errc::unsupported_endpoint_type);
}
TEST_F(DescribeClusterTest, Version0KnowsNoErrorsOfEndpointTypes) {  // AuthHelper
  broker.controller_listener = true;
  const auto response = broker.ok<DescribeClusterResponse>(request, ApiVersion{0});
  EXPECT_EQ(response.error_code, Errc::invalid_request);
}
TEST_F(DescribeClusterTest, ControllerListenerTellsControllers) {
  auto controller = std::make_shared<metadata::ControllerRegistration>();
  controller->id = k_self;
  controller->endpoints = {{"CONTROLLER", "broker1", 9093}};
  broker.image.cluster.controllers.set(k_self, controller);
  broker.show();
  broker.controller_listener = true;
  broker.connection.listener = "CONTROLLER";
  request.endpoint_type = 2;
  const DescribeClusterResponse response = ask();
  ASSERT_EQ(response.brokers.size(), 1U);
  EXPECT_EQ(response.brokers[0].port, 9093);
  EXPECT_EQ(response.controller_id, k_self);
}
TEST_F(DescribeClusterTest, OperationsAreToldWhenAsked) {
  EXPECT_EQ(ask().cluster_authorized_operations, INT32_MIN);
  request.include_cluster_authorized_operations = true;
  EXPECT_EQ(ask().cluster_authorized_operations, 8096);
}

}  // namespace
}  // namespace moldau::broker
