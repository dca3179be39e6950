#include "broker/coordinator_commits.h"

#include <gtest/gtest.h>

#include "unit/broker/broker_world.h"

namespace moldau::broker {
namespace {

using Commits = CoordinatorCommits<std::string>;

class CoordinatorCommitsTest : public testing::Test {
 protected:
  CoordinatorCommitsTest() {
    broker.add_topic("c");
    partition = broker.partition("c");
    // A second replica in sync, so that there is something to wait for.
    const std::vector<BrokerId> both{k_self, BrokerId{2}};
    EXPECT_TRUE(broker.run(partition->lead(LeaderEpoch{4}, both, both, Offset{0})));
    end = broker.run(partition->append(broker.batch(3), replica::Acks::all)).end_offset;
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
  void replicate() {
    replica::Outputs out;
    partition->leader()->on_follower(BrokerId{2}, end, out);
    broker.shard(0).waiters.release(out);
  }
  BrokerWorld broker;
  std::shared_ptr<Partition> partition;
  Offset end;
  std::vector<std::string> told;
  std::optional<Commits> commits;
};

TEST_F(CoordinatorCommitsTest, IsReleasedWhenTheReplicasHaveIt) {
  commits->hold("a", end, std::nullopt);
  commits->hold("b", end, Milliseconds{50});
  EXPECT_TRUE(told.empty());
  replicate();
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
  replicate();
  EXPECT_EQ(told.size(), 3U);
  EXPECT_EQ(told.back(), "patient NONE");
}

TEST_F(CoordinatorCommitsTest, NobodyIsToldOfWhatWasDropped) {
  commits->hold("a", end, Milliseconds{50});
  commits->drop();
  EXPECT_EQ(partition->leader()->waits(), 0U);
  broker.world.run_for(Milliseconds{100});
  replicate();
  EXPECT_TRUE(told.empty());
}

}  // namespace
}  // namespace moldau::broker
