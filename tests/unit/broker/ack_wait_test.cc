#include "broker/ack_wait.h"

#include <gtest/gtest.h>

#include "unit/broker/second_replica.h"

namespace moldau::broker {
namespace {

class AckWaitTest : public SecondReplicaTest {
 protected:
  Errc result = Errc::unknown_server_error;
};

TEST_F(AckWaitTest, EndsWhenTheFollowerHasTheRecords) {
  AckWait wait(broker.shard(0).env);
  wait.add(partition, replica::Acks::all, appended, result);
  ASSERT_TRUE(wait.pending());
  auto waiting = wait.wait(std::chrono::seconds{10});
  broker.world.run_for(Milliseconds{100});
  EXPECT_FALSE(waiting.done());
  replicate(broker, *partition, end);
  ASSERT_TRUE(broker.world.run_until([&] { return waiting.done(); }));
  EXPECT_EQ(result, Errc::none);
}

TEST_F(AckWaitTest, EndsWithItsTime) {
  AckWait wait(broker.shard(0).env);
  wait.add(partition, replica::Acks::all, appended, result);
  auto waiting = wait.wait(Milliseconds{50});
  ASSERT_TRUE(broker.world.run_until([&] { return waiting.done(); }));
  EXPECT_EQ(result, Errc::request_timed_out);
  EXPECT_EQ(partition->leader()->waits(), 0U);
}

TEST_F(AckWaitTest, EndsWhenTheLeadershipGoes) {
  AckWait wait(broker.shard(0).env);
  wait.add(partition, replica::Acks::all, appended, result);
  auto waiting = wait.wait(std::chrono::seconds{10});
  partition->follow(LeaderEpoch{5});
  ASSERT_TRUE(broker.world.run_until([&] { return waiting.done(); }));
  EXPECT_EQ(result, Errc::not_leader_or_follower);
}

// Records of an earlier epoch may have been cut from the log since, whoever leads now.
TEST_F(AckWaitTest, RecordsOfAnotherLeaderEpochAreNobodys) {
  partition->follow(LeaderEpoch{5});
  const std::vector<BrokerId> alone{k_self};
  CHECK_OK(broker.run(partition->lead(LeaderEpoch{6}, alone, alone, Offset{0})));
  AckWait wait(broker.shard(0).env);
  wait.add(partition, replica::Acks::all, appended, result);
  EXPECT_FALSE(wait.pending());
  EXPECT_EQ(result, Errc::not_leader_or_follower);
}

TEST_F(AckWaitTest, WhatIsAcknowledgedAlreadyIsNotWaitedFor) {
  AckWait wait(broker.shard(0).env);
  wait.add(partition, replica::Acks::leader, appended, result);
  EXPECT_FALSE(wait.pending());
  EXPECT_EQ(result, Errc::none);
}

}  // namespace
}  // namespace moldau::broker
