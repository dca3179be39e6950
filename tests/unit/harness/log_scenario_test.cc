#include "harness/log_scenario.h"

#include <gtest/gtest.h>

namespace moldau::harness {
namespace {

TEST(LogScenario, SeedsPassAndReplayToTheSameHash) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const RunResult first = run_log_scenario({.seed = seed});
    const RunResult second = run_log_scenario({.seed = seed});
    EXPECT_TRUE(first.passed) << "seed " << seed << ": " << first.failure;
    EXPECT_GT(first.events, 100U);
    EXPECT_EQ(first.hash, second.hash);
    EXPECT_EQ(first.events, second.events);
  }
}

TEST(LogScenario, TheEventLimitEndsARun) {
  const RunResult result = run_log_scenario({.seed = 3, .events_max = 50});
  EXPECT_LT(result.events, 200U);
}

}  // namespace
}  // namespace moldau::harness
