#include "group/offset_fetch.h"

#include <gtest/gtest.h>

#include "unit/group/host.h"

namespace moldau::group {
namespace {

using test::Host;

constexpr Uuid k_topic_id{1, 2};

TEST(OffsetFetch, GivesWhatWasCommitted) {
  Host host;
  ASSERT_EQ(host.commit({.offset = 42, .metadata = "note"}), Errc::none);
  const auto partition = host.fetch_all().topics.at(0).partitions.at(0);
  EXPECT_EQ(partition.committed_offset, Offset{42});
  EXPECT_EQ(partition.committed_leader_epoch, LeaderEpoch{3});
  EXPECT_EQ(partition.metadata, "note");
  EXPECT_EQ(partition.error_code, Errc::none);
}

TEST(OffsetFetch, OfAPartitionWithoutAnOffsetIsMinusOneAndNoError) {
  Host host;
  const auto fetched = host.fetch(
      {.group_id = "g", .topics = {{{.name = "t", .partition_indexes = {PartitionIndex{4}}}}}});
  const auto& partition = fetched.topics.at(0).partitions.at(0);
  EXPECT_EQ(partition.partition_index, PartitionIndex{4});
  EXPECT_EQ(partition.committed_offset, k_no_offset);
  EXPECT_EQ(partition.metadata, "");
  EXPECT_EQ(partition.error_code, Errc::none);
}

TEST(OffsetFetch, OfAGroupThatDoesNotExistIsEmpty) {
  Host host;
  EXPECT_TRUE(host.fetch_all().topics.empty());
  EXPECT_EQ(host.fetch_all().error_code, Errc::none);
}

TEST(OffsetFetch, OfAllGivesTopicsAndPartitionsInOrder) {
  Host host;
  for (const char* topic : {"b", "a"}) {
    for (const int partition : {2, 0}) {
      ASSERT_EQ(host.commit({.topic = topic, .partition = partition}), Errc::none);
    }
  }
  const auto topics = host.fetch_all().topics;
  ASSERT_EQ(topics.size(), 2U);
  EXPECT_EQ(topics[0].name, "a");
  ASSERT_EQ(topics[1].partitions.size(), 2U);
  EXPECT_EQ(topics[1].partitions[1].partition_index, PartitionIndex{2});
}

TEST(OffsetFetch, ThatMustBeStableIsRefusedForPartitionsOfOpenTransactions) {
  Host host;
  ASSERT_EQ(host.commit({.offset = 1}), Errc::none);
  ASSERT_EQ(host.commit_in_transaction(ProducerId{11}, {.offset = 5}), Errc::none);
  EXPECT_EQ(host.fetch_all(false).topics.at(0).partitions.at(0).committed_offset, Offset{1});
  const auto stable = host.fetch_all(true).topics.at(0).partitions.at(0);
  EXPECT_EQ(stable.error_code, Errc::unstable_offset_commit);
  EXPECT_EQ(stable.committed_offset, k_no_offset);
  host.end_transaction(ProducerId{11}, false);
  EXPECT_EQ(host.fetch_all(true).topics.at(0).partitions.at(0).committed_offset, Offset{1});
}

TEST(OffsetFetch, ByAnotherTopicIdFindsNothing) {
  Host host;
  ASSERT_EQ(host.commit({.offset = 9, .topic_id = k_topic_id}), Errc::none);
  const auto ask = [&](Uuid id) {
    return host
        .fetch(
            {.group_id = "g",
             .topics = {{{.name = "t", .topic_id = id, .partition_indexes = {PartitionIndex{0}}}}}})
        .topics.at(0)
        .partitions.at(0)
        .committed_offset.value();
  };
  EXPECT_EQ(ask(k_topic_id), 9);
  EXPECT_EQ(ask(k_zero_uuid), 9);
  EXPECT_EQ(ask(Uuid{7, 7}), -1);
}

}  // namespace
}  // namespace moldau::group
