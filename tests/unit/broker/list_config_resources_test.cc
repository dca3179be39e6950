#include "protocol/api/list_config_resources.h"

#include <gtest/gtest.h>

#include "unit/broker/broker_world.h"

namespace moldau::broker {
namespace {

using metadata::ConfigType;
using protocol::ListConfigResourcesRequest;
using protocol::ListConfigResourcesResponse;

class ListConfigResourcesTest : public testing::Test {
 protected:
  ListConfigResourcesTest() {
    broker.add_topic("t");
    broker.register_broker(BrokerId{2}, true);
    set(ConfigType::group, "g");
    set(ConfigType::client_metrics, "m");
    set(ConfigType::topic, "t");
    broker.show();
  }
  void set(ConfigType type, const std::string& name) {
    broker.image.configs.resources.set(
        {type, name}, std::make_shared<const metadata::ConfigMap>(metadata::ConfigMap{{"k", "v"}}));
  }
  std::vector<std::string> list(std::vector<std::int8_t> types, int version = 1) {
    ListConfigResourcesRequest request;
    request.resource_types = std::move(types);
    const auto answer = broker.ok<ListConfigResourcesResponse>(
        request, ApiVersion{static_cast<std::int16_t>(version)});
    error = answer.error_code;
    std::vector<std::string> names;
    for (const auto& one : answer.config_resources) {
      names.push_back(std::to_string(one.resource_type) + " " + one.resource_name);
    }
    return names;
  }
  using Names = std::vector<std::string>;
  BrokerWorld broker;
  Errc error = Errc::none;
};

TEST_F(ListConfigResourcesTest, NoTypeMeansAll) {
  EXPECT_EQ(list({}), (Names{"32 g", "16 m", "8 1", "8 2", "4 1", "4 2", "2 t"}));
}
TEST_F(ListConfigResourcesTest, TypesAreListedOnce) {
  EXPECT_EQ(list({2, 32, 2}), (Names{"32 g", "2 t"}));
}
TEST_F(ListConfigResourcesTest, FirstVersionKnowsClientMetricsAlone) {
  EXPECT_EQ(list({}, 0), (Names{"16 m"}));
}
TEST_F(ListConfigResourcesTest, UnknownTypeRefusesAll) {
  EXPECT_TRUE(list({2, 3}).empty());
  EXPECT_EQ(error, Errc::unsupported_version);
}
TEST_F(ListConfigResourcesTest, WhoMayNotDescribeConfigsIsRefused) {
  broker.authorizer.forbids = [](security::Operation operation, security::ResourceType type,
                                 std::string_view) {
    return operation == security::Operation::describe_configs &&
           type == security::ResourceType::cluster;
  };
  EXPECT_TRUE(list({}).empty());
  EXPECT_EQ(error, Errc::cluster_authorization_failed);
}

}  // namespace
}  // namespace moldau::broker
