#include "controller/refusals.h"

#include <gtest/gtest.h>

namespace moldau::controller {
namespace {

const Error k_error(Errc::not_controller, "no");

TEST(Refusals, AnswersWithAFieldOfTheirOwnUseIt) {
  EXPECT_EQ(refuse(protocol::BrokerHeartbeatRequest{}, k_error).error_code, Errc::not_controller);
  EXPECT_EQ(refuse(protocol::AlterPartitionRequest{}, k_error).error_code, Errc::not_controller);
  EXPECT_EQ(refuse(protocol::UpdateFeaturesRequest{}, k_error).error_message, "no");
  EXPECT_EQ(refuse(protocol::UnregisterBrokerRequest{}, Error(Errc::not_controller)).error_message,
            std::nullopt);
}

TEST(Refusals, OthersNameEachThingThatWasAskedFor) {
  protocol::CreateTopicsRequest create;
  create.topics = {{.name = "a"}, {.name = "b"}};
  const auto created = refuse(create, k_error);
  ASSERT_EQ(created.topics.size(), 2U);
  EXPECT_EQ(created.topics[1].name, "b");
  EXPECT_EQ(created.topics[1].error_code, Errc::not_controller);

  protocol::DeleteTopicsRequest remove;
  remove.topics = {{.name = std::nullopt, .topic_id = Uuid{1, 2}}};
  remove.topic_names = {"c"};
  const auto removed = refuse(remove, k_error);
  EXPECT_EQ(removed.responses.at(0).topic_id, (Uuid{1, 2}));
  EXPECT_EQ(removed.responses.at(1).name, "c");

  protocol::ElectLeadersRequest elect;
  elect.topic_partitions = {{.topic = "a", .partitions = {PartitionIndex{3}}}};
  EXPECT_EQ(refuse(elect, k_error).replica_election_results.at(0).partition_result.at(0).error_code,
            Errc::not_controller);

  protocol::AlterPartitionReassignmentsRequest move;
  move.topics = {{.name = "a", .partitions = {{.partition_index = PartitionIndex{3}}}}};
  const auto moved = refuse(move, k_error);
  EXPECT_EQ(moved.error_code, Errc::not_controller);
  EXPECT_EQ(moved.responses.at(0).partitions.at(0).error_message, "no");

  protocol::ListPartitionReassignmentsRequest list;
  EXPECT_EQ(refuse(list, k_error).error_message, "no");
  list.topics = {{.name = "a", .partition_indexes = {PartitionIndex{3}}}};
  EXPECT_EQ(refuse(list, k_error).topics.at(0).partitions.at(0).partition_index, PartitionIndex{3});

  protocol::AlterConfigsRequest alter;
  alter.resources = {{.resource_type = 2, .resource_name = "a"}};
  EXPECT_EQ(refuse(alter, k_error).responses.at(0).resource_name, "a");

  protocol::CreatePartitionsRequest grow;
  grow.topics = {{.name = "a"}};
  EXPECT_EQ(refuse(grow, k_error).results.at(0).error_message, "no");
}

}  // namespace
}  // namespace moldau::controller
