#include "protocol/api/offset_commit.h"

#include <gtest/gtest.h>

#include "unit/broker/broker_world.h"

namespace moldau::broker {
namespace {

using protocol::OffsetCommitRequest;
using protocol::OffsetCommitResponse;

class OffsetCommitTest : public testing::Test {
 protected:
  OffsetCommitTest() { request.group_id = "g"; }
  void add(const std::string& topic, std::int32_t partition, const Uuid& id = {}) {
    auto& one = request.topics.emplace_back();
    one.name = topic;
    one.topic_id = id;
    auto& asked = one.partitions.emplace_back();
    asked.partition_index = PartitionIndex{partition};
    asked.committed_offset = Offset{3};
  }
  Errc code_of(const OffsetCommitResponse& response, std::size_t topic, std::size_t partition = 0) {
    return response.topics.at(topic).partitions.at(partition).error_code;
  }
  OffsetCommitResponse ask(std::int16_t version) {
    return broker.ok<OffsetCommitResponse>(request, ApiVersion{version});
  }
  BrokerWorld broker;
  OffsetCommitRequest request;
};

TEST_F(OffsetCommitTest, WhatExistsIsCommittedAndTheRestToldBesideIt) {
  broker.lead_groups();
  broker.add_topic("t", 2);
  add("nobody", 0);
  add("t", 7);
  request.topics[1].partitions.emplace_back().partition_index = PartitionIndex{1};
  const auto response = ask(9);
  ASSERT_EQ(response.topics.size(), 2U);
  EXPECT_EQ(code_of(response, 0), Errc::unknown_topic_or_partition);
  EXPECT_EQ(response.topics[1].name, "t");
  EXPECT_EQ(code_of(response, 1, 0), Errc::unknown_topic_or_partition);
  EXPECT_EQ(code_of(response, 1, 1), Errc::none);
}

// As Kafka's answers are put together.
TEST_F(OffsetCommitTest, TopicThatComesTwiceIsAnsweredTwiceWhereNothingIsRefused) {
  broker.add_topic("t");
  add("t", 0);
  add("t", 0);
  EXPECT_EQ(ask(6).topics.size(), 2U) << "whoever refuses it as a whole";
  broker.lead_groups();
  auto response = ask(6);
  ASSERT_EQ(response.topics.size(), 2U);
  EXPECT_EQ(code_of(response, 0), Errc::none);
  EXPECT_EQ(code_of(response, 1), Errc::none);
  add("t", 7);
  response = ask(6);
  ASSERT_EQ(response.topics.size(), 1U);
  EXPECT_EQ(code_of(response, 0, 0), Errc::unknown_topic_or_partition);
  EXPECT_EQ(code_of(response, 0, 1), Errc::none);
  EXPECT_EQ(code_of(response, 0, 2), Errc::none);
}

TEST_F(OffsetCommitTest, UnknownTopicWithoutPartitionsIsInTheAnswer) {
  broker.lead_groups();
  broker.add_topic("t");
  add("t", 0);
  add("nobody", 0);
  request.topics[1].partitions.clear();
  const auto response = ask(9);
  ASSERT_EQ(response.topics.size(), 2U);
  EXPECT_EQ(response.topics[0].name, "nobody");
  EXPECT_TRUE(response.topics[0].partitions.empty());
}

TEST_F(OffsetCommitTest, TopicsAreNamedByIdFromVersion10) {
  broker.lead_groups();
  const Uuid id = broker.add_topic("t");
  add("", 0, id);
  add("", 0, Uuid{9, 9});
  const auto response = ask(10);
  ASSERT_EQ(response.topics.size(), 2U);
  EXPECT_EQ(response.topics[0].topic_id, (Uuid{9, 9}));
  EXPECT_EQ(code_of(response, 0), Errc::unknown_topic_id);
  EXPECT_EQ(response.topics[1].topic_id, id);
  EXPECT_EQ(code_of(response, 1), Errc::none);
}

TEST_F(OffsetCommitTest, WithoutACoordinatorEveryPartitionIsTold) {
  broker.add_topic("t");
  add("t", 0);
  EXPECT_EQ(code_of(ask(8), 0), Errc::coordinator_not_available);
}

TEST_F(OffsetCommitTest, WhoMayNotReadIsToldAtEachPartition) {
  broker.lead_groups();
  broker.add_topic("t");
  add("t", 0);
  broker.authorizer.forbids = [](security::Operation, security::ResourceType type,
                                 std::string_view) {
    return type == security::ResourceType::topic;
  };
  EXPECT_EQ(code_of(ask(8), 0), Errc::topic_authorization_failed);
  broker.authorizer.forbids = [](security::Operation, security::ResourceType type,
                                 std::string_view) {
    return type == security::ResourceType::group;
  };
  EXPECT_EQ(code_of(ask(8), 0), Errc::group_authorization_failed);
}

}  // namespace
}  // namespace moldau::broker
