#include "env/turns.h"

#include <gtest/gtest.h>

#include <vector>

#include "env/completion.h"
#include "env/task_group.h"
#include "unit/env/manual_scheduler.h"

namespace moldau::env {
namespace {

Task<> pass(Turns& turns, int id, std::vector<int>& order, Signal& go) {
  const Turns::Turn turn = co_await turns.next();
  order.push_back(id);
  co_await go;
  order.push_back(id);
}

TEST(TurnsTest, OneAtATimeInTheOrderOfAsking) {
  ManualScheduler scheduler;
  Turns turns(scheduler);
  Signal first(scheduler);
  Signal second(scheduler);
  std::vector<int> order;
  TaskGroup group(scheduler);
  group.spawn(pass(turns, 1, order, first));
  group.spawn(pass(turns, 2, order, second));
  scheduler.run();
  EXPECT_EQ(order, (std::vector{1}));
  first.ring();
  second.ring();
  scheduler.run();
  EXPECT_EQ(order, (std::vector{1, 1, 2, 2}));
  EXPECT_EQ(group.running(), 0U);
}

}  // namespace
}  // namespace moldau::env
