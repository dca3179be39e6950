#include <gtest/gtest.h>

#include "unit/raft/node.h"

namespace moldau::raft {
namespace {

using test::Node;

constexpr Uuid k_other{0xd2, 2};

class ServeVotersTest : public testing::Test {
 protected:
  ServeVotersTest() { fixed.elect(); }
  static Node dynamic_node() {
    Node node(test::dynamic_settings(),
              {.control = test::dynamic_control(-1, {test::voter(1, test::k_dir)})});
    node.elect();
    return node;
  }
  static protocol::AddRaftVoterRequest addition(int id = 2, Uuid directory = k_other,
                                                std::string listener = "controller") {
    protocol::AddRaftVoterRequest request{
        .cluster_id = "c", .voter_id = BrokerId{id}, .voter_directory_id = directory};
    auto& to = request.listeners.emplace_back();
    to.name = std::move(listener);
    to.host = "elsewhere";
    to.port = 9093;
    return request;
  }
  static protocol::AddRaftVoterResponse add(Node& node, protocol::AddRaftVoterRequest request) {
    Outputs out = node.step(node.asked(std::move(request), 1));
    return std::get<AnswerAddRaftVoter>(out.answers.at(0)).response;
  }
  static Errc remove(Node& node, int id, Uuid directory, std::optional<std::string> cluster = "c") {
    protocol::RemoveRaftVoterRequest request{.cluster_id = std::move(cluster),
                                             .voter_id = BrokerId{id},
                                             .voter_directory_id = directory};
    Outputs out = node.step(node.asked(std::move(request), 0));
    return std::get<AnswerRemoveRaftVoter>(out.answers.at(0)).response.error_code;
  }
  static protocol::UpdateRaftVoterRequest change(const Node& node) {
    protocol::UpdateRaftVoterRequest request{.cluster_id = "c",
                                             .current_leader_epoch = node.machine.epoch(),
                                             .voter_id = BrokerId{1},
                                             .voter_directory_id = test::k_dir};
    for (const auto& [name, port] : {std::pair{"CONTROLLER", 9093}, std::pair{"SECOND", 9094}}) {
      auto& to = request.listeners.emplace_back();
      to.name = name;
      to.host = "localhost";
      to.port = static_cast<std::uint16_t>(port);
    }
    request.k_raft_version_feature.min_supported_version = 0;
    request.k_raft_version_feature.max_supported_version = 1;
    return request;
  }
  static protocol::UpdateRaftVoterResponse update(Node& node,
                                                  protocol::UpdateRaftVoterRequest request,
                                                  Outputs* all = nullptr) {
    Outputs out = node.step(node.asked(std::move(request), 0));
    auto response = std::get<AnswerUpdateRaftVoter>(out.answers.at(0)).response;
    if (all != nullptr) *all = std::move(out);
    return response;
  }
  Node fixed;  // static voters; leads in epoch 1
};

TEST_F(ServeVotersTest, StaticVotersStayAsTheyAre) {
  const auto added = add(fixed, addition());
  EXPECT_EQ(added.error_code, Errc::unsupported_version);
  EXPECT_TRUE(added.error_message.has_value());
  EXPECT_EQ(remove(fixed, 1, test::k_dir), Errc::unsupported_version);
}

TEST_F(ServeVotersTest, WhatIsWrongWithTheRequestIsSaidBeforeWhatTheQuorumIs) {
  auto elsewhere = addition();
  elsewhere.cluster_id = "other";
  EXPECT_EQ(add(fixed, elsewhere).error_code, Errc::inconsistent_cluster_id);
  EXPECT_EQ(add(fixed, addition(-1)).error_code, Errc::invalid_request);
  EXPECT_EQ(add(fixed, addition(2, {})).error_code, Errc::invalid_request);
  EXPECT_EQ(add(fixed, addition(2, k_other, "CLIENTS")).error_code, Errc::invalid_request);
  EXPECT_EQ(remove(fixed, 2, {}), Errc::invalid_request);
  EXPECT_EQ(remove(fixed, 2, k_other, "other"), Errc::inconsistent_cluster_id);
  EXPECT_EQ(remove(fixed, 2, k_other, std::nullopt), Errc::unsupported_version);
}

TEST_F(ServeVotersTest, VoterThatIsThereIsADuplicateAndAnotherIsNotReached) {
  Node node = dynamic_node();
  EXPECT_EQ(add(node, addition(1)).error_code, Errc::duplicate_voter);
  EXPECT_EQ(add(node, addition(2)).error_code, Errc::request_timed_out);
}

TEST_F(ServeVotersTest, OnlyVoterIsNotRemoved) {
  Node node = dynamic_node();
  EXPECT_EQ(remove(node, 1, test::k_dir), Errc::voter_not_found);
  EXPECT_EQ(remove(node, 2, k_other), Errc::voter_not_found);
  EXPECT_TRUE(node.machine.is_leader());
}

TEST_F(ServeVotersTest, WhoDoesNotLeadChangesNothing) {
  Node node = dynamic_node();
  (void)node.step(node.asked(test::vote_request(2, 9, 0, 0), 2));
  ASSERT_FALSE(node.machine.is_leader());
  EXPECT_EQ(add(node, addition()).error_code, Errc::not_leader_or_follower);
  EXPECT_EQ(remove(node, 1, test::k_dir), Errc::not_leader_or_follower);
  EXPECT_EQ(update(node, change(node)).error_code, Errc::not_leader_or_follower);
}

TEST_F(ServeVotersTest, UpdatedEndpointsAreWrittenAndTheNextChangeWaitsForTheCommit) {
  Node node = dynamic_node();
  Outputs out;
  const auto response = update(node, change(node), &out);
  EXPECT_EQ(response.error_code, Errc::none);
  EXPECT_EQ(response.current_leader.leader_id, BrokerId{1});
  EXPECT_EQ(response.current_leader.leader_epoch, node.machine.epoch());
  EXPECT_EQ(response.current_leader.port, 9093);
  ASSERT_EQ(out.appends.size(), 1U);
  EXPECT_TRUE(out.appends[0].is_control);
  EXPECT_EQ(node.machine.next_offset(), out.appends[0].end_offset);
  EXPECT_EQ(node.machine.voters().find(BrokerId{1})->endpoints.size(), 2U);
  EXPECT_EQ(update(node, change(node)).error_code, Errc::request_timed_out);
  (void)node.sync();
  EXPECT_EQ(update(node, change(node)).error_code, Errc::none);
}

TEST_F(ServeVotersTest, UpdateIsCheckedAsTheVoterItselfWouldAnswer) {
  Node node = dynamic_node();
  auto request = change(node);
  request.current_leader_epoch = LeaderEpoch{0};
  EXPECT_EQ(update(node, request).error_code, Errc::fenced_leader_epoch);
  request.current_leader_epoch = LeaderEpoch{99};
  EXPECT_EQ(update(node, request).error_code, Errc::unknown_leader_epoch);
  request = change(node);
  request.listeners[0].port = 1;
  EXPECT_EQ(update(node, request).error_code, Errc::request_timed_out);
  request = change(node);
  request.listeners.erase(request.listeners.begin());
  EXPECT_EQ(update(node, request).error_code, Errc::invalid_request);
  request = change(node);
  request.k_raft_version_feature.max_supported_version = 0;
  EXPECT_EQ(update(node, request).error_code, Errc::invalid_request) << "kraft.version is 1";
  request = change(node);
  request.voter_directory_id = k_other;
  EXPECT_EQ(update(node, request).error_code, Errc::voter_not_found);
  EXPECT_EQ(update(fixed, change(fixed)).error_code, Errc::none);
}

}  // namespace
}  // namespace moldau::raft
