#include "broker/coordinator_commits.h"

#include <gtest/gtest.h>

#include "unit/broker/second_replica.h"

namespace moldau::broker {
namespace {

using Commits = CoordinatorCommits<std::string>;

class CoordinatorCommitsTest : public SecondReplicaTest {
 protected:
  CoordinatorCommitsTest() {
    commits.emplace(
        broker.shard(0).env, partition,
        Commits::Told{.released =
                          [this](std::string outcome, Errc error) {
                            told.push_back(fmt::format("{} {}", outcome, name_of(error)));
                          },
                      .late =
                          [this](std::string& outcome) {
                            told.push_back(outcome + " late");
                            return outcome == "patient";
                          }});
  }
  ~CoordinatorCommitsTest() override { commits->drop(); }
  std::vector<std::string> told;
  std::optional<Commits> commits;
};

TEST_F(CoordinatorCommitsTest, IsReleasedWhenTheReplicasHaveIt) {
  commits->hold("a", end, std::nullopt);
  commits->hold("b", end, Milliseconds{50});
  EXPECT_TRUE(told.empty());
  replicate(broker, *partition, end);
  EXPECT_EQ(told, (std::vector<std::string>{"a NONE", "b NONE"}));
  broker.world.run_for(Milliseconds{100});
  EXPECT_EQ(told.size(), 2U) << "what is released cannot be late";
}

TEST_F(CoordinatorCommitsTest, IsReleasedWithTheReasonWhenTheLeadershipGoes) {
  commits->hold("a", end, Milliseconds{50});
  partition->follow(LeaderEpoch{5});
  EXPECT_EQ(told, std::vector<std::string>{"a NOT_LEADER_OR_FOLLOWER"});
}

TEST_F(CoordinatorCommitsTest, WhatIsLateIsHeldNoLongerUnlessItWaitsOn) {
  commits->hold("hasty", end, Milliseconds{50});
  commits->hold("patient", end, Milliseconds{50});
  broker.world.run_for(Milliseconds{100});
  EXPECT_EQ(told, (std::vector<std::string>{"hasty late", "patient late"}));
  EXPECT_EQ(partition->leader()->waits(), 1U);
  replicate(broker, *partition, end);
  EXPECT_EQ(told.size(), 3U);
  EXPECT_EQ(told.back(), "patient NONE");
}

TEST_F(CoordinatorCommitsTest, NobodyIsToldOfWhatWasDropped) {
  commits->hold("a", end, Milliseconds{50});
  commits->drop();
  EXPECT_EQ(partition->leader()->waits(), 0U);
  broker.world.run_for(Milliseconds{100});
  replicate(broker, *partition, end);
  EXPECT_TRUE(told.empty());
}

}  // namespace
}  // namespace moldau::broker
