#include <gtest/gtest.h>

#include "metadata/delta.h"
#include "unit/metadata/records.h"

namespace moldau::metadata {
namespace {

using test::record_of;

class DeltaTopicsTest : public testing::Test {
 protected:
  Result<void> replay(const MetadataRecord& record) { return delta_.replay(record); }
  const Partition& partition(int index) {
    return *delta_.topic(test::k_topic_a)->partition(PartitionIndex{index});
  }
  static protocol::PartitionChangeRecord change(int index) {
    return {.partition_id = PartitionIndex{index}, .topic_id = test::k_topic_a};
  }

  Delta delta_{test::image_of(
      {test::topic_is("a", test::k_topic_a), test::partition_is(test::k_topic_a, 0, {1, 2}, 1)})};
};

TEST_F(DeltaTopicsTest, EachChangeCountsInThePartitionEpoch) {
  auto record = change(0);
  record.isr = test::brokers({1});
  ASSERT_TRUE(replay(record_of(record, 2)).has_value());
  EXPECT_EQ(partition(0).partition_epoch, PartitionEpoch{1});
  EXPECT_EQ(partition(0).leader_epoch, LeaderEpoch{0});
  EXPECT_EQ(partition(0).isr, test::brokers({1}));
}

TEST_F(DeltaTopicsTest, NamingALeaderMakesALeaderEpochEvenForTheSameLeader) {
  auto record = change(0);
  record.leader = BrokerId{1};
  ASSERT_TRUE(replay(record_of(record, 2)).has_value());
  EXPECT_EQ(partition(0).leader_epoch, LeaderEpoch{1});
  record.leader = k_no_broker;
  ASSERT_TRUE(replay(record_of(record, 2)).has_value());
  EXPECT_EQ(partition(0).leader, k_no_broker);
  EXPECT_EQ(partition(0).leader_epoch, LeaderEpoch{2});
}

TEST_F(DeltaTopicsTest, PartitionWithoutDirectoriesGetsMigratingOnes) {
  auto record =
      std::get<protocol::PartitionRecord>(test::partition_is(test::k_topic_a, 1, {1, 2}, 1).data);
  record.directories.clear();
  ASSERT_TRUE(replay(record_of(record)).has_value());
  EXPECT_EQ(partition(1).directories, std::vector<Uuid>(2, k_dir_migrating));
}

TEST_F(DeltaTopicsTest, ReplicasThatDoNotMatchTheDirectoriesAreUnusable) {
  auto record = change(0);
  record.replicas = test::brokers({1, 2, 3});
  EXPECT_EQ(replay(record_of(record, 1)).error().code(), Errc::unusable_record);
}

TEST_F(DeltaTopicsTest, ChangeOfAnUnknownPartitionIsUnusable) {
  EXPECT_FALSE(replay(record_of(change(9), 2)).has_value());
  auto other = change(0);
  other.topic_id = test::k_topic_b;
  EXPECT_FALSE(replay(record_of(other, 2)).has_value());
  EXPECT_FALSE(replay(test::partition_is(test::k_topic_b, 0, {1}, 1)).has_value());
}

TEST_F(DeltaTopicsTest, SecondTopicOfANameOrIdIsUnusable) {
  EXPECT_FALSE(replay(test::topic_is("a", test::k_topic_b)).has_value());
  EXPECT_FALSE(replay(test::topic_is("b", test::k_topic_a)).has_value());
}

TEST_F(DeltaTopicsTest, RemovedTopicTakesItsConfigsAlong) {
  ASSERT_TRUE(replay(test::config_is(2, "a", "retention.ms", "1")).has_value());
  ASSERT_TRUE(
      replay(record_of(protocol::RemoveTopicRecord{.topic_id = test::k_topic_a})).has_value());
  const auto image = delta_.build({});
  EXPECT_TRUE(image->topics.by_id.empty());
  EXPECT_TRUE(image->topics.by_name.empty());
  EXPECT_TRUE(image->configs.resources.empty());
  EXPECT_TRUE(delta_.changes().topics.at(test::k_topic_a).deleted);
  EXPECT_FALSE(
      replay(record_of(protocol::RemoveTopicRecord{.topic_id = test::k_topic_a})).has_value());
}

TEST_F(DeltaTopicsTest, RecreatedTopicHasANewIdUnderTheSameName) {
  ASSERT_TRUE(
      replay(record_of(protocol::RemoveTopicRecord{.topic_id = test::k_topic_a})).has_value());
  ASSERT_TRUE(replay(test::topic_is("a", test::k_topic_b)).has_value());
  const auto image = delta_.build({});
  EXPECT_EQ(image->topics.find("a")->id, test::k_topic_b);
  EXPECT_EQ(delta_.changes().topics.size(), 2U);
}

TEST_F(DeltaTopicsTest, TopicThatCameAndWentInOneDeltaLeavesNoTrace) {
  ASSERT_TRUE(replay(test::topic_is("b", test::k_topic_b)).has_value());
  ASSERT_TRUE(
      replay(record_of(protocol::RemoveTopicRecord{.topic_id = test::k_topic_b})).has_value());
  (void)delta_.build({});
  EXPECT_FALSE(delta_.changes().topics.contains(test::k_topic_b));
}

TEST_F(DeltaTopicsTest, ClearingElrChangesOnlyPartitionsThatHaveOne) {
  auto record = change(0);
  record.isr = test::brokers({});
  record.eligible_leader_replicas = test::brokers({1});
  record.last_known_elr = test::brokers({1});
  ASSERT_TRUE(replay(record_of(record, 2)).has_value());
  ASSERT_TRUE(replay(test::partition_is(test::k_topic_a, 1, {1}, 1)).has_value());
  ASSERT_TRUE(replay(record_of(protocol::ClearElrRecord{.topic_name = "a"})).has_value());
  EXPECT_TRUE(partition(0).elr.empty());
  EXPECT_TRUE(partition(0).last_known_elr.empty());
  EXPECT_EQ(partition(0).partition_epoch, PartitionEpoch{2});
  EXPECT_EQ(partition(1).partition_epoch, PartitionEpoch{0});
  EXPECT_FALSE(replay(record_of(protocol::ClearElrRecord{.topic_name = "x"})).has_value());
}

}  // namespace
}  // namespace moldau::metadata
