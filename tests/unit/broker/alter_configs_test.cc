#include "protocol/api/alter_configs.h"

#include <gtest/gtest.h>

#include "unit/broker/broker_world.h"

namespace moldau::broker {
namespace {

using protocol::AlterConfigsRequest;
using protocol::AlterConfigsResponse;

class AlterConfigsTest : public testing::Test {
 protected:
  void change(std::int8_t type, const std::string& name, std::optional<std::string> value) {
    auto& resource = request.resources.emplace_back();
    resource.resource_type = type;
    resource.resource_name = name;
    auto& config = resource.configs.emplace_back();
    config.name = "retention.ms";
    config.value = std::move(value);
  }
  BrokerWorld broker;
  AlterConfigsRequest request;
};

TEST_F(AlterConfigsTest, AnswersKeepTheOrderOfTheRequest) {
  broker.controller.answer = [](const ControllerRequest& asked) -> Result<SharedBytes> {
    AlterConfigsResponse response;
    auto& out = response.responses.emplace_back();
    out.resource_type = 2;
    out.resource_name = "t";
    out.error_code = Errc::invalid_config;
    return encoded(response, asked.version);
  };
  change(2, "null-value", std::nullopt);
  change(2, "t", "5");
  const auto response = broker.ok<AlterConfigsResponse>(request, ApiVersion{2});
  ASSERT_EQ(response.responses.size(), 2U);
  EXPECT_EQ(response.responses[0].error_code, Errc::invalid_request);
  EXPECT_EQ(response.responses[1].error_code, Errc::invalid_config);
}
TEST_F(AlterConfigsTest, ResourceThatTheControllerForgotIsAnError) {
  broker.controller.answer = [](const ControllerRequest& asked) -> Result<SharedBytes> {
    return encoded(AlterConfigsResponse{}, asked.version);
  };
  change(2, "t", "5");
  const auto response = broker.ok<AlterConfigsResponse>(request, ApiVersion{2});
  EXPECT_EQ(response.responses.at(0).error_code, Errc::unknown_server_error);
}
TEST_F(AlterConfigsTest, NoControllerClosesTheConnection) {
  change(2, "t", "5");
  EXPECT_FALSE(broker.ask<AlterConfigsResponse>(request, ApiVersion{2}).has_value());
}

}  // namespace
}  // namespace moldau::broker
