#include "harness/node_scenario.h"

#include <gtest/gtest.h>

namespace moldau::harness {
namespace {

TEST(NodeScenario, SeedsPassAndReplayToTheSameHash) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const RunResult first = run_node_scenario({.seed = seed});
    const RunResult second = run_node_scenario({.seed = seed});
    EXPECT_TRUE(first.passed) << "seed " << seed << ": " << first.failure;
    EXPECT_GT(first.events, 1000U);
    EXPECT_EQ(first.hash, second.hash);
    EXPECT_EQ(first.events, second.events);
  }
}

TEST(NodeScenario, GroupsThatChangePassAndReplayToTheSameHash) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const RunResult first = run_group_changes_scenario({.seed = seed});
    EXPECT_TRUE(first.passed) << "seed " << seed << ": " << first.failure;
    EXPECT_EQ(first.hash, run_group_changes_scenario({.seed = seed}).hash);
  }
}

}  // namespace
}  // namespace moldau::harness
