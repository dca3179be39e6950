#include "client/replica_racks.h"

#include <gtest/gtest.h>

namespace moldau::client {
namespace {

constexpr BrokerId k_one{1};
constexpr BrokerId k_two{2};
constexpr BrokerId k_three{3};

TopicReplicas topic(std::vector<ReplicaRacks> partitions) { return {{"t", std::move(partitions)}}; }

const TopicReplicas k_before = topic({{.racks = {{k_one, "a"}, {k_two, "b"}}, .away = {}}});

TEST(ReplicaRacks, OfAPartitionAreThoseOfItsBrokersOnce) {
  const PartitionRacks racks =
      racks_of(topic({{.racks = {{k_one, "a"}, {k_two, "a"}, {k_three, "b"}}, .away = {}},
                      {.racks = {}, .away = {k_one}}}));
  EXPECT_EQ(racks, (PartitionRacks{{"t", {{"a", "b"}, {}}}}));
}

// The cases of PartitionRackInfo.equivalentTo.
TEST(SameRacks, ReplicaThatMovesWithinItsRackIsNoChange) {
  EXPECT_TRUE(same_racks(k_before, k_before));
  EXPECT_TRUE(same_racks(k_before, topic({{.racks = {{k_three, "a"}, {k_two, "b"}}, .away = {}}})));
  EXPECT_TRUE(same_racks(
      k_before, topic({{.racks = {{k_one, "a"}, {k_two, "b"}, {k_three, "b"}}, .away = {}}})));
}

TEST(SameRacks, RackThatComesOrGoesIsAChange) {
  const TopicReplicas less = topic({{.racks = {{k_one, "a"}}, .away = {}}});
  const TopicReplicas other = topic({{.racks = {{k_one, "a"}, {k_two, "c"}}, .away = {}}});
  for (const TopicReplicas& after : {less, other, topic({{}})}) {
    EXPECT_FALSE(same_racks(k_before, after));
    EXPECT_FALSE(same_racks(after, k_before));
  }
}

TEST(SameRacks, BrokerThatIsAwayHasTheRackThatItHad) {
  const TopicReplicas away = topic({{.racks = {{k_one, "a"}}, .away = {k_two}}});
  EXPECT_TRUE(same_racks(k_before, away));
  EXPECT_TRUE(same_racks(away, k_before));
  const TopicReplicas another_away = topic({{.racks = {{k_one, "a"}}, .away = {k_three}}});
  EXPECT_FALSE(same_racks(k_before, another_away)) << "broker 2 has no replica any more";
}

TEST(SameRacks, OtherTopicsOrPartitionsAreAChange) {
  EXPECT_FALSE(same_racks(k_before, {}));
  EXPECT_FALSE(same_racks(k_before, topic({k_before.at("t")[0], {}})));
  EXPECT_FALSE(same_racks(k_before, {{"u", k_before.at("t")}}));
}

}  // namespace
}  // namespace moldau::client
