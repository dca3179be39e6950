#include "protocol/api/offset_delete.h"

#include <gtest/gtest.h>

#include "protocol/api/offset_commit.h"
#include "unit/broker/broker_world.h"

namespace moldau::broker {
namespace {

using protocol::OffsetDeleteRequest;
using protocol::OffsetDeleteResponse;

class OffsetDeleteTest : public testing::Test {
 protected:
  OffsetDeleteTest() {
    broker.add_topic("t");
    request.group_id = "g";
    for (const char* name : {"t", "nobody"}) {
      auto& topic = request.topics.emplace_back();
      topic.name = name;
      topic.partitions.emplace_back();
    }
  }
  OffsetDeleteResponse ask() { return broker.ok<OffsetDeleteResponse>(request, ApiVersion{0}); }
  void commit() {
    protocol::OffsetCommitRequest commit;
    commit.group_id = "g";
    auto& topic = commit.topics.emplace_back();
    topic.name = "t";
    topic.partitions.emplace_back();
    broker.ok<protocol::OffsetCommitResponse>(commit, ApiVersion{8});
  }
  static std::vector<std::string> names(const OffsetDeleteResponse& response) {
    std::vector<std::string> names;
    for (const auto& topic : response.topics) names.emplace_back(topic.name);
    return names;
  }
  BrokerWorld broker;
  OffsetDeleteRequest request;
};

TEST_F(OffsetDeleteTest, WhatExistsIsDeletedAndTheRestToldBesideIt) {
  broker.lead_groups();
  commit();
  const auto response = ask();
  EXPECT_EQ(response.error_code, Errc::none);
  ASSERT_EQ(response.topics.size(), 2U);
  EXPECT_EQ(response.topics[0].name, "nobody");
  EXPECT_EQ(response.topics[0].partitions.at(0).error_code, Errc::unknown_topic_or_partition);
  EXPECT_EQ(response.topics[1].name, "t");
  EXPECT_EQ(response.topics[1].partitions.at(0).error_code, Errc::none);
}

TEST_F(OffsetDeleteTest, TopicThatComesTwiceIsAnsweredTwiceWhereNothingIsRefused) {
  broker.lead_groups();
  commit();
  request.topics[1].name = "t";
  EXPECT_EQ(names(ask()), (std::vector<std::string>{"t", "t"}));
  request.topics[0].partitions[0].partition_index = PartitionIndex{7};
  const auto response = ask();
  EXPECT_EQ(names(response), std::vector<std::string>{"t"});
  ASSERT_EQ(response.topics[0].partitions.size(), 2U);
  EXPECT_EQ(response.topics[0].partitions[0].error_code, Errc::unknown_topic_or_partition);
  EXPECT_EQ(response.topics[0].partitions[1].error_code, Errc::none);
}

TEST_F(OffsetDeleteTest, UnknownTopicWithoutPartitionsIsInTheAnswer) {
  broker.lead_groups();
  commit();
  request.topics[1].partitions.clear();
  EXPECT_EQ(names(ask()), (std::vector<std::string>{"nobody", "t"}));
}

TEST_F(OffsetDeleteTest, ErrorOfTheGroupStandsForAll) {
  EXPECT_EQ(ask().error_code, Errc::coordinator_not_available);
  broker.lead_groups();
  const auto unknown = ask();
  EXPECT_EQ(unknown.error_code, Errc::group_id_not_found);
  EXPECT_TRUE(unknown.topics.empty());
  broker.authorizer.forbids = [](security::Operation operation, security::ResourceType,
                                 std::string_view) {
    return operation == security::Operation::remove;
  };
  EXPECT_EQ(ask().error_code, Errc::group_authorization_failed);
}

}  // namespace
}  // namespace moldau::broker
