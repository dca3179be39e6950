#include "node/raft_answers.h"

#include <gtest/gtest.h>

#include "bytes/writer.h"
#include "protocol/api_table.h"

namespace moldau::node {
namespace {

template <class Request>
SharedBytes body_of(const Request& request, ApiVersion version) {
  Writer out;
  request.encode(out, version);
  return SharedBytes::take(out.take());
}

TEST(RaftAnswers, RequestBecomesTheMachinesInput) {
  protocol::VoteRequest request;
  request.cluster_id = "c";
  const Result<raft::Input> input =
      raft_input(protocol::ApiKey::vote, raft::Ticket{7}, ApiVersion{1}, "CONTROLLER",
                 body_of(request, ApiVersion{1}));
  ASSERT_TRUE(input.has_value());
  const auto& asked = std::get<raft::VoteAsked>(*input);
  EXPECT_EQ(asked.ticket, raft::Ticket{7});
  EXPECT_EQ(asked.listener, "CONTROLLER");
  EXPECT_EQ(asked.request.cluster_id, "c");
}

TEST(RaftAnswers, NodesActOnTheClusterAndOthersDescribeOrAlterIt) {
  using protocol::ApiKey;
  using security::Operation;
  for (const ApiKey api : {ApiKey::vote, ApiKey::begin_quorum_epoch, ApiKey::end_quorum_epoch,
                           ApiKey::fetch, ApiKey::fetch_snapshot, ApiKey::update_raft_voter}) {
    EXPECT_EQ(quorum_operation(api), Operation::cluster_action) << protocol::name_of(api);
  }
  EXPECT_EQ(quorum_operation(ApiKey::describe_quorum), Operation::describe);
  EXPECT_EQ(quorum_operation(ApiKey::add_raft_voter), Operation::alter);
  EXPECT_EQ(quorum_operation(ApiKey::remove_raft_voter), Operation::alter);
}

TEST(RaftAnswers, RefusalSaysTheErrorAndWhatItMeans) {
  for (const ApiVersion version : {ApiVersion{0}, ApiVersion{2}}) {
    const auto body = body_of(protocol::DescribeQuorumRequest{}, version);
    const auto refused = raft_refusal(protocol::ApiKey::describe_quorum, version, body,
                                      Errc::cluster_authorization_failed);
    ASSERT_TRUE(refused.has_value());
    const auto answer = protocol::DescribeQuorumResponse::decode(refused->view(), version);
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->error_code, Errc::cluster_authorization_failed);
    EXPECT_EQ(answer->error_message.value_or("").empty(), version == ApiVersion{0});
  }
}

TEST(RaftAnswers, RefusedFetchOfAnOldVersionNamesItsPartitions) {
  protocol::FetchRequest request;
  auto& topic = request.topics.emplace_back();
  topic.topic = "__cluster_metadata";
  topic.partitions.emplace_back();
  const auto answer_in = [&](ApiVersion version) {
    const auto refused = raft_refusal(protocol::ApiKey::fetch, version, body_of(request, version),
                                      Errc::cluster_authorization_failed);
    return protocol::FetchResponse::decode(refused->view(), version);
  };
  const auto old = answer_in(ApiVersion{12});
  ASSERT_EQ(old->responses.size(), 1U);
  EXPECT_EQ(old->responses[0].topic, "__cluster_metadata");
  EXPECT_EQ(old->responses[0].partitions.at(0).error_code, Errc::cluster_authorization_failed);
  EXPECT_EQ(old->error_code, Errc::cluster_authorization_failed);
  const auto present = answer_in(ApiVersion{17});
  EXPECT_TRUE(present->responses.empty());
  EXPECT_EQ(present->error_code, Errc::cluster_authorization_failed);
}

TEST(RaftAnswers, BodyThatDoesNotDecodeIsRefused) {
  const Result<raft::Input> input = raft_input(protocol::ApiKey::fetch, raft::Ticket{7},
                                               ApiVersion{17}, "CONTROLLER", SharedBytes{});
  ASSERT_FALSE(input.has_value());
  EXPECT_EQ(input.error().code(), Errc::bad_frame);
}

TEST(RaftAnswers, OtherApisAreNotTheQuorums) {
  EXPECT_TRUE(is_quorum_api(protocol::ApiKey::vote));
  EXPECT_TRUE(is_quorum_api(protocol::ApiKey::describe_quorum));
  EXPECT_FALSE(is_quorum_api(protocol::ApiKey::create_topics));
  EXPECT_EQ(
      raft_input(protocol::ApiKey::metadata, raft::Ticket{1}, ApiVersion{9}, "", {}).error().code(),
      Errc::unsupported_version);
}

}  // namespace
}  // namespace moldau::node
