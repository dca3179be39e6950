#include "harness/group_member.h"

#include "unit/harness/group_world.h"

namespace moldau::harness {
namespace {

class GroupMemberTest : public GroupWorld, public testing::WithParamInterface<GroupProtocol> {
 protected:
  void start_members() {
    start_with_group();
    write();
    for (const std::uint32_t number : {1U, 2U, 3U}) {
      MemberPlan plan = plan_of(number, GetParam());
      if (number == 3) plan.instance_id = "static";
      tasks.spawn(run_member(run, client(), std::move(plan)));
    }
  }
};

TEST_P(GroupMemberTest, MembersThatComeAndGoReadEverything) {
  start_members();
  (void)until([] { return false; }, std::chrono::seconds(20));
  run.healed = true;
  check();
}

TEST_P(GroupMemberTest, CrashesAndConnectionsThatBreakDoNoHarm) {
  start_members();
  for (int i = 0; i < 4; ++i) {
    (void)until([] { return false; }, std::chrono::seconds(2));
    (void)world.network().cut_all("broker");
    (void)until([] { return false; }, std::chrono::seconds(2));
    broker.cut_power(sim::PowerCut::lose_all());
    bury();
    start(settings());
  }
  run.healed = true;
  check();
}

INSTANTIATE_TEST_SUITE_P(Protocols, GroupMemberTest,
                         testing::Values(GroupProtocol::eager, GroupProtocol::cooperative,
                                         GroupProtocol::consumer));

TEST_F(GroupWorld, AGroupWithoutMembersIsBehind) {
  start_with_group();
  write();
  (void)until([] { return false; }, std::chrono::seconds(2));
  run.stopping = true;
  bool done = false;
  tasks.spawn(check_groups(run, client(), done));
  EXPECT_FALSE(until([&] { return done; }, std::chrono::seconds(5)));
  EXPECT_EQ(run.lagging.substr(0, 2), "L1");
}

}  // namespace
}  // namespace moldau::harness
