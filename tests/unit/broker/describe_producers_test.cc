#include "protocol/api/describe_producers.h"

#include <gtest/gtest.h>

#include "broker/txn_markers.h"
#include "unit/broker/broker_world.h"

namespace moldau::broker {
namespace {

using protocol::DescribeProducersRequest;
using protocol::DescribeProducersResponse;

class DescribeProducersTest : public testing::Test {
 protected:
  DescribeProducersResponse ask(const std::string& topic, std::vector<std::int32_t> partitions) {
    DescribeProducersRequest request;
    auto& one = request.topics.emplace_back();
    one.name = topic;
    for (const std::int32_t index : partitions) {
      one.partition_indexes.emplace_back(PartitionIndex{index});
    }
    return broker.ok<DescribeProducersResponse>(request, ApiVersion{0});
  }
  void append(std::int64_t producer, std::int32_t partition = 0) {
    const auto done = broker.run(broker.partition("t", partition)
                                     ->append(broker.batch(3, {.producer_id = ProducerId{producer},
                                                               .producer_epoch = ProducerEpoch{2},
                                                               .base_sequence = Sequence{0},
                                                               .is_transactional = true}),
                                              replica::Acks::all));
    ASSERT_EQ(done.error, Errc::none);
  }
  BrokerWorld broker{2};
};

TEST_F(DescribeProducersTest, TellsWhatThePartitionRemembers) {
  const Uuid id = broker.add_topic("t", 2);
  append(11);
  append(12, 1);
  ASSERT_EQ(broker.run(write_marker(broker.shard(0), {id, PartitionIndex{1}},
                                    {.id = ProducerId{12},
                                     .epoch = ProducerEpoch{3},
                                     .commit = true,
                                     .coordinator_epoch = 6})),
            Errc::none);
  const auto response = ask("t", {0, 1});
  ASSERT_EQ(response.topics.at(0).partitions.size(), 2U);
  const auto& open = response.topics[0].partitions[0];
  EXPECT_EQ(open.error_code, Errc::none);
  EXPECT_EQ(open.active_producers.at(0).producer_id, ProducerId{11});
  EXPECT_EQ(open.active_producers.at(0).producer_epoch, 2);
  EXPECT_EQ(open.active_producers.at(0).last_sequence, Sequence{2});
  EXPECT_EQ(open.active_producers.at(0).coordinator_epoch, -1);
  EXPECT_EQ(open.active_producers.at(0).current_txn_start_offset, Offset{0});
  const auto& ended = response.topics[0].partitions[1].active_producers.at(0);
  EXPECT_EQ(ended.producer_epoch, 3);
  EXPECT_EQ(ended.last_sequence, k_no_sequence);
  EXPECT_EQ(ended.coordinator_epoch, 6);
  EXPECT_EQ(ended.current_txn_start_offset, k_no_offset);
}

TEST_F(DescribeProducersTest, PartitionThatFollowsAnswersToo) {
  broker.add_topic("t");
  append(11);
  broker.partition("t")->follow(LeaderEpoch{4});
  EXPECT_EQ(ask("t", {0}).topics.at(0).partitions.at(0).active_producers.size(), 1U);
}

TEST_F(DescribeProducersTest, WhatIsNotHereIsToldWithoutProducers) {
  broker.add_topic("t");
  broker.add_topic("elsewhere", 1, {}, BrokerId{2});
  const auto code = [&](const std::string& topic, std::int32_t partition) {
    return ask(topic, {partition}).topics.at(0).partitions.at(0).error_code;
  };
  EXPECT_EQ(code("t", 5), Errc::unknown_topic_or_partition);
  EXPECT_EQ(code("nobody", 0), Errc::unknown_topic_or_partition);
  EXPECT_EQ(code("elsewhere", 0), Errc::not_leader_or_follower);
  EXPECT_EQ(code("no name", 0), Errc::invalid_topic_exception);
  EXPECT_EQ(ask(".", {0}).topics.at(0).partitions.at(0).error_message,
            "Topic name is invalid: '.' is not allowed");
}

TEST_F(DescribeProducersTest, TopicThatMayNotBeReadIsRefused) {
  broker.add_topic("t");
  append(11);
  broker.authorizer.forbids = [](security::Operation operation, security::ResourceType,
                                 std::string_view) {
    return operation == security::Operation::read;
  };
  const auto response = ask("t", {0});
  EXPECT_EQ(response.topics.at(0).partitions.at(0).error_code, Errc::topic_authorization_failed);
  EXPECT_TRUE(response.topics[0].partitions[0].active_producers.empty());
}

}  // namespace
}  // namespace moldau::broker
