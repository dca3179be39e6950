#include <gtest/gtest.h>

#include "protocol/api/create_topics.h"
#include "unit/broker/broker_world.h"

namespace moldau::broker {
namespace {

TEST(Forward, BodyGoesToTheControllerAndItsAnswerBack) {
  BrokerWorld broker;
  protocol::CreateTopicsResponse answer;
  answer.topics.emplace_back().name = "made";
  broker.controller.answer = [&](const ControllerRequest& asked) -> Result<SharedBytes> {
    return encoded(answer, asked.version);
  };
  protocol::CreateTopicsRequest request;
  request.topics.emplace_back().name = "made";
  const auto response = broker.ok<protocol::CreateTopicsResponse>(request, ApiVersion{7});
  EXPECT_EQ(response, answer);
  ASSERT_EQ(broker.controller.asked.size(), 1U);
  const ControllerRequest& asked = broker.controller.asked[0];
  EXPECT_EQ(asked.api, protocol::ApiKey::create_topics);
  EXPECT_EQ(asked.client_host, "10.0.0.9");
  EXPECT_TRUE(asked.forwarded);
}

TEST(Forward, ControllerListenerAsksForItself) {
  BrokerWorld broker;
  broker.controller_listener = true;
  broker.controller.answer = [](const ControllerRequest& asked) -> Result<SharedBytes> {
    return encoded(protocol::CreateTopicsResponse{}, asked.version);
  };
  (void)broker.ok<protocol::CreateTopicsResponse>(protocol::CreateTopicsRequest{}, ApiVersion{7});
  EXPECT_FALSE(broker.controller.asked.at(0).forwarded);
}

}  // namespace
}  // namespace moldau::broker
