#include "broker/topic_creation.h"

#include <gtest/gtest.h>

#include "protocol/api/create_topics.h"
#include "unit/broker/broker_world.h"

namespace moldau::broker {
namespace {

class TopicCreationTest : public testing::Test {
 protected:
  TopicCreationTest()
      : context{.shard = broker.shard(0),
                .connection = broker.connection,
                .request = request,
                .principal = {},
                .view = broker.shard(0).view} {}
  void controller_answers(Errc error) {
    broker.controller.answer = [error](const ControllerRequest& asked) -> Result<SharedBytes> {
      protocol::CreateTopicsResponse response;
      auto& topic = response.topics.emplace_back();
      topic.name = "t";
      topic.error_code = error;
      return encoded(response, asked.version);
    };
  }
  BrokerWorld broker;
  rpc::Request request;
  RequestContext context;
};

TEST_F(TopicCreationTest, RefusalIsLogged) {
  controller_answers(Errc::policy_violation);
  create_missing_topics(context, {"t"});
  ASSERT_EQ(broker.sink.lines().size(), 1U);
  EXPECT_NE(broker.sink.lines()[0].find("POLICY_VIOLATION"), std::string::npos);
  EXPECT_TRUE(broker.shard(0).topics_in_creation.empty());
}

TEST_F(TopicCreationTest, WhoAsksAgainAndAgainDoesNotFillTheLog) {
  controller_answers(Errc::invalid_topic_exception);
  for (int i = 0; i < 1000; ++i) create_missing_topics(context, {"t"});
  EXPECT_EQ(broker.controller.asked.size(), 1000U);
  EXPECT_LE(broker.sink.lines().size(), 10U);
  broker.world.run_for(std::chrono::minutes{1});
  create_missing_topics(context, {"t"});
  EXPECT_NE(broker.sink.lines().back().find("990"), std::string::npos) << "how many were silenced";
}

TEST_F(TopicCreationTest, SomebodyElseWasQuickerIsNoNews) {
  controller_answers(Errc::topic_already_exists);
  create_missing_topics(context, {"t"});
  EXPECT_TRUE(broker.sink.lines().empty());
}

TEST_F(TopicCreationTest, TopicInCreationIsNotAskedForAgain) {
  broker.shard(0).topics_in_creation.insert("t");
  create_missing_topics(context, {"t"});
  EXPECT_TRUE(broker.controller.asked.empty());
}

}  // namespace
}  // namespace moldau::broker
