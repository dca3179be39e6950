#include "protocol/api/describe_configs.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "unit/broker/broker_world.h"

namespace moldau::broker {
namespace {

using protocol::DescribeConfigsRequest;
using protocol::DescribeConfigsResponse;

class DescribeConfigsTest : public testing::Test {
 protected:
  DescribeConfigsResponse::DescribeConfigsResult ask(std::int8_t type, const std::string& name) {
    DescribeConfigsRequest request;
    auto& resource = request.resources.emplace_back();
    resource.resource_type = type;
    resource.resource_name = name;
    resource.configuration_keys = keys;
    return broker.ok<DescribeConfigsResponse>(request, ApiVersion{4}).results.at(0);
  }
  static constexpr std::int8_t k_topic = 2;
  static constexpr std::int8_t k_broker = 4;
  static constexpr std::int8_t k_logger = 8;
  BrokerWorld broker;
  std::optional<std::vector<std::string>> keys;
};

TEST_F(DescribeConfigsTest, TopicShowsItsOverridesAndDefaults) {
  broker.add_topic("t");
  broker.image.configs.resources.set(
      metadata::ConfigResource{metadata::ConfigType::topic, "t"},
      std::make_shared<metadata::ConfigMap>(metadata::ConfigMap{{"retention.ms", "5"}}));
  broker.show();
  keys = {"retention.ms", "segment.bytes"};
  const auto result = ask(k_topic, "t");
  ASSERT_EQ(result.configs.size(), 2U);
  EXPECT_EQ(result.configs[0].value, "5");
  EXPECT_EQ(result.configs[0].config_source, 1);
  EXPECT_EQ(result.configs[1].config_source, 5);
  EXPECT_EQ(result.error_message, "") << "Kafka's way to say that there is no error";
}
TEST_F(DescribeConfigsTest, UnknownTopicIsRefused) {
  EXPECT_EQ(ask(k_topic, "nobody").error_code, Errc::unknown_topic_or_partition);
  EXPECT_EQ(ask(k_topic, "bad name").error_code, Errc::invalid_topic_exception);
}
TEST_F(DescribeConfigsTest, BrokerDescribesItselfAlone) {
  keys = {"node.id"};
  const auto own = ask(k_broker, "1");
  ASSERT_EQ(own.configs.size(), 1U);
  EXPECT_EQ(own.configs[0].value, "1");
  EXPECT_EQ(ask(k_broker, "2").error_code, Errc::invalid_request);
  EXPECT_EQ(ask(k_broker, "x").error_code, Errc::invalid_request);
  EXPECT_EQ(ask(k_broker, "").error_code, Errc::none);
}
TEST_F(DescribeConfigsTest, LoggerLevelsAreTold) {
  EXPECT_EQ(ask(k_logger, "1").configs.size(), 1U);
  EXPECT_EQ(ask(k_logger, "").error_code, Errc::invalid_request);
}
TEST_F(DescribeConfigsTest, KindWithoutConfigsRefusesTheWholeRequest) {
  DescribeConfigsRequest request;
  request.resources.push_back({.resource_type = k_broker, .resource_name = "1"});
  request.resources.push_back({.resource_type = 1, .resource_name = "x"});
  const auto response = broker.ok<DescribeConfigsResponse>(request, ApiVersion{4});
  ASSERT_EQ(response.results.size(), 2U);
  EXPECT_EQ(response.results[0].error_code, Errc::invalid_request);
  EXPECT_EQ(response.results[1].error_code, Errc::invalid_request);
}
TEST_F(DescribeConfigsTest, GroupAndSubscriptionNeedNames) {
  EXPECT_EQ(ask(32, "").error_code, Errc::invalid_request);
  EXPECT_EQ(ask(16, "").error_code, Errc::invalid_request);
  EXPECT_EQ(ask(32, "g").error_code, Errc::none);
}
TEST_F(DescribeConfigsTest, WithoutAccessTheResourceIsRefused) {
  broker.add_topic("t");
  broker.authorizer.forbids = [](security::Operation operation, security::ResourceType,
                                 std::string_view) {
    return operation == security::Operation::describe_configs;
  };
  EXPECT_EQ(ask(k_topic, "t").error_code, Errc::topic_authorization_failed);
  EXPECT_EQ(ask(k_broker, "1").error_code, Errc::cluster_authorization_failed);
  EXPECT_EQ(ask(32, "g").error_code, Errc::group_authorization_failed);
}

}  // namespace
}  // namespace moldau::broker
