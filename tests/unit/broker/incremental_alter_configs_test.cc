#include "protocol/api/incremental_alter_configs.h"

#include <gtest/gtest.h>

#include "unit/broker/broker_world.h"

namespace moldau::broker {
namespace {

using protocol::IncrementalAlterConfigsRequest;
using protocol::IncrementalAlterConfigsResponse;

class IncrementalAlterConfigsTest : public testing::Test {
 protected:
  IncrementalAlterConfigsTest() {
    broker.controller.answer = [](const ControllerRequest& asked) -> Result<SharedBytes> {
      const auto request = IncrementalAlterConfigsRequest::decode(asked.body.view(), asked.version);
      IncrementalAlterConfigsResponse response;
      for (const auto& resource : request->resources) {
        auto& out = response.responses.emplace_back();
        out.resource_type = resource.resource_type;
        out.resource_name = resource.resource_name;
        out.error_message = std::nullopt;
      }
      return encoded(response, asked.version);
    };
  }
  void change(std::int8_t type, const std::string& name, const std::string& key,
              std::optional<std::string> value, std::int8_t operation = 0) {
    auto& resource = request.resources.emplace_back();
    resource.resource_type = type;
    resource.resource_name = name;
    auto& config = resource.configs.emplace_back();
    config.name = key;
    config.value = std::move(value);
    config.config_operation = operation;
  }
  Errc ask(std::size_t place = 0) {
    const auto response = broker.ok<IncrementalAlterConfigsResponse>(request, ApiVersion{1});
    EXPECT_EQ(response.responses.size(), request.resources.size());
    return response.responses.at(place).error_code;
  }
  BrokerWorld broker;
  IncrementalAlterConfigsRequest request;
};

TEST_F(IncrementalAlterConfigsTest, TopicIsTheControllersBusiness) {
  change(2, "t", "retention.ms", "5");
  EXPECT_EQ(ask(), Errc::none);
  EXPECT_EQ(broker.controller.asked.size(), 1U);
}
TEST_F(IncrementalAlterConfigsTest, WhatTheBrokerRefusesIsNotPassedOn) {
  change(4, "2", "log.cleaner.threads", "2");
  EXPECT_EQ(ask(), Errc::invalid_request);
  EXPECT_TRUE(broker.controller.asked.empty());
}
TEST_F(IncrementalAlterConfigsTest, NullValueIsRefusedUnlessErasing) {
  change(2, "t", "retention.ms", std::nullopt);
  change(2, "u", "retention.ms", std::nullopt, 1);
  EXPECT_EQ(ask(0), Errc::invalid_request);
  EXPECT_EQ(ask(1), Errc::none);
}
TEST_F(IncrementalAlterConfigsTest, ResourceThatComesTwiceIsRefusedTwice) {
  change(2, "t", "retention.ms", "5");
  change(2, "t", "segment.ms", "5");
  EXPECT_EQ(ask(0), Errc::invalid_request);
  EXPECT_EQ(ask(1), Errc::invalid_request);
}
TEST_F(IncrementalAlterConfigsTest, UnknownKindsAreRefused) {
  change(99, "t", "retention.ms", "5");
  change(2, "t", "retention.ms", "5", 9);
  change(8, "1", "root", "DEBUG");
  EXPECT_EQ(ask(0), Errc::invalid_request);
  EXPECT_EQ(ask(1), Errc::invalid_request);
  EXPECT_EQ(ask(2), Errc::invalid_request);
}

}  // namespace
}  // namespace moldau::broker
