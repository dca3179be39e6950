#include "broker/group_coordinators.h"

#include <gtest/gtest.h>

#include "protocol/api/heartbeat.h"
#include "protocol/api/offset_commit.h"
#include "protocol/api/offset_fetch.h"
#include "unit/broker/broker_world.h"

namespace moldau::broker {
namespace {

using protocol::HeartbeatRequest;
using protocol::HeartbeatResponse;

Errc heartbeat_of(BrokerWorld& broker, const std::string& group) {
  HeartbeatRequest request;
  request.group_id = group;
  request.member_id = "m";
  return broker.ok<HeartbeatResponse>(request, ApiVersion{4}).error_code;
}

TEST(PartitionOfGroup, IsTheHashOfJavaOverThePartitions) {
  BrokerWorld broker;
  EXPECT_FALSE(partition_of_group(broker.image, "g").has_value());
  broker.add_topic(std::string{k_offsets_topic}, 50);
  // As Apache Kafka 4.4 placed them: Utils.abs("…".hashCode()) % 50.
  EXPECT_EQ(partition_of_group(broker.image, "g")->partition, PartitionIndex{'g' % 50});
  EXPECT_EQ(partition_of_group(broker.image, "console-consumer-1")->partition, PartitionIndex{24});
  EXPECT_EQ(partition_of_group(broker.image, "")->partition, PartitionIndex{0});
  EXPECT_EQ(partition_of_group(broker.image, "polygenelubricants")->partition, PartitionIndex{0});
}

TEST(GroupCoordinators, GroupIsAskedOnTheShardOfItsPartition) {
  BrokerWorld broker(3);
  broker.lead_groups(7);
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(heartbeat_of(broker, "group-" + std::to_string(i)), Errc::unknown_member_id);
  }
}

TEST(GroupCoordinators, WithoutTheTopicOrItsLeaderNobodyAnswers) {
  BrokerWorld broker;
  EXPECT_EQ(heartbeat_of(broker, "g"), Errc::coordinator_not_available);
  broker.add_topic(std::string{k_offsets_topic}, 1, {}, BrokerId{2});
  EXPECT_EQ(heartbeat_of(broker, "g"), Errc::not_coordinator);
}

TEST(GroupCoordinators, ResignedPartitionIsNotAskedAnyMore) {
  BrokerWorld broker;
  broker.lead_groups(1);
  EXPECT_EQ(heartbeat_of(broker, "g"), Errc::unknown_member_id);
  auto resigned = broker.shard(0).groups.resign_all();
  ASSERT_TRUE(broker.world.run_until([&] { return resigned.done(); }));
  EXPECT_EQ(heartbeat_of(broker, "g"), Errc::not_coordinator);
}

// The offset of partition 0 of "t" that group "g" has; nullopt: none.
std::optional<Offset> committed(BrokerWorld& broker) {
  protocol::OffsetFetchRequest request;
  auto& group = request.groups.emplace_back();
  group.group_id = "g";
  group.topics.reset();
  const auto answer = broker.ok<protocol::OffsetFetchResponse>(request, ApiVersion{9});
  const auto& topics = answer.groups.at(0).topics;
  if (topics.empty()) return std::nullopt;
  return topics.at(0).partitions.at(0).committed_offset;
}

TEST(GroupCoordinators, OffsetsOfADeletedTopicAreDropped) {
  BrokerWorld broker;
  broker.lead_groups(1);
  broker.add_topic("t");
  protocol::OffsetCommitRequest request;
  request.group_id = "g";
  auto& topic = request.topics.emplace_back();
  topic.name = "t";
  topic.partitions.emplace_back().committed_offset = Offset{5};
  broker.ok<protocol::OffsetCommitResponse>(request, ApiVersion{8});
  EXPECT_EQ(committed(broker), Offset{5});
  broker.remove_topic("t");
  broker.world.run_for(Milliseconds{10});
  EXPECT_EQ(committed(broker), std::nullopt);
}

}  // namespace
}  // namespace moldau::broker
