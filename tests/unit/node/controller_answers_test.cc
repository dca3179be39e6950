#include "node/controller_answers.h"

#include <gtest/gtest.h>

#include "protocol/api/create_topics.h"
#include "protocol/api/describe_quorum.h"
#include "protocol/api/elect_leaders.h"
#include "protocol/api/update_features.h"
#include "unit/node/controller_world.h"

namespace moldau::node {
namespace {

class ControllerAnswersTest : public ControllerWorld {
 protected:
  ControllerAnswersTest() {
    start();
    EXPECT_TRUE(world.run_until([this] { return host->is_active(); }));
  }
};

TEST_F(ControllerAnswersTest, RefusalOfOneTopicIsAnAnswer) {
  protocol::CreateTopicsRequest request;
  auto& topic = request.topics.emplace_back();
  topic.name = "t";
  topic.num_partitions = 1;
  topic.replication_factor = 1;
  // No broker is registered, so there is nowhere to put it.
  const auto response = ask<protocol::CreateTopicsRequest, protocol::CreateTopicsResponse>(request);
  ASSERT_TRUE(response.has_value());
  EXPECT_EQ(response->topics.at(0).error_code, Errc::invalid_replication_factor);
}

TEST_F(ControllerAnswersTest, RequestWithoutTimeIsTooLateUnlessItAsksForNothing) {
  protocol::CreateTopicsRequest request;
  request.topics.emplace_back().name = "t";
  request.timeout_ms = Milliseconds{0};
  const auto late = ask<protocol::CreateTopicsRequest, protocol::CreateTopicsResponse>(request);
  EXPECT_EQ(late->topics.at(0).error_code, Errc::request_timed_out);
  protocol::ElectLeadersRequest election;
  election.timeout_ms = Milliseconds{-1};
  election.topic_partitions.reset();
  const auto elected = ask<protocol::ElectLeadersRequest, protocol::ElectLeadersResponse>(election);
  EXPECT_EQ(elected->error_code, Errc::request_timed_out);
  election.topic_partitions.emplace();
  EXPECT_EQ(
      (ask<protocol::ElectLeadersRequest, protocol::ElectLeadersResponse>(election))->error_code,
      Errc::none);
}

TEST_F(ControllerAnswersTest, WithoutAControllerARequestWaitsAsLongAsItSays) {
  host->lost();
  protocol::CreateTopicsRequest request;
  request.topics.emplace_back().name = "t";
  request.timeout_ms = Milliseconds{200};
  const Instant begun = world.now();
  const auto late = ask<protocol::CreateTopicsRequest, protocol::CreateTopicsResponse>(request);
  EXPECT_EQ(late->topics.at(0).error_code, Errc::request_timed_out);
  EXPECT_GE(world.now() - begun, Milliseconds{200});
  EXPECT_LT(world.now() - begun, Milliseconds{300});
}

TEST_F(ControllerAnswersTest, BodyThatDoesNotDecodeIsAnError) {
  const auto answer = run(answer_as_controller(
      *host, {.api = protocol::ApiKey::create_topics, .version = ApiVersion{7}}));
  EXPECT_EQ(answer.error().code(), Errc::bad_frame);
}

TEST_F(ControllerAnswersTest, ApiOfBrokersIsAnError) {
  const auto answer = run(
      answer_as_controller(*host, {.api = protocol::ApiKey::produce, .version = ApiVersion{9}}));
  EXPECT_EQ(answer.error().code(), Errc::unsupported_version);
}

}  // namespace
}  // namespace moldau::node
