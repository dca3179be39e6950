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

TEST_F(NodeTest, UnformattedDirectoryIsRefusedWithTheCommandToType) {
  begin_start(/*format=*/false);
  ASSERT_TRUE(world.run_until([this] { return ended(); }));
  ASSERT_TRUE(node->failure().has_value());
  EXPECT_EQ(node->failure()->code(), Errc::bad_configuration);
  EXPECT_NE(node->failure()->text().find("moldau storage format"), std::string_view::npos);
  bury();
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
  growth.topics[0].count = 80;
  growth.topics[0].assignments = std::nullopt;
  const auto grown =
      ask<protocol::CreatePartitionsRequest, protocol::CreatePartitionsResponse>(std::move(growth));
  EXPECT_EQ(grown.results.at(0).error_code, Errc::none);
  EXPECT_EQ(partitions_now(), 80U);
  EXPECT_EQ(produce("t", 1, 79), 0);

  protocol::DeleteTopicsRequest deletion;
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

// What a checkpoint says of a log that is gone would count for the next one of that name: its tail
// would be trusted without a look, or its first records dropped.
TEST_F(NodeTest, CheckpointsForgetADeletedTopicAtOnce) {
  settings.set("replica.high.watermark.checkpoint.interval.ms", "3600000");
  start();
  create_topic("t", 1);
  EXPECT_EQ(produce("t", 5), 0);
  disconnect();
  stop();
  start();
  EXPECT_EQ(recovery_points("t"), (std::vector<std::int64_t>{5}));
  delete_topic("t");
  EXPECT_TRUE(recovery_points("t").empty());
}

TEST_F(NodeTest, CheckpointsThatSayTooMuchAreWrittenAnewBeforeClientsCome) {
  settings.set("replica.high.watermark.checkpoint.interval.ms", "3600000");
  start();
  create_topic("t", 1);
  EXPECT_EQ(produce("t", 5), 0);
  kill();
  sim::Volume& volume = node_host.volume();
  const auto file = volume.open("data/recovery-point-offset-checkpoint", env::OpenMode::create);
  const std::vector<log::PartitionOffset> too_much{{"gone", PartitionIndex{0}, Offset{7}},
                                                   {"t", PartitionIndex{0}, Offset{100}}};
  const std::string text = log::write_offset_checkpoint(too_much);
  volume.truncate(**file, 0);
  const Bytes bytes = as_bytes(text);
  ASSERT_TRUE(volume.write(**file, 0, {bytes.begin(), bytes.end()}).has_value());
  start();
  EXPECT_TRUE(recovery_points("gone").empty());
  EXPECT_LE(recovery_points("t").at(0), 5);
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

TEST_F(NodeTest, DirectoryOfAnotherNodeIsRefused) {
  start();
  stop();
  settings.set("node.id", "2");
  settings.set("controller.quorum.voters", "2@node:9093");
  begin_start();
  ASSERT_TRUE(world.run_until([this] { return ended(); }));
  ASSERT_TRUE(node->failure().has_value());
  EXPECT_EQ(node->failure()->code(), Errc::bad_configuration);
  bury();
}

TEST_F(NodeTest, RoleOfABrokerAloneIsRefused) {
  settings.set("process.roles", "broker");
  settings.set("listeners", "PLAINTEXT://node:9092");
  settings.set("controller.quorum.voters", "2@other:9093");
  begin_start();
  ASSERT_TRUE(world.run_until([this] { return ended(); }));
  ASSERT_TRUE(node->failure().has_value());
  EXPECT_EQ(node->failure()->code(), Errc::bad_configuration);
  bury();
}

// What the marker of a clean stop vouches for: every log is closed and its recovery point written.
TEST_F(NodeTest, StopAskedForAtAnyMomentOfAStartEndsItAndVouchesForNoLogThatWasNotOpened) {
  // t stands in a snapshot, u behind it: the broker's shards see two states one after the other.
  settings.set("metadata.log.max.record.bytes.between.snapshots", "1");
  start();
  create_topic("t", 2, {{"flush.messages", "1"}});
  for (int i = 0; i < 2; ++i) EXPECT_EQ(produce("t", 3, i), 0);
  kill();
  settings.set("metadata.log.max.record.bytes.between.snapshots", "20000000");
  start();
  create_topic("u", 1, {{"flush.messages", "1"}});
  EXPECT_EQ(produce("u", 3), 0);
  kill();
  for (int events = 0; !HasFailure(); events += 15) {
    // Opening the first logs takes so long that later states of the metadata wait.
    node_host.volume().faults().add({.op = sim::DiskOp::open,
                                     .path_part = "/t-",
                                     .times = 2,
                                     .fault = sim::DiskFault::none,
                                     .stall = std::chrono::milliseconds{20}});
    begin_start();
    for (int i = 0; i < events && !ready; ++i) ASSERT_TRUE(world.step());
    const bool was_ready = ready;
    node->request_stop();
    ASSERT_TRUE(world.run_until([this] { return ended(); }, 200'000)) << events << "\n" << said();
    EXPECT_FALSE(node->failure().has_value()) << events << "\n" << said();
    if (node_host.volume().peek("data/.kafka_cleanshutdown")) {
      EXPECT_EQ(recovery_points("t"), (std::vector<std::int64_t>{3, 3})) << events;
      EXPECT_EQ(recovery_points("u"), (std::vector<std::int64_t>{3})) << events;
    }
    bury();
    node_host.volume().faults().clear();
    if (was_ready) break;
    // Without this, a start after a clean stop would have nothing to recover.
    start();
    kill();
  }
  start();
  for (int i = 0; i < 2; ++i) EXPECT_EQ(consume("t", i), values(3 * i, 3 * i + 3));
  EXPECT_EQ(consume("u"), values(6, 9));
}

TEST_F(NodeTest, DiskCallThatFailsAnywhereInAStartHangsNothingAndLosesNothing) {
  start();
  create_topic("t", 2, {{"flush.messages", "1"}});
  for (int i = 0; i < 2; ++i) EXPECT_EQ(produce("t", 3, i), 0);
  kill();
  // Each fifth call keeps this short; all of them were tried.
  for (std::uint64_t call = 0; !HasFailure(); call += 5) {
    const std::uint64_t before = node_host.volume().faults().suffered();
    node_host.volume().faults().add({.op = std::nullopt, .path_part = "", .skip = call});
    begin_start();
    ASSERT_TRUE(world.run_until([this] { return ready || ended(); }, 200'000)) << call << said();
    if (!ended()) {
      node->request_stop();
      ASSERT_TRUE(world.run_until([this] { return ended(); }, 200'000)) << call << said();
    }
    const bool failed_once = node_host.volume().faults().suffered() > before;
    bury();
    node_host.volume().faults().clear();
    if (!failed_once) break;
    start();
    for (int i = 0; i < 2; ++i) EXPECT_EQ(consume("t", i), values(3 * i, 3 * i + 3)) << call;
    kill();
  }
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
