#include "controller/leadership.h"

#include <gtest/gtest.h>

#include "unit/controller/cluster.h"

namespace moldau::controller {
namespace {

using metadata::test::record_of;
using test::all_of;
using test::brokers;
using Change = protocol::PartitionChangeRecord;
using Registration = protocol::BrokerRegistrationChangeRecord;

class LeadershipTest : public testing::Test {
 protected:
  LeadershipTest() {
    for (const int id : {1, 2, 3}) cluster.start_broker(id);
    cluster.create_assigned("a", {brokers({1, 2}), brokers({2, 1})});
    cluster.create_assigned("b", {brokers({3})});
  }
  // Cleanly; the others have read that it leads nothing.
  void shut_down(int id) {
    (void)cluster.heartbeat(id, true);
    for (const int other : {1, 2, 3}) {
      if (other != id) (void)cluster.heartbeat(other);
    }
    (void)cluster.heartbeat(id, true);
    CHECK(cluster.controller.image().cluster.broker(BrokerId{id})->fenced);
  }
  test::Cluster cluster;
};

TEST_F(LeadershipTest, UnregisteredBrokerLeavesEveryIsrAndIsGone) {
  (void)cluster.take(
      cluster.controller.unregister_broker(cluster.call(0), {.broker_id = BrokerId{1}}));
  EXPECT_EQ(all_of<Change>(cluster.last).size(), 2U);
  EXPECT_EQ(cluster.partition("a", 0).leader, BrokerId{2});
  EXPECT_EQ(cluster.partition("a", 0).isr, brokers({2}));
  EXPECT_EQ(cluster.controller.image().cluster.broker(BrokerId{1}), nullptr);
}

TEST_F(LeadershipTest, BrokerThatComesBackLeadsWhatHasNoLeader) {
  shut_down(3);
  EXPECT_EQ(cluster.partition("b").leader, k_no_broker);
  auto again = cluster.registration(3, 2);
  again.previous_broker_epoch = cluster.controller.image().cluster.broker(BrokerId{3})->epoch;
  (void)cluster.take(cluster.controller.register_broker(cluster.call(4), again));
  EXPECT_EQ(cluster.partition("b").elr, brokers({3}));
  (void)cluster.heartbeat(3);
  EXPECT_EQ(cluster.partition("b").leader, BrokerId{3});
  EXPECT_EQ(cluster.partition("b").isr, brokers({3}));
}

TEST_F(LeadershipTest, UncleanReturnTakesTheBrokerOutOfTheElr) {
  shut_down(3);
  (void)cluster.register_broker(3, 2);  // says nothing of a clean end
  EXPECT_EQ(cluster.partition("b").elr, brokers({}));
  EXPECT_EQ(cluster.partition("b").last_known_elr, brokers({3}));
  (void)cluster.heartbeat(3);  // it recovers the partition all the same: it led last
  EXPECT_EQ(cluster.partition("b").leader, BrokerId{3});
  EXPECT_EQ(cluster.partition("b").leader_recovery_state,
            metadata::LeaderRecoveryState::recovering);
}

TEST_F(LeadershipTest, FailedDirectoryMovesOnlyTheReplicasOnIt) {
  auto request = cluster.heartbeat_of(1);
  request.offline_log_dirs = {test::k_dir_of(1)};
  (void)cluster.take(cluster.controller.heartbeat(cluster.call(2), request));
  EXPECT_EQ(cluster.partition("a", 0).leader, BrokerId{2});
  EXPECT_EQ(cluster.partition("a", 1).isr, brokers({2}));
  EXPECT_EQ(all_of<Registration>(cluster.last).size(), 1U);
  EXPECT_EQ(cluster.last.back().version, ApiVersion{2});
}

TEST_F(LeadershipTest, CordonedDirectoriesAreWrittenWhenTheyChange) {
  auto request = cluster.heartbeat_of(1);
  request.cordoned_log_dirs.emplace();
  (void)cluster.take(cluster.controller.heartbeat(cluster.call(2), request));
  ASSERT_EQ(cluster.last.size(), 1U);
  EXPECT_EQ(cluster.last[0].version, ApiVersion{3});
  (void)cluster.take(cluster.controller.heartbeat(cluster.call(2), request));
  EXPECT_TRUE(cluster.last.empty());
}

TEST_F(LeadershipTest, UncleanElectionsHappenOnlyWhereTheTopicAllowsThem) {
  using namespace std::chrono_literals;
  // Broker 3 goes for good; broker 1 is a replica that was never in sync.
  const Uuid id = cluster.controller.image().topics.find("b")->id;
  cluster.apply(
      {record_of(Change{.partition_id = PartitionIndex{0},
                        .topic_id = id,
                        .isr = brokers({}),
                        .leader = k_no_broker,
                        .replicas = brokers({3, 1}),
                        .directories = std::vector<Uuid>{test::k_dir_of(3), test::k_dir_of(1)}},
                 2)});
  shut_down(3);
  const auto wait = [&] {
    for (int i = 0; i < 45; ++i) {
      cluster.pass(8s);
      (void)cluster.heartbeat(1);
      (void)cluster.heartbeat(2);
      (void)cluster.tick();
    }
  };
  wait();
  EXPECT_EQ(cluster.partition("b").leader, k_no_broker);
  cluster.apply({metadata::test::config_is(2, "b", "unclean.leader.election.enable", "true")});
  wait();
  EXPECT_EQ(cluster.partition("b").leader, BrokerId{1});
}

}  // namespace
}  // namespace moldau::controller
