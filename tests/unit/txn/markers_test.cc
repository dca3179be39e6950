#include "txn/markers.h"

#include <gtest/gtest.h>

#include "unit/txn/host.h"

namespace moldau::txn {
namespace {

using test::Host;
using test::Producer;

class MarkersTest : public testing::Test {
 protected:
  MarkersTest() {
    host.hold_markers = true;
    host.add("a", who, "t", {0, 1});
    host.add("a", who, "u", {3});
  }
  void end(bool commit = true) { host.end("a", who, commit, 5); }
  MarkersWritten written(std::size_t target, Errc error) {
    const WriteMarkers& order = host.orders.back();
    return {.transactional_id = order.transactional_id,
            .producer = order.producer,
            .results = {{order.targets.at(target), error}}};
  }
  Host host;
  Producer who = host.begin("a");
};

TEST_F(MarkersTest, EachPartitionGetsOneAndThenItIsComplete) {
  end();
  ASSERT_EQ(host.orders.size(), 1U);
  const WriteMarkers& order = host.orders[0];
  EXPECT_EQ(order.targets.size(), 3U);
  EXPECT_TRUE(order.commit);
  EXPECT_EQ(host.state("a"), "PrepareCommit");
  host.report();
  EXPECT_EQ(host.state("a"), "CompleteCommit");
  EXPECT_TRUE(host.take_entries().back().value->partitions.empty());
}

TEST_F(MarkersTest, ATransactionOfNothingIsCompleteAtOnce) {
  end();
  host.report();
  const auto next = host.end("a", {who.id, ProducerEpoch{1}}, false, 5);
  EXPECT_TRUE(host.orders.back().targets.empty());
  host.report();
  EXPECT_EQ(host.state("a"), "CompleteAbort");
}

TEST_F(MarkersTest, WhatFailedForPassingReasonsIsTriedAgainAlone) {
  end();
  MarkersWritten report = written(0, Errc::none);
  report.results.push_back({host.orders[0].targets[1], Errc::not_leader_or_follower});
  report.results.push_back({host.orders[0].targets[2], Errc::none});
  host.report(report);
  EXPECT_EQ(host.state("a"), "PrepareCommit");
  EXPECT_EQ(host.describe("a").topics.size(), 1U);
  EXPECT_EQ(host.orders.size(), 1U);
  host.pass(Milliseconds{20});
  ASSERT_EQ(host.orders.size(), 2U);
  ASSERT_EQ(host.orders[1].targets.size(), 1U);
  EXPECT_EQ(host.orders[1].targets[0], host.orders[0].targets[1]);
  host.report();
  EXPECT_EQ(host.state("a"), "CompleteCommit");
}

TEST_F(MarkersTest, TriesComeLessAndLessOften) {
  end();
  for (const int wait : {20, 40, 80, 160, 320, 640, 1000, 1000}) {
    const std::size_t before = host.orders.size();
    host.report(Errc::request_timed_out);
    host.pass(Milliseconds{wait - 1});
    EXPECT_EQ(host.orders.size(), before) << wait;
    host.pass(Milliseconds{1});
    EXPECT_EQ(host.orders.size(), before + 1) << wait;
  }
}

TEST_F(MarkersTest, PartitionsOfDeletedTopicsNeedNone) {
  host.remove_topic("u");
  end();
  EXPECT_EQ(host.orders.back().targets.size(), 2U);
  host.report();
  EXPECT_EQ(host.state("a"), "CompleteCommit");
}

TEST_F(MarkersTest, ATopicThatIsDeletedMeanwhileIsNotWaitedFor) {
  end();
  MarkersWritten report = written(0, Errc::none);
  report.results.push_back({host.orders[0].targets[1], Errc::none});
  report.results.push_back({host.orders[0].targets[2], Errc::unknown_topic_or_partition});
  host.report(report);
  host.remove_topic("u");
  host.pass(Milliseconds{20});
  EXPECT_TRUE(host.orders.back().targets.empty());
  host.report();
  EXPECT_EQ(host.state("a"), "CompleteCommit");
}

TEST_F(MarkersTest, ATopicThatTheMetadataDoNotShowYetIsWaitedFor) {
  host.remove_topic("u");
  host.ahead = 2;
  host.add("a", who, "u", {1});
  end();
  EXPECT_EQ(host.orders.back().targets.size(), 2U);
  host.report();
  EXPECT_EQ(host.state("a"), "PrepareCommit");
  host.add_topic("u", 4);
  host.pass(Milliseconds{20});
  EXPECT_EQ(host.orders.back().targets.size(), 2U);
  host.report();
  EXPECT_EQ(host.state("a"), "CompleteCommit");
}

// Seeds 97 to 506 of the node's simulation: a coordinator that had loaded before its shard was
// shown the metadata took every topic for deleted.
TEST_F(MarkersTest, ACoordinatorThatLoadsBeforeItsMetadataTakesNoTopicForDeleted) {
  end();
  host.remove_topic("t");
  host.remove_topic("u");
  host.reload(true);
  EXPECT_TRUE(host.orders.back().targets.empty());
  host.report();
  EXPECT_EQ(host.state("a"), "PrepareCommit");
  host.show();
  host.pass(Milliseconds{20});
  host.report();
  EXPECT_EQ(host.state("a"), "CompleteCommit");
}

TEST_F(MarkersTest, ALogThatKnowsBetterEndsTheTries) {
  end();
  host.report(Errc::transaction_coordinator_fenced);
  host.pass(Milliseconds{5'000});
  EXPECT_EQ(host.orders.size(), 1U);
  EXPECT_EQ(host.state("a"), "PrepareCommit");
}

TEST_F(MarkersTest, ALogOfAnOldFormatCountsAsDone) {
  end();
  host.report(Errc::unsupported_for_message_format);
  EXPECT_EQ(host.state("a"), "CompleteCommit");
}

TEST_F(MarkersTest, LoadingGoesOnWithWhatWasPrepared) {
  end(false);
  host.reload();
  ASSERT_EQ(host.orders.size(), 2U);
  EXPECT_EQ(host.orders[1].targets, host.orders[0].targets);
  EXPECT_EQ(host.orders[1].producer, host.orders[0].producer);
  EXPECT_FALSE(host.orders[1].commit);
  host.report();
  EXPECT_EQ(host.state("a"), "CompleteAbort");
  host.reload();
  EXPECT_EQ(host.orders.size(), 2U);
}

TEST_F(MarkersTest, AReportOfAnotherTransactionChangesNothing) {
  end();
  const WriteMarkers first = host.orders.back();
  host.report();
  const std::size_t before = host.log().size();
  host.report({.transactional_id = "a", .producer = first.producer, .results = {}});
  host.report({.transactional_id = "b", .producer = first.producer, .results = {}});
  EXPECT_EQ(host.log().size(), before);
}

}  // namespace
}  // namespace moldau::txn
