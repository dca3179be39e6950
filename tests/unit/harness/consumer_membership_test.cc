#include "unit/harness/group_world.h"

namespace moldau::harness {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class ConsumerMembershipTest : public GroupWorld {
 protected:
  Membership& member(std::uint32_t number, std::optional<std::string> instance_id = {}) {
    MemberPlan plan = plan_of(number, GroupProtocol::consumer);
    plan.rebalance = Milliseconds{60'000};
    plan.instance_id = std::move(instance_id);
    members.push_back(make_consumer_membership(run, client(), std::move(plan)));
    tasks.spawn(keep(*members.back(), number));
    return *members.back();
  }
  // Gives up what it is asked for, but while it `clings`.
  env::Task<void> keep(Membership& membership, std::uint32_t number) {
    while (run.members_going_on() && number != stopped && number != dead) {
      co_await membership.go_on();
      if (!membership.wanted_back().empty() && number != clings) membership.gave_up();
      co_await env::sleep_for(clients.current().env(0), milliseconds(20));
    }
    if (number == stopped) co_await membership.leave();
    group().ownership.lost_all(MemberNumber{number});
  }
  ~ConsumerMembershipTest() override { run.members_stopping = true; }
  static std::size_t owns(const Membership& member) { return member.owned().size(); }

  std::uint32_t stopped = 0;
  std::uint32_t dead = 0;
  std::uint32_t clings = 0;
  std::vector<std::unique_ptr<Membership>> members;
};

TEST_F(ConsumerMembershipTest, MembersShareThePartitionsAndInheritThem) {
  start_with_group();
  const Membership& first = member(1);
  EXPECT_TRUE(until([&] { return owns(first) == 2; })) << failure();
  const Membership& second = member(2);
  EXPECT_TRUE(until([&] { return owns(first) == 1 && owns(second) == 1; })) << failure();
  EXPECT_NE(first.owned(), second.owned());
  stopped = 1;
  EXPECT_TRUE(until([&] { return owns(second) == 2; })) << failure();
  EXPECT_FALSE(verdict.failed()) << failure();
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
