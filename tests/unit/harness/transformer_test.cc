#include "harness/transformer.h"

#include "unit/harness/group_world.h"

namespace moldau::harness {
namespace {

class TransformerTest : public GroupWorld, public testing::WithParamInterface<GroupProtocol> {
 protected:
  void start_members() {
    add(run.coordinators, "__transaction_state");
    TopicPlan& output = add(run.outputs, "output");
    start_with_group();
    group().output = &output;
    write();
    for (const std::uint32_t number : {1U, 2U}) {
      tasks.spawn(run_member(run, client(), plan_of(number, GetParam())));
    }
  }
};

TEST_P(TransformerTest, WhatIsReadIsWrittenOnce) {
  start_members();
  (void)until([] { return false; }, std::chrono::seconds(20));
  run.healed = true;
  check();
  EXPECT_GT(group().offsets.least({"t", PartitionIndex{0}}), Offset{0});
}

TEST_P(TransformerTest, CrashesDoNoHarm) {
  start_members();
  for (int i = 0; i < 3; ++i) {
    (void)until([] { return false; }, std::chrono::seconds(4));
    broker.cut_power(sim::PowerCut::lose_all());
    bury();
    start(settings());
  }
  run.healed = true;
  check();
}

INSTANTIATE_TEST_SUITE_P(Protocols, TransformerTest,
                         testing::Values(GroupProtocol::eager, GroupProtocol::consumer));

}  // namespace
}  // namespace moldau::harness
