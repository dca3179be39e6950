#include "controller/assignment.h"

#include <gtest/gtest.h>

#include "controller/heartbeats.h"
#include "unit/controller/cluster.h"

namespace moldau::controller {
namespace {

using test::brokers;

TEST(Assignment, PartitionIsLedByItsFirstLivingReplica) {
  Settings settings = test::settings();
  test::FakeRules rules;
  Heartbeats beats(Milliseconds{1});
  Replayed replayed;
  replayed.image = metadata::test::image_of(
      {metadata::test::feature_is("metadata.version", 33), metadata::test::broker_is(1, 1, true),
       metadata::test::broker_is(2, 2), metadata::test::broker_is(3, 3)});
  const View view(settings, rules, replayed, beats);
  const Assignment assignment(view);
  const auto record =
      assignment.partition(metadata::test::k_topic_a, PartitionIndex{4}, brokers({1, 3, 2}));
  ASSERT_TRUE(record.has_value());
  const auto& partition = std::get<protocol::PartitionRecord>(record->data);
  EXPECT_EQ(partition.partition_id, PartitionIndex{4});
  EXPECT_EQ(partition.isr, brokers({3, 2}));
  EXPECT_EQ(partition.leader, BrokerId{3});
  EXPECT_FALSE(
      assignment.partition(metadata::test::k_topic_a, PartitionIndex{0}, brokers({1})).has_value());
}

TEST(Assignment, BrokerWithOnlyCordonedDirectoriesTakesNothingNew) {
  test::Cluster cluster;
  cluster.start_broker(1);
  auto request = cluster.heartbeat_of(1);
  request.cordoned_log_dirs = {test::k_dir_of(1)};
  (void)cluster.take(cluster.controller.heartbeat(cluster.call(2), request));
  EXPECT_EQ(cluster.create("t", 1, 1).error_code, Errc::invalid_replication_factor);
}

TEST(Assignment, BrokerOnItsWayOutTakesNothingNew) {
  test::Cluster cluster;
  cluster.start_broker(1);
  cluster.start_broker(2);
  cluster.create_assigned("a", {brokers({2})});
  (void)cluster.heartbeat(2, true);
  EXPECT_EQ(cluster.create("t", 4, 2).error_code, Errc::invalid_replication_factor);
  EXPECT_EQ(cluster.create("t", 4, 1).error_code, Errc::none);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(cluster.partition("t", i).leader, BrokerId{1});
}

}  // namespace
}  // namespace moldau::controller
