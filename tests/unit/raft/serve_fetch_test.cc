#include <gtest/gtest.h>

#include "unit/raft/node.h"

namespace moldau::raft {
namespace {

using namespace std::chrono_literals;
using test::Node;

class ServeFetchTest : public testing::Test {
 protected:
  ServeFetchTest() { node.elect(); }
  std::vector<Answer> fetch(protocol::FetchRequest request, int version = 17) {
    return node.step(node.asked(std::move(request), version)).answers;
  }
  static const protocol::FetchResponse::PartitionData& data(const Answer& answer) {
    return std::get<AnswerFetch>(answer).response.responses.at(0).partitions.at(0);
  }
  std::vector<Answer> snapshot(int end, std::int64_t position, int max_bytes, int epoch = 1,
                               int leader_epoch = 1) {
    protocol::FetchSnapshotRequest request{
        .cluster_id = "c", .replica_id = BrokerId{5}, .max_bytes = max_bytes};
    auto& topic = request.topics.emplace_back();
    topic.name = "__cluster_metadata";
    auto& partition = topic.partitions.emplace_back();
    partition.current_leader_epoch = LeaderEpoch{leader_epoch};
    partition.snapshot_id = {.end_offset = Offset{end}, .epoch = LeaderEpoch{epoch}};
    partition.position = position;
    return node.step(node.asked(std::move(request), 1)).answers;
  }
  static Errc snapshot_error(const Answer& answer) {
    return std::get<AnswerFetchSnapshot>(answer).response.topics.at(0).partitions.at(0).error_code;
  }
  Node node;  // leads in epoch 1; its log ends at 1
};

TEST_F(ServeFetchTest, ObserverGetsWhatIsAppendedEvenUncommitted) {
  (void)node.propose(2);
  const auto answers = fetch(test::fetch_request(5, 1, 1, 1));
  EXPECT_EQ(std::get<AnswerFetch>(answers.at(0)).read_from, Offset{1});
  EXPECT_EQ(data(answers[0]).high_watermark, Offset{1});
  EXPECT_EQ(data(answers[0]).current_leader.leader_epoch, LeaderEpoch{1});
  EXPECT_EQ(std::get<AnswerFetch>(answers[0]).response.node_endpoints.at(0).port, 9093);
}

TEST_F(ServeFetchTest, FetchAtTheEndWaitsForTheNextAppend) {
  EXPECT_TRUE(fetch(test::fetch_request(5, 1, 1, 1, 500ms, 1), 18).empty());
  const Outputs out = node.propose(1);
  ASSERT_EQ(out.answers.size(), 1U);
  EXPECT_EQ(std::get<AnswerFetch>(out.answers[0]).read_from, Offset{1});
}

TEST_F(ServeFetchTest, NewHighWatermarkAnswersAWaitingFetch) {
  (void)node.propose(1);
  EXPECT_TRUE(fetch(test::fetch_request(5, 2, 1, 1, 500ms, 1), 18).empty());
  const Outputs out = node.sync();
  ASSERT_EQ(out.answers.size(), 1U);
  EXPECT_EQ(data(out.answers[0]).high_watermark, Offset{2});
}

TEST_F(ServeFetchTest, FetchThatWaitedLongEnoughIsAnsweredEmpty) {
  EXPECT_TRUE(fetch(test::fetch_request(5, 1, 1, 1, 500ms, 1), 18).empty());
  node.pass(500ms);
  const Outputs out = node.step(Tick{});
  ASSERT_EQ(out.answers.size(), 1U);
  EXPECT_FALSE(std::get<AnswerFetch>(out.answers[0]).read_from.has_value());
  EXPECT_FALSE(data(out.answers[0]).records.is_null());
}

TEST_F(ServeFetchTest, EpochOfTheAskerDecidesTheError) {
  EXPECT_EQ(data(fetch(test::fetch_request(5, 1, 0, 0)).at(0)).error_code,
            Errc::fenced_leader_epoch);
  EXPECT_EQ(data(fetch(test::fetch_request(5, 1, 1, 2)).at(0)).error_code,
            Errc::unknown_leader_epoch);
  EXPECT_EQ(data(fetch(test::fetch_request(5, 1, 2, 1)).at(0)).error_code, Errc::invalid_request);
  EXPECT_EQ(data(fetch(test::fetch_request(5, -1, 1, 1)).at(0)).error_code, Errc::invalid_request);
}

TEST_F(ServeFetchTest, OtherTopicOrClusterIsRefusedAsAWhole) {
  auto request = test::fetch_request(5, 1, 1, 1);
  request.topics[0].topic_id = Uuid{5, 5};
  EXPECT_EQ(std::get<AnswerFetch>(fetch(request).at(0)).response.error_code, Errc::invalid_request);
  request = test::fetch_request(5, 1, 1, 1);
  request.cluster_id = "x";
  EXPECT_EQ(std::get<AnswerFetch>(fetch(request).at(0)).response.error_code,
            Errc::inconsistent_cluster_id);
}

TEST_F(ServeFetchTest, DivergingHistoryIsToldWhereItParts) {
  Node other(test::settings(),
             {.log_end_offset = Offset{10},
              .epochs = {{LeaderEpoch{1}, Offset{0}}, {LeaderEpoch{3}, Offset{6}}}});
  other.elect();  // epoch 4 from 10 on
  const auto answer = [&](int offset, int last_epoch) {
    Outputs out = other.step(other.asked(test::fetch_request(5, offset, last_epoch, 4), 17));
    return data(out.answers.at(0)).diverging_epoch;
  };
  EXPECT_EQ(answer(8, 2).epoch, LeaderEpoch{1});
  EXPECT_EQ(answer(8, 2).end_offset, Offset{6});
  EXPECT_EQ(answer(8, 1).end_offset, Offset{6});
  EXPECT_EQ(answer(12, 3).end_offset, Offset{10});
  EXPECT_EQ(answer(8, 3).epoch, k_no_leader_epoch);
}

TEST_F(ServeFetchTest, DeposedLeaderLetsNobodyWait) {
  EXPECT_TRUE(fetch(test::fetch_request(5, 1, 1, 1, 500ms, 1), 18).empty());
  const Outputs out = node.step(node.asked(test::vote_request(2, 9, 8, 100), 2));
  EXPECT_EQ(data(out.answers.at(0)).error_code, Errc::not_leader_or_follower);
}

TEST_F(ServeFetchTest, EmptyFollowerIsSentToTheSnapshot) {
  (void)node.propose(9);
  (void)node.sync();
  EXPECT_EQ(std::get<AnswerFetch>(fetch(test::fetch_request(5, 0, 0, 1)).at(0)).read_from,
            Offset{0});
  (void)node.step(SnapshotTaken{{Offset{4}, LeaderEpoch{1}}, 100});
  const auto answers = fetch(test::fetch_request(5, 0, 0, 1));
  EXPECT_EQ(data(answers.at(0)).snapshot_id.end_offset, Offset{4});
  EXPECT_FALSE(std::get<AnswerFetch>(answers[0]).read_from.has_value());
}

TEST_F(ServeFetchTest, BootstrapSnapshotIsNeverOffered) {
  Node fresh(test::settings(), {.snapshots = {{k_bootstrap_snapshot, 411}}});
  fresh.elect();
  Outputs out = fresh.step(fresh.asked(test::fetch_request(5, 0, 0, 1), 17));
  EXPECT_EQ(std::get<AnswerFetch>(out.answers.at(0)).read_from, Offset{0});
}

TEST_F(ServeFetchTest, PositionBelowTheLogStartIsSentToTheNewestSnapshot) {
  (void)node.propose(9);
  (void)node.sync();
  (void)node.step(SnapshotTaken{{Offset{4}, LeaderEpoch{1}}, 100});
  (void)node.step(SnapshotTaken{{Offset{8}, LeaderEpoch{1}}, 100});
  (void)node.step(LogCleaned{{Offset{4}, LeaderEpoch{1}}});
  EXPECT_EQ(data(fetch(test::fetch_request(5, 3, 1, 1)).at(0)).snapshot_id.end_offset, Offset{8});
  EXPECT_EQ(std::get<AnswerFetch>(fetch(test::fetch_request(5, 4, 1, 1)).at(0)).read_from,
            Offset{4});
}

TEST_F(ServeFetchTest, SnapshotIsHandedOutInChunks) {
  (void)node.propose(9);
  (void)node.sync();
  (void)node.step(SnapshotTaken{{Offset{4}, LeaderEpoch{1}}, 100});
  const auto first = snapshot(4, 0, 60);
  EXPECT_EQ(std::get<AnswerFetchSnapshot>(first.at(0)).read->size, 60);
  const auto rest = snapshot(4, 60, 60);
  const auto& answer = std::get<AnswerFetchSnapshot>(rest.at(0));
  EXPECT_EQ(answer.read->position, 60);
  EXPECT_EQ(answer.read->size, 40);
  EXPECT_EQ(answer.response.topics[0].partitions[0].size, 100);
}

TEST_F(ServeFetchTest, SnapshotErrorsAreKafkas) {
  (void)node.step(SnapshotTaken{{Offset{4}, LeaderEpoch{1}}, 100});
  EXPECT_EQ(snapshot_error(snapshot(3, 0, 60).at(0)), Errc::snapshot_not_found);
  EXPECT_EQ(snapshot_error(snapshot(4, 100, 60).at(0)), Errc::position_out_of_range);
  EXPECT_EQ(snapshot_error(snapshot(4, -1, 60).at(0)), Errc::position_out_of_range);
  EXPECT_EQ(snapshot_error(snapshot(4, 0, 60, 1, 0).at(0)), Errc::fenced_leader_epoch);
  EXPECT_EQ(snapshot_error(snapshot(0, 0, 60, 0).at(0)), Errc::snapshot_not_found);
}

TEST_F(ServeFetchTest, ObserverCaughtUpWhenItHasWhatTheLeaderHadAtItsLastFetch) {
  (void)fetch(test::fetch_request(5, 1, 1, 1));
  (void)node.propose(1);
  (void)fetch(test::fetch_request(5, 1, 1, 1));
  protocol::DescribeQuorumRequest request;
  auto& to = request.topics.emplace_back();
  to.topic_name = "__cluster_metadata";
  to.partitions.emplace_back();
  Outputs out = node.step(node.asked(request, 2));
  const auto& observers =
      std::get<AnswerDescribeQuorum>(out.answers.at(0)).response.topics[0].partitions[0].observers;
  EXPECT_EQ(observers.at(0).log_end_offset, Offset{1});
  EXPECT_EQ(observers[0].last_caught_up_timestamp, test::k_wall);
}

}  // namespace
}  // namespace moldau::raft
