#include "harness/membership.h"

#include "unit/harness/group_world.h"

namespace moldau::harness {
namespace {

// Owns what the test says.
class Told final : public Membership {
 public:
  using Membership::Membership;
  env::Task<void> go_on() override { co_return; }
  env::Task<void> leave() override { co_return; }
  void tell(Partitions partitions, Partitions wanted_back) {
    is_member_ = true;
    const Grant grant{.asked = now(), .told = now(), .until = now() + std::chrono::seconds(1)};
    all_there = take(std::move(partitions), grant, of.value_or(group().topic_ids()));
    wanted_back_ = std::move(wanted_back);
  }
  bool drop() { return drop_what_is_gone(); }
  std::optional<TopicIds> of;  // else what is there
  bool all_there = false;
  int losses = 0;

 private:
  void after_giving_up() override {}
  void after_losing(bool) override { ++losses; }
};

class MembershipTest : public GroupWorld {
 protected:
  MembershipTest() {
    run.groups.push_back(std::make_unique<GroupPlan>());
    topic = &plan("t", true);
    topic->id = Uuid(1, 1);
    group().topics.push_back(topic);
    told = std::make_unique<Told>(run, client(), plan_of(1, GroupProtocol::cooperative));
  }
  const client::TopicPartition one{"t", PartitionIndex{0}};
  const client::TopicPartition two{"t", PartitionIndex{1}};
  TopicPlan* topic = nullptr;
  std::unique_ptr<Told> told;
};

TEST_F(MembershipTest, WhatGoesIsNobodys) {
  told->tell({one, two}, {two});
  EXPECT_TRUE(told->all_there);
  EXPECT_FALSE(told->drop());
  run.topic_goes(*topic);
  EXPECT_TRUE(told->drop());
  EXPECT_TRUE(told->owned().empty());
  EXPECT_TRUE(told->wanted_back().empty());
}

TEST_F(MembershipTest, AnAssignmentOfATopicThatHasGoneIsLeftOut) {
  told->of = group().topic_ids();
  run.topic_goes(*topic);
  topic->id = Uuid(1, 2);
  told->tell({one}, {});
  EXPECT_FALSE(told->all_there);
  EXPECT_TRUE(told->owned().empty());
}

TEST_F(MembershipTest, WhatIsWantedBackIsGivenUpAndTheOracleKnows) {
  told->tell({one, two}, {two});
  EXPECT_EQ(group().ownership.owner(two), MemberNumber{1});
  told->gave_up();
  EXPECT_EQ(told->owned(), Membership::Partitions{one});
  EXPECT_TRUE(told->wanted_back().empty());
  EXPECT_EQ(group().ownership.owner(two), std::nullopt);
}

TEST_F(MembershipTest, WhoIsLostOwnsNothing) {
  told->tell({one, two}, {});
  told->lost();
  EXPECT_TRUE(told->owned().empty());
  EXPECT_FALSE(told->is_member());
  EXPECT_EQ(told->losses, 1);
  EXPECT_EQ(group().ownership.owner(one), std::nullopt);
}

}  // namespace
}  // namespace moldau::harness
