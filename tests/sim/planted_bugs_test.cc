// A simulation is good enough when it finds each planted bug within 200 seeds.
#include "harness/planted_bugs.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "harness/run.h"

namespace moldau::harness {
namespace {

constexpr std::uint64_t k_seeds_max = 200;

struct Hunt {
  std::string scenario;
  std::string bug;
};

class PlantedBugHunt : public testing::TestWithParam<Hunt> {};

TEST_P(PlantedBugHunt, IsFoundWithin200Seeds) {
  const Scenario* scenario = find_scenario(GetParam().scenario);
  ASSERT_NE(scenario, nullptr);
  ASSERT_NE(find_planted_bug(GetParam().bug), nullptr);
  for (std::uint64_t seed = 1; seed <= k_seeds_max; ++seed) {
    const RunResult result = scenario->run({.seed = seed, .planted_bug = GetParam().bug});
    if (!result.passed) {
      RecordProperty("seed", std::to_string(seed));
      EXPECT_FALSE(result.failure.empty());
      // The same seed finds it again, in the same way, and passes without it.
      const RunResult again = scenario->run({.seed = seed, .planted_bug = GetParam().bug});
      EXPECT_EQ(again.failure, result.failure);
      EXPECT_EQ(again.hash, result.hash);
      const RunResult without = scenario->run({.seed = seed});
      EXPECT_TRUE(without.passed) << without.failure;
      return;
    }
  }
  FAIL() << GetParam().bug << " was not found in " << k_seeds_max << " seeds";
}

std::string name_of(const testing::TestParamInfo<Hunt>& info) {
  std::string name = info.param.scenario + "_" + info.param.bug;
  std::ranges::replace(name, '-', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Log, PlantedBugHunt,
                         testing::Values(Hunt{"log", "ack-before-sync"},
                                         Hunt{"log", "eager-checkpoint"},
                                         Hunt{"log", "names-not-synced"},
                                         Hunt{"log", "short-truncation"}),
                         name_of);

INSTANTIATE_TEST_SUITE_P(Node, PlantedBugHunt,
                         testing::Values(Hunt{"node", "ack-before-sync"},
                                         Hunt{"node", "eager-checkpoint"},
                                         Hunt{"node", "names-not-synced"},
                                         Hunt{"node", "transaction-state-not-synced"}),
                         name_of);

INSTANTIATE_TEST_SUITE_P(
    Groups, PlantedBugHunt,
    testing::Values(Hunt{"groups", "aborted-list-wrong"}, Hunt{"groups", "aborted-offsets-applied"},
                    Hunt{"groups", "commits-not-fenced"}, Hunt{"groups", "offsets-not-synced"},
                    Hunt{"groups", "open-transactions-forgotten"},
                    Hunt{"groups", "producers-forgotten"}, Hunt{"groups", "revocation-not-awaited"},
                    Hunt{"groups", "transaction-state-not-synced"}),
    name_of);

INSTANTIATE_TEST_SUITE_P(GroupsChange, PlantedBugHunt,
                         testing::Values(Hunt{"groups_change", "commits-not-fenced"},
                                         Hunt{"groups_change", "conversion-drops-offsets"},
                                         Hunt{"groups_change", "deleted-offsets-survive"},
                                         Hunt{"groups_change", "offsets-not-synced"},
                                         Hunt{"groups_change", "revocation-not-awaited"}),
                         name_of);

}  // namespace
}  // namespace moldau::harness
