#include "node/raft_driver.h"

#include "unit/node/raft_driver_world.h"

namespace moldau::node {
namespace {

TEST_F(RaftDriverTest, OnlyVoterElectsItself) {
  start();
  EXPECT_EQ(user->epoch, LeaderEpoch{1});
  EXPECT_TRUE(driver->machine().is_leader());
  EXPECT_TRUE(*run(env.disk.exists("data/__cluster_metadata-0/quorum-state")));
}

TEST_F(RaftDriverTest, ProposalIsCommittedOnceItIsDurable) {
  start();
  const Result<raft::Accepted> accepted = propose();
  ASSERT_TRUE(accepted.has_value());
  EXPECT_LT(user->watermark, accepted->end_offset);
  ASSERT_TRUE(world.run_until([&] { return user->watermark >= accepted->end_offset; }));
  EXPECT_EQ(user->values, 1);
}

TEST_F(RaftDriverTest, ProposalsThatComeTogetherAreAllCommitted) {
  start();
  Offset end{0};
  for (int i = 0; i < 50; ++i) end = propose()->end_offset;
  ASSERT_TRUE(world.run_until([&] { return user->watermark >= end; }));
  EXPECT_EQ(user->values, 50);
}

TEST_F(RaftDriverTest, NextStartCommitsWhatWasThereAndLeadsInAHigherEpoch) {
  start();
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(propose().has_value());
  ASSERT_TRUE(world.run_until([&] { return user->values == 5; }));
  stop();
  start();
  EXPECT_EQ(user->values, 5);
  EXPECT_EQ(user->epoch, LeaderEpoch{2});
}

TEST_F(RaftDriverTest, ProposalUnderAnotherEpochIsRefused) {
  start();
  const Result<raft::Accepted> refused =
      driver->propose(LeaderEpoch{9}, {std::vector<std::byte>(1)}, true);
  EXPECT_EQ(refused.error().code(), Errc::not_controller);
}

TEST_F(RaftDriverTest, SnapshotIsTakenAndLoadedAtTheNextStart) {
  snapshot_after_bytes = 2000;
  start();
  for (int i = 0; i < 10; ++i) {
    const auto accepted = propose(500);
    ASSERT_TRUE(world.run_until([&] { return user->watermark >= accepted->end_offset; }));
  }
  ASSERT_TRUE(world.run_until(
      [&] { return driver->machine().newest_snapshot() > raft::k_bootstrap_snapshot; }));
  stop();
  start();
  ASSERT_EQ(user->loaded.size(), 1U);
  EXPECT_GT(user->loaded[0].end_offset, Offset{0});
}

TEST_F(RaftDriverTest, QuorumApisAreAnswered) {
  start();
  protocol::DescribeQuorumRequest request;
  auto& topic = request.topics.emplace_back();
  topic.topic_name = "__cluster_metadata";
  topic.partitions.emplace_back();
  Writer body;
  request.encode(body, ApiVersion{2});
  const Result<SharedBytes> answer =
      run(driver->answer(protocol::ApiKey::describe_quorum, ApiVersion{2}, "CONTROLLER",
                         SharedBytes::take(body.take())));
  ASSERT_TRUE(answer.has_value());
  const auto response = protocol::DescribeQuorumResponse::decode(answer->view(), ApiVersion{2});
  ASSERT_TRUE(response.has_value());
  EXPECT_EQ(response->topics.at(0).partitions.at(0).leader_id, BrokerId{1});
}

TEST_F(RaftDriverTest, RecordThatCannotBeAppliedIsReported) {
  start();
  user->refusal = Error(Errc::unusable_record);
  ASSERT_TRUE(propose().has_value());
  ASSERT_TRUE(world.run_until([&] { return user->failure.has_value(); }));
  EXPECT_EQ(user->failure->code(), Errc::unusable_record);
  EXPECT_EQ(propose().error().code(), Errc::not_controller);
  EXPECT_FALSE(run(driver->stop()).has_value());
  driver.reset();
}

}  // namespace
}  // namespace moldau::node
