#include "controller/topic_control.h"

#include <gtest/gtest.h>

#include "unit/controller/cluster.h"

namespace moldau::controller {
namespace {

using test::all_of;
using test::brokers;
using test::Cluster;

// The expected sentences are those that Apache Kafka 4.4.0 answered to the same requests.
class TopicControlTest : public testing::Test {
 protected:
  TopicControlTest() { cluster.start_broker(1); }

  using Creatable = protocol::CreateTopicsRequest::CreatableTopic;
  using Created = protocol::CreateTopicsResponse::CreatableTopicResult;

  Created create(Creatable topic) {
    protocol::CreateTopicsRequest request;
    request.topics.push_back(std::move(topic));
    return cluster.take(cluster.controller.create_topics(cluster.call(7), request)).topics.at(0);
  }
  static Creatable topic(std::string name, int partitions = 1, int replicas = 1) {
    return {.name = std::move(name),
            .num_partitions = partitions,
            .replication_factor = static_cast<std::int16_t>(replicas)};
  }
  static Creatable assigned(std::string name, std::vector<std::pair<int, std::vector<int>>> parts) {
    Creatable to = topic(std::move(name), -1, -1);
    for (const auto& [index, ids] : parts) {
      auto& one = to.assignments.emplace_back();
      one.partition_index = PartitionIndex{index};
      for (const int id : ids) one.broker_ids.emplace_back(id);
    }
    return to;
  }
  void expect(Creatable asked, Errc code, std::string_view text) {
    const Created result = create(std::move(asked));
    EXPECT_EQ(result.error_code, code);
    EXPECT_EQ(result.error_message.value_or(""), text);
    EXPECT_TRUE(cluster.last.empty());
  }
  protocol::CreatePartitionsResponse::CreatePartitionsTopicResult grow(
      std::string name, int count, std::optional<std::vector<std::vector<int>>> to = {}) {
    protocol::CreatePartitionsRequest request;
    auto& asked = request.topics.emplace_back();
    asked.name = std::move(name);
    asked.count = count;
    asked.assignments.reset();
    if (to) {
      asked.assignments.emplace();
      for (const auto& ids : *to) {
        auto& one = asked.assignments->emplace_back();
        for (const int id : ids) one.broker_ids.emplace_back(id);
      }
    }
    return cluster.take(cluster.controller.create_partitions(cluster.call(3), request))
        .results.at(0);
  }
  Cluster cluster;
};

TEST_F(TopicControlTest, NewTopicIsItsRecordThenConfigsThenPartitions) {
  Creatable asked = topic("t", 2);
  asked.configs.push_back({.name = "cleanup.policy", .value = "compact"});
  const Created created = create(asked);
  EXPECT_EQ(created.error_code, Errc::none);
  EXPECT_EQ(created.error_message, std::nullopt);
  EXPECT_EQ(created.num_partitions, 2);
  EXPECT_EQ(created.replication_factor, 1);
  ASSERT_EQ(cluster.last.size(), 4U);
  EXPECT_TRUE(std::holds_alternative<protocol::TopicRecord>(cluster.last[0].data));
  EXPECT_TRUE(std::holds_alternative<protocol::ConfigRecord>(cluster.last[1].data));
  const auto& partition = std::get<protocol::PartitionRecord>(cluster.last[3].data);
  EXPECT_EQ(partition.partition_id, PartitionIndex{1});
  EXPECT_EQ(partition.leader, BrokerId{1});
  EXPECT_EQ(partition.directories, std::vector<Uuid>{test::k_dir_of(1)});
  EXPECT_EQ(created.topic_id, partition.topic_id);
  EXPECT_EQ(created.configs->at(0).name, "cleanup.policy");
  EXPECT_EQ(created.configs->at(0).config_source, 1);
}

TEST_F(TopicControlTest, DefaultsComeFromTheNodesFile) {
  const Created created = create(topic("t", -1, -1));
  EXPECT_EQ(created.num_partitions, 1);
  EXPECT_EQ(created.replication_factor, 1);
}

TEST_F(TopicControlTest, NamesAreChecked) {
  (void)create(topic("dot.ted"));
  expect(topic("dot.ted"), Errc::topic_already_exists, "Topic 'dot.ted' already exists.");
  expect(topic("dot_ted"), Errc::invalid_topic_exception,
         "Topic 'dot_ted' collides with existing topic: dot.ted");
  expect(topic(".."), Errc::invalid_topic_exception, "Topic name is invalid: '..' is not allowed");
  expect(topic("__cluster_metadata"), Errc::invalid_request,
         "Creation of internal topic __cluster_metadata is prohibited.");
}

TEST_F(TopicControlTest, CountsAndFactorsAreChecked) {
  expect(topic("t", 0), Errc::invalid_partitions,
         "Number of partitions was set to an invalid non-positive value.");
  expect(topic("t", -2), Errc::invalid_partitions,
         "Number of partitions was set to an invalid non-positive value.");
  expect(topic("t", 1, 0), Errc::invalid_replication_factor,
         "Replication factor must be larger than 0, or -1 to use the default value.");
  expect(topic("t", 1, 2), Errc::invalid_replication_factor,
         "Unable to replicate the partition 2 time(s): The target replication factor of 2 cannot "
         "be reached because only 1 broker(s) are registered or some brokers have all their log "
         "directories cordoned.");
}

TEST_F(TopicControlTest, ConfigsAreChecked) {
  Creatable asked = topic("t");
  asked.configs.push_back({.name = "nope", .value = "1"});
  expect(asked, Errc::invalid_config, "Unknown topic config name: nope");
  asked.configs.push_back({.name = "segment.bytes", .value = std::nullopt});
  expect(asked, Errc::invalid_config, "Null value not supported for topic configs: segment.bytes");
}

TEST_F(TopicControlTest, ManualAssignmentsAreChecked) {
  constexpr Errc k_bad = Errc::invalid_replica_assignment;
  expect(assigned("m", {{0, {1, 1}}}), k_bad,
         "The manual partition assignment includes the broker 1 more than once.");
  expect(assigned("m", {{0, {7}}}), k_bad,
         "The manual partition assignment includes broker 7, but no such broker is registered.");
  expect(assigned("m", {{0, {1}}, {2, {1}}}), k_bad,
         "partitions should be a consecutive 0-based integer sequence");
  expect(assigned("m", {{0, {}}}), k_bad,
         "The manual partition assignment includes an empty replica list.");
  expect(assigned("m", {{0, {1}}, {0, {1}}}), k_bad,
         "Found multiple manual partition assignments for partition 0");
  cluster.start_broker(2);
  expect(assigned("m", {{0, {1}}, {1, {1, 2}}}), k_bad,
         "The manual partition assignment includes a partition with 2 replica(s), but this is not "
         "consistent with previous partitions, which have 1 replica(s).");
  Creatable both = assigned("m", {{0, {1}}});
  both.num_partitions = 1;
  expect(both, Errc::invalid_request,
         "A manual partition assignment was specified, but numPartitions was not set to -1.");
  both.replication_factor = 1;
  expect(both, Errc::invalid_request,
         "A manual partition assignment was specified, but replication factor was not set to -1.");
}

TEST_F(TopicControlTest, FencedBrokersCannotTakeAPartitionAlone) {
  (void)cluster.register_broker(2);
  expect(assigned("m", {{0, {2}}}), Errc::invalid_replica_assignment,
         "All brokers specified in the manual partition assignment for partition 0 are fenced or "
         "in controlled shutdown.");
  EXPECT_EQ(create(assigned("m", {{0, {2, 1}}})).error_code, Errc::none);
  EXPECT_EQ(cluster.partition("m").leader, BrokerId{1});
  EXPECT_EQ(cluster.partition("m").isr, brokers({1}));
}

TEST_F(TopicControlTest, NameGivenTwiceIsRefusedOnceAndTheOthersAreMade) {
  protocol::CreateTopicsRequest request;
  request.topics = {topic("dup"), topic("ok"), topic("dup")};
  const auto response = cluster.take(cluster.controller.create_topics(cluster.call(7), request));
  ASSERT_EQ(response.topics.size(), 2U);
  EXPECT_EQ(response.topics[0].name, "ok");
  EXPECT_EQ(response.topics[1].error_message, "Duplicate topic name.");
}

TEST_F(TopicControlTest, TooManyPartitionsRefuseTheWholeRequest) {
  const auto ask = [&](int partitions) {
    protocol::CreateTopicsRequest request;
    request.topics.push_back(topic("big", partitions));
    request.validate_only = true;
    return cluster.controller.create_topics(cluster.call(7), request);
  };
  EXPECT_EQ(ask(10'001).error().text(), "Excessively large number of partitions per request.");
  EXPECT_EQ(ask(10'000).error().text(), "Unable to perform excessively large batch operation.");
  EXPECT_EQ(ask(9'999)->response.topics[0].error_code, Errc::none);
  EXPECT_TRUE(ask(9'999)->records.empty());
}

TEST_F(TopicControlTest, WhoMayNotCreateIsRefusedByTopic) {
  cluster.authorizer = &cluster.deny_all;
  expect(topic("t"), Errc::topic_authorization_failed, "Authorization failed.");
}

TEST_F(TopicControlTest, MinInsyncReplicasOfANewTopicClearsItsElr) {
  Creatable asked = topic("t");
  asked.configs.push_back({.name = "min.insync.replicas", .value = "2"});
  (void)create(asked);
  EXPECT_EQ(all_of<protocol::ClearElrRecord>(cluster.last).at(0).topic_name, "t");
}

TEST_F(TopicControlTest, TopicGrowsByTheMissingPartitions) {
  (void)create(topic("t", 3));
  EXPECT_EQ(grow("t", 5).error_code, Errc::none);
  EXPECT_EQ(cluster.controller.image().topics.find("t")->partitions.size(), 5U);
  EXPECT_EQ(grow("t", 6, {{{1}}}).error_code, Errc::none);
  EXPECT_EQ(cluster.partition("t", 5).leader, BrokerId{1});
}

TEST_F(TopicControlTest, GrowthIsChecked) {
  (void)create(topic("t", 5));
  EXPECT_EQ(grow("t", 5).error_message, "Topic already has 5 partition(s).");
  EXPECT_EQ(grow("t", 2).error_message,
            "The topic t currently has 5 partition(s); 2 would not be an increase.");
  EXPECT_EQ(grow("nope", 2).error_code, Errc::unknown_topic_or_partition);
  EXPECT_EQ(grow("nope", 2).error_message, std::nullopt);
  EXPECT_EQ(grow("t", 7, {{{1}}}).error_message,
            "Attempted to add 2 additional partition(s), but only 1 assignment(s) were specified.");
  EXPECT_EQ(grow("t", 6, {{{9}}}).error_message,
            "The manual partition assignment includes broker 9, but no such broker is registered.");
  protocol::CreatePartitionsRequest large;
  large.topics.push_back({.name = "t", .count = 20'000});
  EXPECT_EQ(cluster.controller.create_partitions(cluster.call(3), large).error().text(),
            "Excessively large number of additional partitions per request.");
}

}  // namespace
}  // namespace moldau::controller
