#include <gtest/gtest.h>

#include "unit/raft/node.h"

namespace moldau::raft {
namespace {

using namespace std::chrono_literals;
using test::Node;

class ServeVotesTest : public testing::Test {
 protected:
  ServeVotesTest() { node.elect(); }
  protocol::VoteResponse vote(protocol::VoteRequest request, int version = 2) {
    Outputs out = node.step(node.asked(std::move(request), version));
    return std::get<AnswerVote>(out.answers.at(0)).response;
  }
  protocol::DescribeQuorumResponse describe(int version = 2,
                                            std::string topic = "__cluster_metadata") {
    protocol::DescribeQuorumRequest request;
    auto& to = request.topics.emplace_back();
    to.topic_name = std::move(topic);
    to.partitions.emplace_back();
    Outputs out = node.step(node.asked(std::move(request), version));
    return std::get<AnswerDescribeQuorum>(out.answers.at(0)).response;
  }
  Node node;  // leads in epoch 1; its log ends at 1
};

TEST_F(ServeVotesTest, LeaderRefusesAndNamesItselfItsEpochAndItsEndpoint) {
  const auto response = vote(test::vote_request(2, 1, 0, 5));
  const auto& partition = response.topics.at(0).partitions.at(0);
  EXPECT_EQ(partition.error_code, Errc::none);
  EXPECT_FALSE(partition.vote_granted);
  EXPECT_EQ(partition.leader_id, BrokerId{1});
  EXPECT_EQ(partition.leader_epoch, LeaderEpoch{1});
  ASSERT_EQ(response.node_endpoints.size(), 1U);
  EXPECT_EQ(response.node_endpoints[0].port, 9093);
  EXPECT_TRUE(vote(test::vote_request(2, 1, 0, 5), 0).node_endpoints.empty());
}

TEST_F(ServeVotesTest, OldEpochIsFenced) {
  const auto response = vote(test::vote_request(2, 0, 0, 5, true));
  EXPECT_EQ(response.topics[0].partitions[0].error_code, Errc::fenced_leader_epoch);
}

TEST_F(ServeVotesTest, CandidateWhoseLogIsNotBelowItsEpochIsInvalid) {
  EXPECT_EQ(vote(test::vote_request(2, 3, 3, 5)).topics[0].partitions[0].error_code,
            Errc::invalid_request);
  EXPECT_EQ(vote(test::vote_request(2, 3, -1, 5)).topics[0].partitions[0].error_code,
            Errc::invalid_request);
  EXPECT_TRUE(node.machine.is_leader());
}

TEST_F(ServeVotesTest, OtherClusterAndOtherTopicAreRefusedAsAWhole) {
  auto other = test::vote_request(2, 3, 1, 5);
  other.cluster_id = "x";
  EXPECT_EQ(vote(other).error_code, Errc::inconsistent_cluster_id);
  other = test::vote_request(2, 3, 1, 5);
  other.topics[0].topic_name = "t";
  EXPECT_EQ(vote(other).error_code, Errc::invalid_request);
}

TEST_F(ServeVotesTest, DeposedVoterGrantsOneVoteToALogThatIsNotShorter) {
  EXPECT_FALSE(vote(test::vote_request(2, 5, 0, 100)).topics[0].partitions[0].vote_granted);
  EXPECT_FALSE(node.machine.is_leader());
  EXPECT_TRUE(vote(test::vote_request(2, 5, 1, 1)).topics[0].partitions[0].vote_granted);
  EXPECT_EQ(node.persisted.back().data.voted_id, BrokerId{2});
  EXPECT_FALSE(vote(test::vote_request(3, 5, 1, 9)).topics[0].partitions[0].vote_granted);
  EXPECT_TRUE(vote(test::vote_request(2, 5, 1, 1)).topics[0].partitions[0].vote_granted);
}

TEST_F(ServeVotesTest, PreVoteChangesNothing) {
  (void)vote(test::vote_request(2, 5, 0, 1));  // deposed
  const std::size_t before = node.persisted.size();
  EXPECT_TRUE(vote(test::vote_request(2, 5, 5, 9, true)).topics[0].partitions[0].vote_granted);
  EXPECT_EQ(node.persisted.size(), before);
}

TEST_F(ServeVotesTest, VoteForAnotherNodeIsAWrongVoterKey) {
  const auto response = vote(test::vote_request(2, 1, 0, 1, false, 7));
  EXPECT_EQ(response.topics[0].partitions[0].error_code, Errc::invalid_voter_key);
}

TEST_F(ServeVotesTest, SecondLeaderOfTheSameEpochIsAnError) {
  protocol::BeginQuorumEpochRequest request{.cluster_id = "c"};
  auto& topic = request.topics.emplace_back();
  topic.topic_name = "__cluster_metadata";
  auto& partition = topic.partitions.emplace_back();
  partition.leader_id = BrokerId{2};
  partition.leader_epoch = LeaderEpoch{1};
  Outputs out = node.step(node.asked(request, 1));
  EXPECT_EQ(std::get<AnswerBeginQuorumEpoch>(out.answers.at(0))
                .response.topics[0]
                .partitions[0]
                .error_code,
            Errc::unknown_server_error);
  request.topics[0].partitions[0].leader_epoch = LeaderEpoch{0};
  out = node.step(node.asked(request, 1));
  EXPECT_EQ(std::get<AnswerBeginQuorumEpoch>(out.answers.at(0))
                .response.topics[0]
                .partitions[0]
                .error_code,
            Errc::fenced_leader_epoch);
}

TEST_F(ServeVotesTest, EndQuorumEpochOfOurOwnEpochIsAcknowledged) {
  protocol::EndQuorumEpochRequest request{.cluster_id = "c"};
  auto& topic = request.topics.emplace_back();
  topic.topic_name = "__cluster_metadata";
  auto& partition = topic.partitions.emplace_back();
  partition.leader_id = BrokerId{1};
  partition.leader_epoch = LeaderEpoch{1};
  Outputs out = node.step(node.asked(request, 1));
  const auto& answer = std::get<AnswerEndQuorumEpoch>(out.answers.at(0)).response;
  EXPECT_EQ(answer.topics[0].partitions[0].error_code, Errc::none);
  EXPECT_TRUE(node.machine.is_leader());
}

TEST_F(ServeVotesTest, DescribeShowsUsAndWhoFetches) {
  (void)node.step(node.asked(test::fetch_request(5, 1, 1, 1), 17));
  const auto response = describe();
  const auto& partition = response.topics.at(0).partitions.at(0);
  EXPECT_EQ(partition.leader_epoch, LeaderEpoch{1});
  EXPECT_EQ(partition.high_watermark, Offset{1});
  ASSERT_EQ(partition.current_voters.size(), 1U);
  EXPECT_EQ(partition.current_voters[0].log_end_offset, Offset{1});
  ASSERT_EQ(partition.observers.size(), 1U);
  EXPECT_EQ(partition.observers[0].replica_id, BrokerId{5});
  EXPECT_EQ(partition.observers[0].last_caught_up_timestamp, test::k_wall);
  ASSERT_EQ(response.nodes.size(), 1U);
  EXPECT_EQ(response.nodes[0].listeners.at(0).name, "CONTROLLER");
  EXPECT_TRUE(describe(1).nodes.empty());
}

TEST_F(ServeVotesTest, ObserverThatIsSilentForLongIsForgotten) {
  (void)node.step(node.asked(test::fetch_request(5, 1, 1, 1), 17));
  node.pass(5min);
  EXPECT_TRUE(describe().topics[0].partitions[0].observers.empty());
}

TEST_F(ServeVotesTest, DescribeOfAnotherTopicIsUnknown) {
  EXPECT_EQ(describe(2, "t").topics.at(0).partitions.at(0).error_code,
            Errc::unknown_topic_or_partition);
}

}  // namespace
}  // namespace moldau::raft
