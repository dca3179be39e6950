#include "controller/topic_deletion.h"

#include <gtest/gtest.h>

#include "unit/controller/cluster.h"

namespace moldau::controller {
namespace {

using test::Cluster;

class TopicDeletionTest : public testing::Test {
 protected:
  TopicDeletionTest() {
    cluster.start_broker(1);
    id = cluster.create("t", 1, 1).topic_id;
  }
  using Asked = protocol::DeleteTopicsRequest::DeleteTopicState;
  std::vector<protocol::DeleteTopicsResponse::DeletableTopicResult> ask(std::vector<Asked> topics) {
    protocol::DeleteTopicsRequest request{.topics = std::move(topics)};
    return cluster.take(cluster.controller.delete_topics(cluster.call(6), request)).responses;
  }
  Cluster cluster;
  Uuid id;
};

TEST_F(TopicDeletionTest, TopicGoesByNameOrById) {
  const auto by_name = ask({{.name = "t"}});
  EXPECT_EQ(by_name.at(0).error_code, Errc::none);
  EXPECT_EQ(by_name[0].topic_id, id);
  EXPECT_EQ(cluster.controller.image().topics.find("t"), nullptr);
  const Uuid again = cluster.create("t", 1, 1).topic_id;
  EXPECT_EQ(ask({{.topic_id = again}}).at(0).name, "t");
  EXPECT_TRUE(cluster.controller.image().topics.by_id.empty());
}

TEST_F(TopicDeletionTest, UnknownTopicIsAnErrorOfItsKind) {
  EXPECT_EQ(ask({{.name = "x"}}).at(0).error_code, Errc::unknown_topic_or_partition);
  EXPECT_EQ(ask({{.topic_id = Uuid{9, 9}}}).at(0).error_code, Errc::unknown_topic_id);
}

TEST_F(TopicDeletionTest, ContradictionsAreRefused) {
  EXPECT_EQ(ask({{}}).at(0).error_message, "Neither topic name nor id were specified.");
  EXPECT_EQ(ask({{.name = "t", .topic_id = id}}).at(0).error_message,
            "You may not specify both topic name and topic id.");
  const auto twice = ask({{.name = "t"}, {.name = "t"}});
  ASSERT_EQ(twice.size(), 1U);
  EXPECT_EQ(twice[0].error_message, "Duplicate topic name.");
  const auto both = ask({{.name = "t"}, {.topic_id = id}});
  ASSERT_EQ(both.size(), 1U) << "the name answers for the id too";
  EXPECT_EQ(both[0].error_message,
            "The provided topic name maps to an ID that was already supplied.");
  EXPECT_EQ(both[0].topic_id, id);
  EXPECT_NE(cluster.controller.image().topics.find("t"), nullptr);
}

TEST_F(TopicDeletionTest, IdGivenTwiceIsRefusedOnce) {
  const auto twice = ask({{.topic_id = id}, {.topic_id = id}});
  ASSERT_EQ(twice.size(), 1U);
  EXPECT_EQ(twice[0].error_message, "Duplicate topic id.");
  EXPECT_FALSE(twice[0].name.has_value());
  const auto thrice = ask({{.topic_id = id}, {.topic_id = id}, {.name = "t"}});
  ASSERT_EQ(thrice.size(), 2U);
  EXPECT_EQ(thrice[1].error_code, Errc::invalid_request);
  EXPECT_NE(cluster.controller.image().topics.find("t"), nullptr);
}

TEST_F(TopicDeletionTest, ContradictionOfAnotherEntryDoesNotCount) {
  const auto answer = ask({{.topic_id = id}, {.name = "t", .topic_id = id}});
  EXPECT_EQ(answer.at(0).error_code, Errc::none);
  EXPECT_EQ(answer.at(1).error_code, Errc::invalid_request);
}

TEST_F(TopicDeletionTest, EachErrorHasItsText) {
  EXPECT_FALSE(ask({{.name = "x"}}).at(0).error_message.value_or("").empty());
}

TEST_F(TopicDeletionTest, OldVersionsNameTopics) {
  protocol::DeleteTopicsRequest request;
  request.topic_names = {"t"};
  const auto response = cluster.take(cluster.controller.delete_topics(cluster.call(1), request));
  EXPECT_EQ(response.responses.at(0).error_code, Errc::none);
}

TEST_F(TopicDeletionTest, WhoMayNotSeeATopicLearnsNothing) {
  cluster.authorizer = &cluster.deny_all;
  EXPECT_EQ(ask({{.name = "t"}}).at(0).error_code, Errc::topic_authorization_failed);
  EXPECT_EQ(ask({{.name = "x"}}).at(0).error_code, Errc::topic_authorization_failed);
  const auto by_id = ask({{.topic_id = id}});
  EXPECT_EQ(by_id.at(0).error_code, Errc::topic_authorization_failed);
  EXPECT_EQ(by_id[0].name, std::nullopt);
}

TEST(TopicDeletion, CanBeSwitchedOff) {
  Settings settings = test::settings();
  settings.delete_topic_enable = false;
  Cluster cluster(settings);
  EXPECT_EQ(cluster.controller.delete_topics(cluster.call(6), {}).error().code(),
            Errc::topic_deletion_disabled);
  EXPECT_EQ(cluster.controller.delete_topics(cluster.call(2), {}).error().code(),
            Errc::invalid_request);
}

}  // namespace
}  // namespace moldau::controller
