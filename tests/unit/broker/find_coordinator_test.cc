#include "protocol/api/find_coordinator.h"

#include <gtest/gtest.h>

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

TEST_F(FindCoordinatorTest, NoCoordinatorIsSaidForEachKey) {
  request.coordinator_keys = {"g1", "g2"};
  const auto response = broker.ok<FindCoordinatorResponse>(request, ApiVersion{6});
  ASSERT_EQ(response.coordinators.size(), 2U);
  EXPECT_EQ(response.coordinators[1].key, "g2");
  EXPECT_EQ(response.coordinators[1].error_code, Errc::coordinator_not_available);
  EXPECT_EQ(response.coordinators[1].node_id, k_no_broker);
}
TEST_F(FindCoordinatorTest, OldVersionsHaveOneKey) {
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
