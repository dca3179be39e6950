#include "protocol/api/describe_topic_partitions.h"

#include <gtest/gtest.h>

#include "unit/broker/broker_world.h"

namespace moldau::broker {
namespace {

using protocol::DescribeTopicPartitionsRequest;
using protocol::DescribeTopicPartitionsResponse;

class DescribeTopicPartitionsTest : public testing::Test {
 protected:
  DescribeTopicPartitionsResponse ask() {
    return broker.ok<DescribeTopicPartitionsResponse>(request, ApiVersion{0});
  }
  void name(const std::string& topic) { request.topics.emplace_back().name = topic; }
  void from(const std::string& topic, std::int32_t partition) {
    request.cursor.emplace();
    request.cursor->topic_name = topic;
    request.cursor->partition_index = PartitionIndex{partition};
  }
  BrokerWorld broker;
  DescribeTopicPartitionsRequest request;
};

TEST_F(DescribeTopicPartitionsTest, AllTopicsComeByName) {
  broker.add_topic("b", 2);
  broker.add_topic("a");
  const DescribeTopicPartitionsResponse response = ask();
  ASSERT_EQ(response.topics.size(), 2U);
  EXPECT_EQ(response.topics[0].name, "a");
  EXPECT_EQ(response.topics[1].partitions.size(), 2U);
  EXPECT_EQ(response.topics[1].topic_authorized_operations, 3576);
  EXPECT_FALSE(response.next_cursor.has_value());
}
TEST_F(DescribeTopicPartitionsTest, LimitCutsInsideATopic) {
  broker.add_topic("a", 3);
  request.response_partition_limit = 2;
  const DescribeTopicPartitionsResponse response = ask();
  EXPECT_EQ(response.topics.at(0).partitions.size(), 2U);
  ASSERT_TRUE(response.next_cursor.has_value());
  EXPECT_EQ(response.next_cursor->topic_name, "a");
  EXPECT_EQ(response.next_cursor->partition_index, PartitionIndex{2});
}
TEST_F(DescribeTopicPartitionsTest, LimitCutsBetweenTopics) {
  broker.add_topic("a", 2);
  broker.add_topic("b", 2);
  request.response_partition_limit = 2;
  const DescribeTopicPartitionsResponse response = ask();
  EXPECT_EQ(response.topics.size(), 1U);
  ASSERT_TRUE(response.next_cursor.has_value());
  EXPECT_EQ(response.next_cursor->topic_name, "b");
  EXPECT_EQ(response.next_cursor->partition_index, PartitionIndex{0});
}
TEST_F(DescribeTopicPartitionsTest, CursorGoesOnWhereThePageEnded) {
  broker.add_topic("a", 3);
  broker.add_topic("b");
  from("a", 2);
  const DescribeTopicPartitionsResponse response = ask();
  ASSERT_EQ(response.topics.size(), 2U);
  ASSERT_EQ(response.topics[0].partitions.size(), 1U);
  EXPECT_EQ(response.topics[0].partitions[0].partition_index, PartitionIndex{2});
}
TEST_F(DescribeTopicPartitionsTest, UnknownTopicIsToldWhenNamed) {
  name("nobody");
  name("bad name");
  const DescribeTopicPartitionsResponse response = ask();
  ASSERT_EQ(response.topics.size(), 2U);
  EXPECT_EQ(response.topics[0].error_code, Errc::invalid_topic_exception);
  EXPECT_EQ(response.topics[1].error_code, Errc::unknown_topic_or_partition);
}
TEST_F(DescribeTopicPartitionsTest, CursorOutsideTheNamedTopicsIsRefused) {
  broker.add_topic("a");
  name("a");
  from("b", 0);
  EXPECT_EQ(ask().topics.at(0).error_code, Errc::invalid_request);
  from("a", -1);
  EXPECT_EQ(ask().topics.at(0).error_code, Errc::invalid_request);
}

}  // namespace
}  // namespace moldau::broker
