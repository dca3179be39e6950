#include "txn/machine.h"

#include <gtest/gtest.h>

namespace moldau::txn {
namespace {

TEST(TxnMachine, AnIdIsTakenOnce) {
  Machine machine;
  EXPECT_FALSE(machine.take_id());
  machine.spare_id = ProducerId{4};
  EXPECT_EQ(machine.take_id(), ProducerId{4});
  EXPECT_FALSE(machine.take_id());
}

TEST(TxnMachine, ManyQuestionsThatWaitAskForOneIdAtATime) {
  Machine machine;
  Step step;
  machine.wait_for_id(WaitingAbort{"a"}, step);
  machine.wait_for_id(WaitingAbort{"b"}, step);
  EXPECT_EQ(step.effects.size(), 1U);
  EXPECT_EQ(machine.waiting.size(), 2U);
}

TEST(TxnMachine, EachDecisionIsABatchOfItsOwn) {
  Machine machine;
  Step step;
  const Transaction some{.producer_id = ProducerId{1}, .epoch = ProducerEpoch{0}};
  machine.decide("a", some, step);
  machine.decide("b", some, step);
  EXPECT_EQ(step.batches.size(), 2U);
  EXPECT_EQ(machine.find("a"), nullptr);  // only replay() makes it known
}

}  // namespace
}  // namespace moldau::txn
