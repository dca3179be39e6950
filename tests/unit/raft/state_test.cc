#include "raft/state.h"

#include <gtest/gtest.h>

#include "base/limits.h"
#include "record/records.h"
#include "unit/raft/node.h"

namespace moldau::raft {
namespace {

using namespace std::chrono_literals;
using test::Node;

class LeaderTest : public testing::Test {
 protected:
  LeaderTest() { node.elect(); }
  Node node;  // leads in epoch 1; its log ends at 1
};

TEST_F(LeaderTest, ProposalIsOneBatchWithTheOffsetsPromised) {
  const Outputs out = node.propose(3);
  ASSERT_EQ(out.accepted.size(), 1U);
  EXPECT_EQ(out.accepted[0].base_offset, Offset{1});
  EXPECT_EQ(out.accepted[0].end_offset, Offset{4});
  ASSERT_EQ(out.appends.size(), 1U);
  const auto batch = *record::BatchView::read(out.appends[0].batch.view());
  EXPECT_TRUE(batch.crc_matches());
  EXPECT_EQ(batch.count(), 3);
  EXPECT_EQ(batch.base_offset(), Offset{1});
  EXPECT_EQ(batch.leader_epoch(), LeaderEpoch{1});
  EXPECT_FALSE(batch.is_control());
}

TEST_F(LeaderTest, NothingIsCommittedBeforeTheSync) {
  EXPECT_FALSE(node.propose(1).high_watermark.has_value());
  EXPECT_EQ(node.sync().high_watermark, Offset{2});
  EXPECT_FALSE(node.sync().high_watermark.has_value());
}

TEST_F(LeaderTest, OperationsGatherWhileASyncIsUnderWay) {
  EXPECT_EQ(node.propose(1).appends.size(), 1U);
  EXPECT_TRUE(node.propose(2).appends.empty());
  EXPECT_TRUE(node.propose(3).appends.empty());
  EXPECT_EQ(node.machine.next_offset(), Offset{7});
  const Outputs synced = node.sync();
  EXPECT_EQ(synced.high_watermark, Offset{2});
  ASSERT_EQ(synced.appends.size(), 1U);
  EXPECT_EQ(synced.appends[0].end_offset, Offset{7});
}

TEST_F(LeaderTest, LingerEndsTheGatheringOfASlowDisk) {
  (void)node.propose(1);
  const Outputs waiting = node.propose(1);
  ASSERT_TRUE(waiting.wake_at.has_value());
  EXPECT_EQ(*waiting.wake_at, node.now + 25ms);
  node.pass(25ms);
  EXPECT_EQ(node.step(Tick{}).appends.size(), 1U);
}

TEST_F(LeaderTest, AtomicOperationIsNeverSplitAndATooLargeOneRefused) {
  constexpr std::size_t k_big = 3 << 20;
  EXPECT_EQ(node.propose(3, true, k_big).refused.at(0).error.code(), Errc::record_list_too_large);
  EXPECT_EQ(node.machine.next_offset(), Offset{1});
  EXPECT_EQ(node.propose(5, false, k_big).appends.size(), 3U);
}

TEST_F(LeaderTest, TwoOperationsThatDoNotFitTogetherGetABatchEach) {
  (void)node.propose(1);
  (void)node.propose(2, true, 3 << 20);
  EXPECT_EQ(node.propose(2, true, 3 << 20).appends.size(), 2U);  // full: not held back any longer
}

TEST_F(LeaderTest, ProposalOfAnotherEpochIsRefused) {
  const Outputs out =
      node.step(Propose{.ticket = Ticket{1}, .epoch = LeaderEpoch{7}, .values = {{std::byte{1}}}});
  EXPECT_EQ(out.refused.at(0).error.code(), Errc::not_controller);
}

TEST_F(LeaderTest, OperationsAreRefusedWhenTheDiskIsFarBehind) {
  constexpr std::size_t k_size = 7 << 20;
  int accepted = 0;
  while (node.propose(1, true, k_size).refused.empty()) ++accepted;
  EXPECT_EQ(accepted, k_metadata_pending_bytes_max.value / static_cast<int>(k_size));
  EXPECT_EQ(node.propose(1, true, k_size).refused.at(0).error.code(), Errc::limit_reached);
  (void)node.sync();
  EXPECT_TRUE(node.propose(1, true, k_size).refused.empty());
}

TEST_F(LeaderTest, HigherEpochDeposesAndTheOnlyVoterComesBackAfterTheElectionTimeout) {  // M3
  (void)node.propose(1);
  const Outputs out = node.step(node.asked(test::vote_request(2, 9, 8, 100), 2));
  ASSERT_TRUE(out.lost.has_value());
  EXPECT_EQ(out.lost->new_epoch, LeaderEpoch{9});
  EXPECT_FALSE(node.machine.is_leader());
  EXPECT_EQ(node.persisted.back().data.leader_epoch, LeaderEpoch{9});
  EXPECT_EQ(out.wake_at, node.now + 1000ms);
  node.pass(1000ms);
  (void)node.step(Tick{});
  EXPECT_TRUE(node.machine.is_leader());
  EXPECT_EQ(node.machine.epoch(), LeaderEpoch{10});
}

TEST_F(LeaderTest, OperationsHeldBackVanishWithTheLeadership) {
  (void)node.propose(1);
  (void)node.propose(4);
  (void)node.step(node.asked(test::vote_request(2, 9, 8, 100), 2));
  EXPECT_EQ(node.machine.next_offset(), Offset{2});
}

TEST_F(LeaderTest, SnapshotIsAskedForOnceWhenEnoughWasWritten) {
  Settings small = test::settings();
  small.snapshot_after_bytes = 500;
  Node other(small);
  other.elect();
  std::optional<TakeSnapshot> asked;
  for (int i = 0; i < 20 && !asked; ++i) {
    (void)other.propose(1);
    asked = other.sync().take_snapshot;
  }
  ASSERT_TRUE(asked.has_value());
  EXPECT_EQ(asked->because, TakeSnapshot::Because::bytes);
  for (int i = 0; i < 20; ++i) {
    (void)other.propose(1);
    EXPECT_FALSE(other.sync().take_snapshot.has_value());
  }
  (void)other.step(SnapshotTaken{{other.high_watermark, LeaderEpoch{1}}, 300});
  EXPECT_EQ(other.machine.newest_snapshot()->end_offset, other.high_watermark);
  (void)other.propose(1);
  EXPECT_TRUE(other.sync().take_snapshot.has_value());
}

TEST_F(LeaderTest, SnapshotIsAskedForByTimeWhenAnythingWasWritten) {
  (void)node.propose(1);
  EXPECT_EQ(node.sync().wake_at, Instant{1s} + 1h);
  node.pass(1h);
  const Outputs out = node.step(Tick{});
  ASSERT_TRUE(out.take_snapshot.has_value());
  EXPECT_EQ(out.take_snapshot->because, TakeSnapshot::Because::time);
}

TEST_F(LeaderTest, CleaningMovesTheLogStartToTheOldestSnapshotLeft) {
  (void)node.propose(9);
  (void)node.sync();
  (void)node.step(SnapshotTaken{{Offset{4}, LeaderEpoch{1}}, 100});
  (void)node.step(SnapshotTaken{{Offset{8}, LeaderEpoch{1}}, 100});
  (void)node.step(LogCleaned{{Offset{8}, LeaderEpoch{1}}});
  EXPECT_EQ(node.machine.log_start_offset(), Offset{8});
}

TEST_F(LeaderTest, ShutdownStillCommitsWhatWasAppended) {
  (void)node.propose(1);
  (void)node.propose(1);
  const Outputs out = node.step(Shutdown{});
  EXPECT_EQ(out.appends.size(), 1U);
  EXPECT_FALSE(node.machine.is_leader());
  EXPECT_EQ(node.sync().high_watermark, Offset{3});
  EXPECT_FALSE(node.propose(1).refused.empty());
}

}  // namespace
}  // namespace moldau::raft
