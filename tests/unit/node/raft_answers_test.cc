#include "node/raft_answers.h"

#include <gtest/gtest.h>

#include "bytes/writer.h"

namespace moldau::node {
namespace {

TEST(RaftAnswers, RequestBecomesTheMachinesInput) {
  protocol::VoteRequest request;
  request.cluster_id = "c";
  Writer out;
  request.encode(out, ApiVersion{1});
  const Result<raft::Input> input =
      raft_input(protocol::ApiKey::vote, raft::Ticket{7}, ApiVersion{1}, "CONTROLLER",
                 SharedBytes::take(out.take()));
  ASSERT_TRUE(input.has_value());
  const auto& asked = std::get<raft::VoteAsked>(*input);
  EXPECT_EQ(asked.ticket, raft::Ticket{7});
  EXPECT_EQ(asked.listener, "CONTROLLER");
  EXPECT_EQ(asked.request.cluster_id, "c");
}

TEST(RaftAnswers, BodyThatDoesNotDecodeIsRefused) {
  const Result<raft::Input> input = raft_input(protocol::ApiKey::fetch, raft::Ticket{7},
                                               ApiVersion{17}, "CONTROLLER", SharedBytes{});
  ASSERT_FALSE(input.has_value());
  EXPECT_EQ(input.error().code(), Errc::bad_frame);
}

TEST(RaftAnswers, OtherApisAreNotTheQuorums) {
  EXPECT_EQ(
      raft_input(protocol::ApiKey::metadata, raft::Ticket{1}, ApiVersion{9}, "", {}).error().code(),
      Errc::unsupported_version);
}

}  // namespace
}  // namespace moldau::node
