#include "harness/group_changes.h"

#include <gtest/gtest.h>
#include <re2/re2.h>

#include <algorithm>

namespace moldau::harness {
namespace {

class GroupChangesTest : public testing::Test {
 protected:
  struct Plan {
    explicit Plan(std::uint64_t seed) : rng(seed) { plan_group_changes(run, rng, settings); }
    sim::World world{1};
    Verdict verdict;
    ClusterRun run{.world = world, .verdict = verdict};
    Rng rng;
    std::vector<std::string> settings;
  };
  static constexpr std::uint64_t k_seeds = 50;
};

TEST_F(GroupChangesTest, ThePatternMatchesTheTopicsOfTheGroupAndNoOthers) {
  for (std::uint64_t seed = 1; seed <= k_seeds; ++seed) {
    Plan plan(seed);
    const GroupPlan& group = *plan.run.groups.at(0);
    for (const TopicPlan* topic : group.topics) {
      EXPECT_TRUE(RE2::FullMatch(topic->name, group.pattern)) << topic->name;
    }
    for (const char* name : {"output", "extra1", "fleeting", "__consumer_offsets"}) {
      EXPECT_FALSE(RE2::FullMatch(name, group.pattern)) << name;
    }
  }
}

TEST_F(GroupChangesTest, EveryPolicyAndEveryKindOfMemberIsDrawn) {
  std::set<std::string> policies;
  std::set<GroupProtocol> protocols;
  std::size_t changing = 0;
  std::size_t patterns = 0;
  for (std::uint64_t seed = 1; seed <= k_seeds; ++seed) {
    Plan plan(seed);
    policies.insert(plan.settings.at(0));
    for (const auto& member :
         plan_changing_members(*plan.run.groups.at(0), MemberNumber{1}, plan.rng)) {
      protocols.insert(member.protocols.begin(), member.protocols.end());
      if (member.protocols.size() > 1) ++changing;
      if (member.by_pattern) ++patterns;
    }
  }
  EXPECT_EQ(policies.size(), 4U);
  EXPECT_EQ(protocols.size(), 3U);
  EXPECT_GT(changing, 0U);
  EXPECT_GT(patterns, 0U);
}

}  // namespace
}  // namespace moldau::harness
