#include "unit/harness/group_world.h"

namespace moldau::harness {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class ClassicMembershipTest : public GroupWorld, public testing::WithParamInterface<GroupProtocol> {
 protected:
  ~ClassicMembershipTest() override { run.members_stopping = true; }
  Membership& member(std::uint32_t number) {
    MemberPlan plan = plan_of(number, GetParam());
    plan.session = Milliseconds{30'000};
    members.push_back(make_classic_membership(run, client(), std::move(plan)));
    tasks.spawn(keep(*members.back(), number));
    return *members.back();
  }
  // Gives up at once what it is asked for.
  env::Task<void> keep(Membership& membership, std::uint32_t number) {
    while (run.members_going_on() && number != stopped) {
      co_await membership.go_on();
      if (!membership.wanted_back().empty()) membership.gave_up();
      co_await env::sleep_for(clients.current().env(0), milliseconds(20));
    }
    if (number != stopped) co_return;
    co_await membership.leave();
    group().ownership.lost_all(MemberNumber{number});
  }
  static std::size_t owns(const Membership& member) { return member.owned().size(); }

  std::uint32_t stopped = 0;  // the member that shall leave
  std::vector<std::unique_ptr<Membership>> members;
};

TEST_P(ClassicMembershipTest, MembersShareThePartitionsAndInheritThem) {
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

TEST_P(ClassicMembershipTest, ACrashLeavesTheGroupAsItWas) {
  start_with_group();
  const Membership& only = member(1);
  EXPECT_TRUE(until([&] { return owns(only) == 2; })) << failure();
  const std::int32_t generation = only.identity().epoch;
  broker.cut_power(sim::PowerCut::lose_all());
  bury();
  start({"group.min.session.timeout.ms=100"});
  (void)until([] { return false; }, seconds(15));
  EXPECT_EQ(only.identity().epoch, generation);
  EXPECT_EQ(owns(only), 2U);
}

INSTANTIATE_TEST_SUITE_P(Protocols, ClassicMembershipTest,
                         testing::Values(GroupProtocol::eager, GroupProtocol::cooperative));

}  // namespace
}  // namespace moldau::harness
