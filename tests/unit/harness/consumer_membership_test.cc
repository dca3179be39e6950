#include "unit/harness/group_world.h"

namespace moldau::harness {
namespace {

using std::chrono::seconds;

class ConsumerMembershipTest : public MembershipWorld {
 protected:
  Membership& member(std::uint32_t number, std::optional<std::string> instance_id = {}) {
    MemberPlan plan = plan_of(number, GroupProtocol::consumer);
    plan.rebalance = Milliseconds{60'000};
    plan.instance_id = std::move(instance_id);
    return kept(make_consumer_membership(run, client(), std::move(plan)), number);
  }
};

TEST_F(ConsumerMembershipTest, MembersShareThePartitionsAndInheritThem) {
  check_that_members_share_and_inherit(
      [this](std::uint32_t number) -> Membership& { return member(number); });
}

TEST_F(ConsumerMembershipTest, WhatAMemberClingsToNobodyGets) {
  start_with_group();
  clings = 1;
  const Membership& first = member(1);
  EXPECT_TRUE(until([&] { return owns(first) == 2; })) << failure();
  const Membership& second = member(2);
  (void)until([] { return false; }, seconds(10));
  EXPECT_EQ(owns(second), 0U);
  clings = 0;
  EXPECT_TRUE(until([&] { return owns(second) == 1; })) << failure();
  EXPECT_FALSE(verdict.failed()) << failure();
}

TEST_F(ConsumerMembershipTest, AStaticMemberThatDiedComesBackWhenItsSessionIsOver) {
  start_with_group();
  const Membership& first = member(1, "static");
  EXPECT_TRUE(until([&] { return owns(first) == 2; })) << failure();
  dead = 1;
  (void)until([] { return false; }, seconds(1));
  const Membership& again = member(2, "static");
  EXPECT_TRUE(until([&] { return owns(again) == 2; })) << failure();
  EXPECT_FALSE(verdict.failed()) << failure();
}

}  // namespace
}  // namespace moldau::harness
