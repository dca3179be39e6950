#include "controller/placement.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

namespace moldau::controller {
namespace {

std::vector<UsableBroker> plain(int count) {
  std::vector<UsableBroker> all;
  for (int id = 1; id <= count; ++id) all.push_back({.id = BrokerId{id}, .rack = std::nullopt});
  return all;
}

TEST(Placement, EveryPartitionHasDistinctReplicasAndLeadersAreSpreadEvenly) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Rng rng(seed);
    const auto placed = place_replicas(plain(5), 10, 3, rng);
    ASSERT_TRUE(placed.has_value());
    std::map<BrokerId, int> leads;
    for (const auto& replicas : *placed) {
      EXPECT_EQ(std::set(replicas.begin(), replicas.end()).size(), 3U);
      ++leads[replicas.front()];
    }
    for (const auto& [id, count] : leads) EXPECT_EQ(count, 2);
  }
}

TEST(Placement, RacksTakeTurns) {
  std::vector<UsableBroker> brokers;
  for (int id = 0; id < 6; ++id) {
    brokers.push_back(
        {.id = BrokerId{id}, .rack = std::string(1, static_cast<char>('a' + id / 2))});
  }
  Rng rng(3);
  const auto placed = place_replicas(brokers, 6, 3, rng);
  ASSERT_TRUE(placed.has_value());
  for (const auto& replicas : *placed) {
    std::set<int> racks;
    for (const BrokerId id : replicas) racks.insert(id.value() / 2);
    EXPECT_EQ(racks.size(), 3U);
  }
}

TEST(Placement, FencedBrokersFollowButNeverComeFirst) {
  std::vector<UsableBroker> brokers = plain(3);
  brokers[1].fenced = true;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Rng rng(seed);
    const auto placed = place_replicas(brokers, 4, 3, rng);
    ASSERT_TRUE(placed.has_value());
    for (const auto& replicas : *placed) EXPECT_NE(replicas.front(), BrokerId{2});
  }
}

TEST(Placement, SingleBrokerTakesEverything) {
  Rng rng(1);
  const auto placed = place_replicas(plain(1), 100, 1, rng);
  ASSERT_TRUE(placed.has_value());
  for (const auto& replicas : *placed) EXPECT_EQ(replicas, std::vector<BrokerId>{BrokerId{1}});
}

TEST(Placement, ImpossibleFactorsAreRefusedInKafkasWords) {
  Rng rng(1);
  EXPECT_EQ(place_replicas(plain(1), 1, 2, rng).error().text(),
            "The target replication factor of 2 cannot be reached because only 1 broker(s) are "
            "registered or some brokers have all their log directories cordoned.");
  EXPECT_EQ(place_replicas({}, 1, 1, rng).error().text(),
            "All brokers are currently fenced, or have all their log directories cordoned.");
  EXPECT_EQ(place_replicas(plain(1), 1, 0, rng).error().code(), Errc::invalid_replication_factor);
}

}  // namespace
}  // namespace moldau::controller
