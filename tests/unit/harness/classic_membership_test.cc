#include "unit/harness/group_world.h"

namespace moldau::harness {
namespace {

using std::chrono::seconds;

class ClassicMembershipTest : public MembershipWorld,
                              public testing::WithParamInterface<GroupProtocol> {
 protected:
  Membership& member(std::uint32_t number, std::optional<std::string> instance_id = {}) {
    MemberPlan plan = plan_of(number, GetParam());
    plan.session = Milliseconds{30'000};
    plan.instance_id = std::move(instance_id);
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

// The coordinator gives it what it had, and the group rests.
TEST_P(ClassicMembershipTest, AStaticOneThatComesBackAsksForTopicsThatCameSince) {
  TopicPlan& late = add(run.outputs, "late");
  late.comes_later = true;
  start_with_group();
  group().changes = true;
  group().topics.push_back(&late);
  const Membership& before = member(1, "static");
  EXPECT_TRUE(until([&] { return owns(before) == 2; })) << failure();
  dead = 1;
  (void)until([] { return false; }, seconds(1));
  late.id = Uuid(7, 7);
  dead = 0;
  const Membership& after = member(1, "static");
  EXPECT_TRUE(until([&] { return owns(after) == 4; })) << failure();
}

INSTANTIATE_TEST_SUITE_P(Protocols, ClassicMembershipTest,
                         testing::Values(GroupProtocol::eager, GroupProtocol::cooperative));

}  // namespace
}  // namespace moldau::harness
