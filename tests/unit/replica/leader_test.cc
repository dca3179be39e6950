#include "replica/leader.h"

#include <gtest/gtest.h>

namespace moldau::replica {
namespace {

constexpr BrokerId k_self{1};
constexpr BrokerId k_second{2};
constexpr BrokerId k_third{3};

class LeaderTest : public testing::Test {
 protected:
  void lead(std::vector<BrokerId> replicas, std::vector<BrokerId> isr, std::int32_t min_isr = 1,
            bool sync_before_ack = false) {
    assignment = {std::move(replicas), std::move(isr), min_isr, sync_before_ack};
    leader.emplace(Leader::Setup{k_self, LeaderEpoch{4}, assignment, ends, Offset{0}});
  }
  void append_to(std::int64_t end) {
    ends.log_end = Offset{end};
    if (!assignment.sync_before_ack) ends.synced_end = Offset{0};
    leader->on_log(ends, out);
  }
  void sync_to(std::int64_t end) {
    ends.synced_end = Offset{end};
    leader->on_log(ends, out);
  }
  std::int64_t high_watermark() { return leader->high_watermark().value(); }

  LogEnds ends{Offset{0}, Offset{0}, Offset{0}};
  Assignment assignment;
  std::optional<Leader> leader;
  Outputs out;
};

TEST_F(LeaderTest, OnlyReplicaMovesTheHighWatermarkWithItsLogEnd) {
  lead({k_self}, {k_self});
  append_to(5);
  EXPECT_EQ(high_watermark(), 5);
  EXPECT_TRUE(out.high_watermark_moved);
  EXPECT_EQ(leader->acknowledged(Acks::all, Offset{5}), Errc::none);
}

TEST_F(LeaderTest, SlowestInSyncReplicaHoldsTheHighWatermark) {
  lead({k_self, k_second, k_third}, {k_self, k_second});
  append_to(5);
  EXPECT_EQ(high_watermark(), 0);
  leader->on_follower(k_third, Offset{5}, out);
  EXPECT_EQ(high_watermark(), 0);
  leader->on_follower(k_second, Offset{3}, out);
  EXPECT_EQ(high_watermark(), 3);
}

TEST_F(LeaderTest, ProducerOfAcksAllWaitsForTheFollowers) {
  lead({k_self, k_second}, {k_self, k_second});
  append_to(5);
  EXPECT_EQ(leader->acknowledged(Acks::leader, Offset{5}), Errc::none);
  ASSERT_EQ(leader->acknowledged(Acks::all, Offset{5}), std::nullopt);
  leader->await_ack(WaiterId{7}, Acks::all, Offset{5});
  out.clear();
  leader->on_follower(k_second, Offset{5}, out);
  ASSERT_EQ(out.acknowledged.size(), 1U);
  EXPECT_EQ(out.acknowledged[0].waiter, WaiterId{7});
  EXPECT_EQ(out.acknowledged[0].error, Errc::none);
  EXPECT_EQ(leader->waits(), 0U);
}

TEST_F(LeaderTest, SmallInSyncSetRefusesAcksAllAndHoldsTheHighWatermark) {  // KIP-966
  lead({k_self, k_second}, {k_self}, 2);
  EXPECT_EQ(leader->may_append(Acks::all), Errc::not_enough_replicas);
  EXPECT_EQ(leader->may_append(Acks::leader), Errc::none);
  append_to(5);
  EXPECT_EQ(high_watermark(), 0);
}

TEST_F(LeaderTest, InSyncSetThatShrinksAfterTheAppendIsTold) {
  lead({k_self, k_second}, {k_self, k_second}, 2);
  append_to(5);
  leader->on_follower(k_second, Offset{5}, out);
  assignment.isr = {k_self};
  leader->on_assignment(assignment, out);
  EXPECT_EQ(leader->acknowledged(Acks::all, Offset{5}), Errc::not_enough_replicas_after_append);
}

TEST_F(LeaderTest, MoreMinInsyncReplicasThanReplicasCountAsAll) {
  lead({k_self}, {k_self}, 3);
  EXPECT_EQ(leader->may_append(Acks::all), Errc::none);
}

TEST_F(LeaderTest, SyncBeforeAckHoldsAcknowledgementAndHighWatermark) {
  lead({k_self}, {k_self}, 1, true);
  append_to(5);
  EXPECT_EQ(high_watermark(), 0);
  ASSERT_EQ(leader->acknowledged(Acks::leader, Offset{5}), std::nullopt);
  leader->await_ack(WaiterId{1}, Acks::leader, Offset{5});
  leader->await_ack(WaiterId{2}, Acks::all, Offset{5});
  out.clear();
  sync_to(5);
  EXPECT_EQ(out.acknowledged.size(), 2U);
  EXPECT_EQ(high_watermark(), 5);
}

TEST_F(LeaderTest, ReaderWakesWhenItsEndMoves) {
  lead({k_self, k_second}, {k_self, k_second});
  leader->await_data(WaiterId{1}, Visible::log_end, Offset{0});
  leader->await_data(WaiterId{2}, Visible::high_watermark, Offset{0});
  append_to(5);
  ASSERT_EQ(out.readable, std::vector{WaiterId{1}});
  out.clear();
  leader->on_follower(k_second, Offset{5}, out);
  EXPECT_EQ(out.readable, std::vector{WaiterId{2}});
}

TEST_F(LeaderTest, OpenTransactionHoldsTheLastStableOffset) {
  lead({k_self}, {k_self});
  ends.first_unstable = Offset{2};
  append_to(5);
  EXPECT_EQ(leader->last_stable_offset(), Offset{2});
  EXPECT_EQ(leader->end_of(Visible::high_watermark), Offset{5});
}

TEST_F(LeaderTest, ForgottenWaitIsNotReleased) {
  lead({k_self}, {k_self});
  leader->await_data(WaiterId{1}, Visible::high_watermark, Offset{0});
  leader->forget(WaiterId{1});
  append_to(1);
  EXPECT_TRUE(out.readable.empty());
}

TEST_F(LeaderTest, ResigningEndsEveryWait) {
  lead({k_self, k_second}, {k_self, k_second});
  append_to(1);
  leader->await_ack(WaiterId{1}, Acks::all, Offset{1});
  leader->await_data(WaiterId{2}, Visible::high_watermark, Offset{0});
  out.clear();
  leader->resign(Errc::not_leader_or_follower, out);
  ASSERT_EQ(out.acknowledged.size(), 1U);
  EXPECT_EQ(out.acknowledged[0].error, Errc::not_leader_or_follower);
  EXPECT_EQ(out.readable, std::vector{WaiterId{2}});
}

TEST_F(LeaderTest, CheckpointedHighWatermarkIsBroughtInsideTheLog) {
  ends = {Offset{10}, Offset{20}, Offset{20}};
  assignment = {{k_self, k_second}, {k_self, k_second}, 1, false};
  leader.emplace(Leader::Setup{k_self, LeaderEpoch{4}, assignment, ends, Offset{5}});
  EXPECT_EQ(high_watermark(), 10);
  leader.emplace(Leader::Setup{k_self, LeaderEpoch{4}, assignment, ends, Offset{25}});
  EXPECT_EQ(high_watermark(), 20);
}

}  // namespace
}  // namespace moldau::replica
