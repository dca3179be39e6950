#include "unit/harness/group_world.h"

namespace moldau::harness {
namespace {

using std::chrono::seconds;

class ClassicMembershipTest : public MembershipWorld,
                              public testing::WithParamInterface<GroupProtocol> {
 protected:
  Membership& member(std::uint32_t number) {
    MemberPlan plan = plan_of(number, GetParam());
    plan.session = Milliseconds{30'000};
    return kept(make_classic_membership(run, client(), std::move(plan)), number);
  }
};

TEST_P(ClassicMembershipTest, MembersShareThePartitionsAndInheritThem) {
  check_that_members_share_and_inherit(
      [this](std::uint32_t number) -> Membership& { return member(number); });
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
