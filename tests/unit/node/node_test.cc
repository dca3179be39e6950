#include "node/node.h"

#include <gtest/gtest.h>

#include "protocol/api/create_partitions.h"
#include "protocol/api/describe_quorum.h"
#include "protocol/api/incremental_alter_configs.h"
#include "protocol/api/init_producer_id.h"
#include "unit/node/node_world.h"

namespace moldau::node {
namespace {

using NodeTest = NodeWorld;

TEST_F(NodeTest, EmptyDirectoryIsFormattedAndServed) {
  start();
  EXPECT_EQ(serving.listeners.size(), 2U);
  const auto response = ask<protocol::MetadataRequest, protocol::MetadataResponse>({});
  ASSERT_EQ(response.brokers.size(), 1U);
  EXPECT_EQ(response.brokers[0].host, "node");
  EXPECT_EQ(response.controller_id, BrokerId{1});
}

TEST_F(NodeTest, RecordsOnEveryShardComeBackAfterACleanStop) {
  start();
  create_topic("t", 4);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(produce("t", 3, i), 0);
  disconnect();
  stop();
  EXPECT_FALSE(sink.lines().empty());
  start();
  for (int i = 0; i < 4; ++i) EXPECT_EQ(consume("t", i), values(3 * i, 3 * i + 3));
}

TEST_F(NodeTest, KilledProcessLosesNothing) {
  start();
  create_topic("t", 1);
  EXPECT_EQ(produce("t", 5), 0);
  kill();
  start();
  EXPECT_EQ(consume("t"), values(0, 5));
  EXPECT_EQ(produce("t", 1), 5);
}

TEST_F(NodeTest, PowerCutLosesNothingOfATopicThatSyncs) {
  start();
  create_topic("t", 1, {{"flush.messages", "1"}});
  EXPECT_EQ(produce("t", 5), 0);
  disconnect();
  node_host.cut_power({});
  bury();
  start();
  EXPECT_EQ(consume("t"), values(0, 5));
}

TEST_F(NodeTest, MissingTopicIsCreatedWhenAskedFor) {
  start();
  protocol::MetadataRequest request;
  request.topics->emplace_back().name = "auto";
  const auto first = ask<protocol::MetadataRequest, protocol::MetadataResponse>(request);
  EXPECT_EQ(first.topics.at(0).error_code, Errc::unknown_topic_or_partition);
  (void)until_known("auto");
  EXPECT_EQ(produce("auto", 1), 0);
}

// Clients that ask the moment they are answered: kafkajs does, and gave up on an unknown topic.
TEST_F(NodeTest, ChangeOfATopicIsShownAndServedWhenItsAnswerGoesOut) {
  start();
  const auto partitions_now = [this]() -> std::size_t {
    protocol::MetadataRequest request;
    request.topics->emplace_back().name = "t";
    request.allow_auto_topic_creation = false;
    const auto topic =
        ask<protocol::MetadataRequest, protocol::MetadataResponse>(std::move(request)).topics.at(0);
    return topic.error_code == Errc::none ? topic.partitions.size() : 0;
  };
  protocol::CreateTopicsRequest creation;
  auto& topic = creation.topics.emplace_back();
  topic.name = "t";
  topic.num_partitions = 40;
  topic.replication_factor = 1;
  const auto created =
      ask<protocol::CreateTopicsRequest, protocol::CreateTopicsResponse>(std::move(creation));
  EXPECT_EQ(created.topics.at(0).error_code, Errc::none);
  EXPECT_EQ(partitions_now(), 40U);
  EXPECT_EQ(produce("t", 1, 39), 0);

  protocol::CreatePartitionsRequest growth;
  growth.topics.emplace_back().name = "t";
  growth.timeout_ms = Milliseconds{30'000};
  growth.topics[0].count = 80;
  growth.topics[0].assignments = std::nullopt;
  const auto grown =
      ask<protocol::CreatePartitionsRequest, protocol::CreatePartitionsResponse>(std::move(growth));
  EXPECT_EQ(grown.results.at(0).error_code, Errc::none);
  EXPECT_EQ(partitions_now(), 80U);
  EXPECT_EQ(produce("t", 1, 79), 0);

  protocol::DeleteTopicsRequest deletion;
  deletion.timeout_ms = Milliseconds{30'000};
  deletion.topics.emplace_back().name = "t";
  const auto deleted =
      ask<protocol::DeleteTopicsRequest, protocol::DeleteTopicsResponse>(std::move(deletion));
  EXPECT_EQ(deleted.responses.at(0).error_code, Errc::none);
  EXPECT_EQ(partitions_now(), 0U);
}

TEST_F(NodeTest, DeletedTopicIsGoneAndMayBeMadeAgain) {
  start();
  create_topic("t", 2);
  EXPECT_EQ(produce("t", 2), 0);
  delete_topic("t");
  create_topic("t", 1);
  EXPECT_EQ(produce("t", 1), 0) << "an empty log";
}

TEST_F(NodeTest, TopicMadeAgainAfterARestartKnowsNothingOfTheDeletedOne) {
  start();
  create_topic("t", 1);
  EXPECT_EQ(produce("t", 7), 0);
  disconnect();
  stop();
  start();
  delete_topic("t");
  create_topic("t", 1);
  EXPECT_EQ(consume("t"), values(0, 0));
  EXPECT_EQ(produce("t", 2), 0);
  EXPECT_EQ(consume("t"), values(7, 9));
  kill();
  start();
  EXPECT_EQ(consume("t"), values(7, 9));
}

TEST_F(NodeTest, TopicMadeAgainSinceTheLastSnapshotKeepsItsRecordsOverARestart) {
  settings.set("metadata.log.max.snapshot.interval.ms", "10000");
  start();
  create_topic("t", 1);
  world.run_for(std::chrono::seconds{11});
  ASSERT_NE(said().find("wrote the metadata snapshot"), std::string::npos);
  delete_topic("t");
  create_topic("t", 1);
  EXPECT_EQ(produce("t", 5), 0);
  kill();
  start();
  EXPECT_EQ(consume("t"), values(0, 5));
  EXPECT_EQ(said().find("stray"), std::string::npos) << said();
}

TEST_F(NodeTest, ChangedSettingHoldsForTheNextAppend) {
  start();
  create_topic("t", 1);
  protocol::IncrementalAlterConfigsRequest request;
  auto& resource = request.resources.emplace_back();
  resource.resource_type = 2;
  resource.resource_name = "t";
  auto& config = resource.configs.emplace_back();
  config.name = "max.message.bytes";
  config.value = "100";
  const auto response =
      ask<protocol::IncrementalAlterConfigsRequest, protocol::IncrementalAlterConfigsResponse>(
          std::move(request));
  EXPECT_EQ(response.responses.at(0).error_code, Errc::none);
  world.run_for(std::chrono::seconds{1});
  EXPECT_EQ(produce("t", 50), -wire_code(Errc::message_too_large));
}

TEST_F(NodeTest, IdempotentProducersStateSurvivesARestart) {
  start();
  create_topic("t", 1);
  protocol::InitProducerIdRequest init;
  init.transactional_id = std::nullopt;
  const auto producer =
      ask<protocol::InitProducerIdRequest, protocol::InitProducerIdResponse>(std::move(init));
  ASSERT_EQ(producer.error_code, Errc::none);
  const auto from = [&](std::int32_t sequence) {
    return record::BatchFields{.producer_id = producer.producer_id,
                               .producer_epoch = producer.producer_epoch,
                               .base_sequence = Sequence{sequence}};
  };
  EXPECT_EQ(produce("t", 2, 0, from(0)), 0);
  disconnect();
  stop();
  start();
  EXPECT_EQ(produce("t", 2, 0, from(9)), -wire_code(Errc::out_of_order_sequence_number));
  EXPECT_EQ(produce("t", 2, 0, from(2)), 2);
  const auto next = ask<protocol::InitProducerIdRequest, protocol::InitProducerIdResponse>([] {
    protocol::InitProducerIdRequest again;
    again.transactional_id = std::nullopt;
    return again;
  }());
  EXPECT_GT(next.producer_id, producer.producer_id);
}

TEST_F(NodeTest, QuorumDescribesItself) {
  start();
  protocol::DescribeQuorumRequest request;
  auto& topic = request.topics.emplace_back();
  topic.topic_name = "__cluster_metadata";
  topic.partitions.emplace_back();
  const auto response =
      ask<protocol::DescribeQuorumRequest, protocol::DescribeQuorumResponse>(std::move(request));
  EXPECT_EQ(response.error_code, Errc::none);
  EXPECT_EQ(response.topics.at(0).partitions.at(0).leader_id, BrokerId{1});
}

TEST_F(NodeTest, StopIsQuickWhenIdle) {
  start();
  connect();
  const Instant begun = world.now();
  node->request_stop();
  ASSERT_TRUE(world.run_until([this] { return ended(); }));
  EXPECT_LT(world.now() - begun, std::chrono::seconds{1});
  disconnect();
  bury();
}

}  // namespace
}  // namespace moldau::node
