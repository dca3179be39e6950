#include "controller/reassignment_control.h"

#include <gtest/gtest.h>

#include "unit/controller/cluster.h"

namespace moldau::controller {
namespace {

using metadata::test::config_is;
using metadata::test::record_of;
using test::brokers;
using test::Cluster;

class ReassignmentControlTest : public testing::Test {
 protected:
  using Replicas = std::optional<std::vector<BrokerId>>;
  ReassignmentControlTest() {
    for (const int broker : {1, 2, 3, 4}) cluster.start_broker(broker);
    cluster.create_assigned("a", {brokers({1, 2}), brokers({2, 3})});
    id = cluster.controller.image().topics.find("a")->id;
  }
  Errc move(Replicas replicas, int index = 0, std::string topic = "a", bool any_factor = true) {
    protocol::AlterPartitionReassignmentsRequest request;
    request.allow_replication_factor_change = any_factor;
    auto& asked = request.topics.emplace_back();
    asked.name = std::move(topic);
    asked.partitions.push_back(
        {.partition_index = PartitionIndex{index}, .replicas = std::move(replicas)});
    const auto response =
        cluster.take(cluster.controller.alter_partition_reassignments(cluster.call(1), request));
    const auto& answer = response.responses.at(0).partitions.at(0);
    text = answer.error_message.value_or("");
    return answer.error_code;
  }
  Errc cancel() { return move(std::nullopt); }
  protocol::ListPartitionReassignmentsResponse list(bool all = true) {
    protocol::ListPartitionReassignmentsRequest request;
    if (!all) {
      request.topics.emplace();
      request.topics->push_back(
          {.name = "a", .partition_indexes = {PartitionIndex{1}, PartitionIndex{9}}});
      request.topics->push_back({.name = "nobody", .partition_indexes = {PartitionIndex{0}}});
    }
    return cluster.take(cluster.controller.list_partition_reassignments(cluster.call(0), request));
  }
  void in_sync(std::vector<BrokerId> isr) {
    cluster.apply({record_of(
        protocol::PartitionChangeRecord{
            .partition_id = PartitionIndex{0}, .topic_id = id, .isr = std::move(isr)},
        2)});
  }
  Cluster cluster;
  Uuid id;
  std::string text;
};

TEST_F(ReassignmentControlTest, NewReplicasCopyBeforeOldOnesGo) {
  EXPECT_EQ(move(brokers({3, 4})), Errc::none);
  const Partition& partition = cluster.partition("a");
  EXPECT_EQ(partition.replicas, brokers({3, 4, 1, 2}));
  EXPECT_EQ(partition.adding_replicas, brokers({3, 4}));
  EXPECT_EQ(partition.removing_replicas, brokers({1, 2}));
  EXPECT_EQ(partition.isr, brokers({1, 2}));
  const auto listed = list();
  ASSERT_EQ(listed.topics.size(), 1U);
  EXPECT_EQ(listed.topics[0].name, "a");
  ASSERT_EQ(listed.topics[0].partitions.size(), 1U);
  EXPECT_EQ(listed.topics[0].partitions[0].adding_replicas, brokers({3, 4}));
  EXPECT_EQ(listed.topics[0].partitions[0].removing_replicas, brokers({1, 2}));
  EXPECT_TRUE(list(false).topics.empty());  // asked about another partition
}

TEST_F(ReassignmentControlTest, ReplicasThatAreInSyncAlreadyMoveAtOnce) {
  EXPECT_EQ(move(brokers({2, 1})), Errc::none);
  EXPECT_EQ(cluster.partition("a").replicas, brokers({2, 1}));
  EXPECT_EQ(cluster.partition("a").leader, BrokerId{1});  // preferred is for another election
  EXPECT_EQ(move(brokers({2})), Errc::none);
  EXPECT_EQ(cluster.partition("a").replicas, brokers({2}));
  EXPECT_EQ(cluster.partition("a").leader, BrokerId{2});
  EXPECT_TRUE(list().topics.empty());
}

TEST_F(ReassignmentControlTest, PlaceWhereItLiesNeedsNoRecord) {
  EXPECT_EQ(move(brokers({1, 2})), Errc::none);
  EXPECT_TRUE(cluster.last.empty());
}

TEST_F(ReassignmentControlTest, WrongTargetsAreRefused) {
  EXPECT_EQ(move(brokers({})), Errc::invalid_replica_assignment);
  EXPECT_EQ(move(brokers({1, 1})), Errc::invalid_replica_assignment);
  EXPECT_EQ(move(brokers({1, 9})), Errc::invalid_replica_assignment);
  EXPECT_NE(text.find("broker 9, but no such broker is registered"), std::string::npos);
  EXPECT_EQ(move(brokers({1}), 7), Errc::unknown_topic_or_partition);
  EXPECT_EQ(text, "Unable to find partition a:7.");
  EXPECT_EQ(move(brokers({1}), 0, "nobody"), Errc::unknown_topic_or_partition);
  EXPECT_EQ(text, "Unable to find a topic named nobody.");
}

TEST_F(ReassignmentControlTest, FactorStaysWhereThatIsAskedFor) {  // KIP-860
  EXPECT_EQ(move(brokers({1}), 0, "a", false), Errc::invalid_replication_factor);
  EXPECT_EQ(text, "The replication factor is changed from 2 to 1");
  EXPECT_EQ(move(brokers({3, 4}), 0, "a", false), Errc::none);
  EXPECT_EQ(move(brokers({3, 1}), 0, "a", false), Errc::none);  // of those that stay
  EXPECT_EQ(move(brokers({3, 1, 2}), 0, "a", false), Errc::invalid_replication_factor);
}

TEST_F(ReassignmentControlTest, CancellingBringsTheOldReplicasBack) {
  EXPECT_EQ(cancel(), Errc::no_reassignment_in_progress);
  EXPECT_EQ(move(brokers({3, 4})), Errc::none);
  EXPECT_EQ(cancel(), Errc::none);
  EXPECT_EQ(cluster.partition("a").replicas, brokers({1, 2}));
  EXPECT_TRUE(cluster.partition("a").adding_replicas.empty());
  EXPECT_TRUE(cluster.partition("a").removing_replicas.empty());
  EXPECT_EQ(cancel(), Errc::no_reassignment_in_progress);
}

TEST_F(ReassignmentControlTest, CancellingMayNotLoseRecordsUnlessTheTopicAllowsIt) {
  EXPECT_EQ(move(brokers({3, 4})), Errc::none);
  in_sync(brokers({3}));
  EXPECT_EQ(cancel(), Errc::invalid_replica_assignment);
  cluster.apply({config_is(2, "a", "unclean.leader.election.enable", "true")});
  EXPECT_EQ(cancel(), Errc::none);
  EXPECT_EQ(cluster.partition("a").isr, brokers({1}));
  EXPECT_EQ(cluster.partition("a").leader, BrokerId{1});
}

TEST_F(ReassignmentControlTest, EmptyRequestIsAnsweredEmpty) {
  const auto response =
      cluster.take(cluster.controller.alter_partition_reassignments(cluster.call(1), {}));
  EXPECT_TRUE(response.responses.empty());
  EXPECT_EQ(response.error_message, "");
}

}  // namespace
}  // namespace moldau::controller
