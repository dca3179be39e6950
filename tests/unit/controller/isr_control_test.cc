#include "controller/isr_control.h"

#include <gtest/gtest.h>

#include "unit/controller/cluster.h"

namespace moldau::controller {
namespace {

using metadata::test::record_of;
using test::brokers;
using test::Cluster;

class IsrControlTest : public testing::Test {
 protected:
  IsrControlTest() {
    for (const int broker : {1, 2, 3}) cluster.start_broker(broker);
    cluster.create_assigned("a", {brokers({1, 2, 3})});
    id = cluster.controller.image().topics.find("a")->id;
  }
  protocol::AlterPartitionRequest request(std::vector<BrokerId> isr, int from = 1) {
    const Partition& partition = cluster.partition("a");
    protocol::AlterPartitionRequest request{
        .broker_id = BrokerId{from}, .broker_epoch = cluster.heartbeat_of(from).broker_epoch};
    auto& topic = request.topics.emplace_back();
    topic.topic_id = id;
    auto& asked = topic.partitions.emplace_back();
    asked.leader_epoch = partition.leader_epoch;
    asked.partition_epoch = partition.partition_epoch;
    for (const BrokerId member : isr) {
      asked.new_isr_with_epochs.push_back(
          {.broker_id = member, .broker_epoch = cluster.heartbeat_of(member.value()).broker_epoch});
    }
    return request;
  }
  protocol::AlterPartitionResponse::PartitionData ask(
      const protocol::AlterPartitionRequest& request, int version = 3) {
    return cluster.take(cluster.controller.alter_partition(cluster.call(version), request))
        .topics.at(0)
        .partitions.at(0);
  }
  static auto& partition_of(protocol::AlterPartitionRequest& request) {
    return request.topics[0].partitions[0];
  }
  Cluster cluster;
  Uuid id;
};

TEST_F(IsrControlTest, LeaderShrinksAndGrowsItsIsr) {
  auto answer = ask(request(brokers({1, 2})));
  EXPECT_EQ(answer.error_code, Errc::none);
  EXPECT_EQ(answer.isr, brokers({1, 2}));
  EXPECT_EQ(answer.partition_epoch, PartitionEpoch{1});
  EXPECT_EQ(answer.leader_epoch, LeaderEpoch{0});
  answer = ask(request(brokers({1, 2, 3})));
  EXPECT_EQ(answer.partition_epoch, PartitionEpoch{2});
  EXPECT_EQ(cluster.partition("a").isr, brokers({1, 2, 3}));
}

TEST_F(IsrControlTest, SameIsrIsAnsweredWithoutARecord) {
  EXPECT_EQ(ask(request(brokers({1, 2, 3}))).error_code, Errc::none);
  EXPECT_TRUE(cluster.last.empty());
}

TEST_F(IsrControlTest, OldVersionsGiveNoBrokerEpochs) {
  auto old = request({});
  partition_of(old).new_isr = brokers({1, 3});
  EXPECT_EQ(ask(old, 2).isr, brokers({1, 3}));
}

TEST_F(IsrControlTest, EpochsDecideWhoIsBehind) {  // A1, A2
  auto newer = request(brokers({1, 2}));
  partition_of(newer).leader_epoch = LeaderEpoch{5};
  EXPECT_EQ(ask(newer).error_code, Errc::not_controller);
  newer = request(brokers({1, 2}));
  partition_of(newer).partition_epoch = PartitionEpoch{5};
  EXPECT_EQ(ask(newer).error_code, Errc::not_controller);
  auto late = request(brokers({1}));
  EXPECT_EQ(ask(request(brokers({1, 2}))).error_code, Errc::none);
  EXPECT_EQ(ask(late).error_code, Errc::invalid_update_version);
}

TEST_F(IsrControlTest, DeposedLeaderIsFenced) {  // A2
  auto late = request(brokers({1, 2}));
  cluster.apply({record_of(
      protocol::PartitionChangeRecord{
          .partition_id = PartitionIndex{0}, .topic_id = id, .leader = BrokerId{2}},
      2)});
  EXPECT_EQ(ask(late).error_code, Errc::fenced_leader_epoch);
}

TEST_F(IsrControlTest, OnlyTheLeaderAsksAndStaysIn) {  // A3
  EXPECT_EQ(ask(request(brokers({1, 2}), 2)).error_code, Errc::invalid_request);
  EXPECT_EQ(ask(request(brokers({2, 3}))).error_code, Errc::invalid_request);
  EXPECT_EQ(ask(request(brokers({1, 1}))).error_code, Errc::invalid_request);
  cluster.start_broker(4);
  EXPECT_EQ(ask(request(brokers({1, 4}))).error_code, Errc::invalid_request);
}

TEST_F(IsrControlTest, RecoveringLeaderIsAlone) {  // A4
  auto asked = request(brokers({1}));
  partition_of(asked).leader_recovery_state = 1;
  EXPECT_EQ(ask(asked).error_code, Errc::invalid_request);  // it has recovered
  partition_of(asked).leader_recovery_state = 7;
  EXPECT_EQ(ask(asked).error_code, Errc::invalid_request);
}

TEST_F(IsrControlTest, ReplicaThatIsNotAliveAsTheLeaderSawItCannotJoin) {  // A5
  auto asked = request(brokers({1, 2}));
  partition_of(asked).new_isr_with_epochs[1].broker_epoch = BrokerEpoch{1};
  EXPECT_EQ(ask(asked).error_code, Errc::ineligible_replica);
  (void)cluster.heartbeat(2, true);  // in no leadership: goes at once, fenced
  EXPECT_EQ(ask(request(brokers({1, 2}))).error_code, Errc::ineligible_replica);
}

TEST_F(IsrControlTest, UnknownThingsAreNamed) {
  auto asked = request(brokers({1, 2}));
  partition_of(asked).partition_index = PartitionIndex{9};
  EXPECT_EQ(ask(asked).error_code, Errc::unknown_topic_or_partition);
  asked.topics[0].topic_id = Uuid{5, 5};
  EXPECT_EQ(ask(asked).error_code, Errc::unknown_topic_id);
  asked.broker_epoch = BrokerEpoch{0};
  EXPECT_EQ(cluster.controller.alter_partition(cluster.call(3), asked).error().code(),
            Errc::stale_broker_epoch);
}

TEST_F(IsrControlTest, ChangeThatEndsAReassignmentMayDeposeTheAsker) {
  cluster.apply({record_of(protocol::PartitionChangeRecord{.partition_id = PartitionIndex{0},
                                                           .topic_id = id,
                                                           .isr = brokers({1, 2}),
                                                           .removing_replicas = brokers({1}),
                                                           .adding_replicas = brokers({3})},
                           2)});
  EXPECT_EQ(ask(request(brokers({1, 2, 3}))).error_code, Errc::new_leader_elected);
  EXPECT_EQ(cluster.partition("a").leader, BrokerId{2});
  EXPECT_EQ(cluster.partition("a").replicas, brokers({2, 3}));
}

class ElectionTest : public IsrControlTest {
 protected:
  Errc elect(int type, std::string topic = "a", int index = 0) {
    protocol::ElectLeadersRequest request{.election_type = static_cast<std::int8_t>(type)};
    request.topic_partitions = {{.topic = std::move(topic), .partitions = {PartitionIndex{index}}}};
    const auto answer = cluster.take(cluster.controller.elect_leaders(cluster.call(2), request))
                            .replica_election_results.at(0)
                            .partition_result.at(0);
    text = answer.error_message.value_or("");
    return answer.error_code;
  }
  void leader_is(int leader) {
    cluster.apply({record_of(
        protocol::PartitionChangeRecord{
            .partition_id = PartitionIndex{0}, .topic_id = id, .leader = BrokerId{leader}},
        2)});
  }
  std::string text;
};

TEST_F(ElectionTest, PreferredLeaderTakesOver) {
  EXPECT_EQ(elect(0), Errc::election_not_needed);
  EXPECT_FALSE(text.empty());
  leader_is(3);
  EXPECT_EQ(elect(0), Errc::none);
  EXPECT_EQ(cluster.partition("a").leader, BrokerId{1});
}

TEST_F(ElectionTest, PreferredLeaderThatIsNotInSyncIsNotAvailable) {
  leader_is(3);
  (void)ask(request(brokers({3, 2}), 3));
  EXPECT_EQ(elect(0), Errc::preferred_leader_not_available);
}

TEST_F(ElectionTest, UncleanElectionIsForPartitionsWithoutLeader) {
  EXPECT_EQ(elect(1), Errc::election_not_needed);
  cluster.apply({record_of(protocol::PartitionChangeRecord{.partition_id = PartitionIndex{0},
                                                           .topic_id = id,
                                                           .isr = brokers({}),
                                                           .leader = k_no_broker},
                           2)});
  EXPECT_EQ(elect(1), Errc::none);
  EXPECT_EQ(cluster.partition("a").leader, BrokerId{1});
}

TEST_F(ElectionTest, UnknownPartitionIsNamed) {
  EXPECT_EQ(elect(0, "zzz"), Errc::unknown_topic_or_partition);
  EXPECT_EQ(text, "No such topic as zzz");
  EXPECT_EQ(elect(0, "a", 99), Errc::unknown_topic_or_partition);
  EXPECT_EQ(text, "No such partition as a-99");
}

TEST_F(ElectionTest, AskedForAllOnlyPartitionsThatNeededItAnswer) {
  protocol::ElectLeadersRequest request;
  request.topic_partitions.reset();
  const auto answer = cluster.take(cluster.controller.elect_leaders(cluster.call(2), request));
  EXPECT_TRUE(answer.replica_election_results.at(0).partition_result.empty());
  request.election_type = 5;
  EXPECT_EQ(cluster.controller.elect_leaders(cluster.call(2), request).error().code(),
            Errc::invalid_request);
}

TEST_F(ElectionTest, AskedForNothingNothingIsChecked) {
  protocol::ElectLeadersRequest request{.election_type = 5};
  request.topic_partitions.emplace();
  const auto answer = cluster.take(cluster.controller.elect_leaders(cluster.call(2), request));
  EXPECT_TRUE(answer.replica_election_results.empty());
}

TEST_F(IsrControlTest, BrokerSaysWhereItsReplicaLies) {
  const Uuid other{0xd1, 7777};
  protocol::AssignReplicasToDirsRequest request{
      .broker_id = BrokerId{1}, .broker_epoch = cluster.heartbeat_of(1).broker_epoch};
  auto& dir = request.directories.emplace_back();
  dir.id = test::k_dir_of(1);
  auto& topic = dir.topics.emplace_back();
  topic.topic_id = id;
  topic.partitions.push_back({.partition_index = PartitionIndex{0}});
  topic.partitions.push_back({.partition_index = PartitionIndex{8}});
  auto answer = cluster.take(cluster.controller.assign_replicas_to_dirs(cluster.call(0), request));
  const auto& partitions = answer.directories.at(0).topics.at(0).partitions;
  EXPECT_EQ(partitions.at(0).error_code, Errc::none);
  EXPECT_EQ(partitions.at(1).error_code, Errc::unknown_topic_or_partition);
  EXPECT_TRUE(cluster.last.empty());  // it lay there already
  request.directories[0].id = other;  // one that the broker does not have (any more)
  (void)cluster.take(cluster.controller.assign_replicas_to_dirs(cluster.call(0), request));
  EXPECT_EQ(cluster.partition("a").directory_of(BrokerId{1}), other);
  EXPECT_EQ(cluster.partition("a").leader, BrokerId{2});
}

}  // namespace
}  // namespace moldau::controller
