#include "broker/partitions.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "unit/broker/broker_world.h"

namespace moldau::broker {
namespace {

TEST(Partitions, TakenOneIsNoLongerFound) {
  BrokerWorld broker;
  const Uuid id = broker.add_topic("t");
  Partitions& partitions = broker.shard(0).partitions;
  const auto taken = partitions.take({id, PartitionIndex{0}});
  ASSERT_NE(taken, nullptr);
  EXPECT_EQ(partitions.find({id, PartitionIndex{0}}), nullptr);
  EXPECT_EQ(partitions.take({id, PartitionIndex{0}}), nullptr);
  partitions.add(taken);
}

TEST(Partitions, AllComeInOrder) {
  BrokerWorld broker;
  broker.add_topic("b", 3);
  broker.add_topic("a", 3);
  const auto all = broker.shard(0).partitions.all();
  ASSERT_EQ(all.size(), 6U);
  EXPECT_TRUE(std::ranges::is_sorted(all, {}, [](const auto& one) { return one->id(); }));
}

TEST(Partitions, TopicGoesRoundTheShards) {
  std::set<std::int32_t> owners;
  for (std::int32_t i = 0; i < 4; ++i) {
    const TopicIdPartition id{Uuid{123, 456}, PartitionIndex{i}};
    const ShardId owner = owner_of(id, 4);
    EXPECT_EQ(owner, owner_of(id, 4));
    EXPECT_GE(owner, ShardId{0});
    EXPECT_LT(owner, ShardId{4});
    owners.insert(owner.value());
  }
  EXPECT_EQ(owners.size(), 4U);
}

}  // namespace
}  // namespace moldau::broker
