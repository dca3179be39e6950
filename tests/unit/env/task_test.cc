#include "env/task.h"

#include <gtest/gtest.h>

#include "env/completion.h"
#include "env/task_group.h"
#include "unit/env/manual_scheduler.h"

namespace moldau::env {
namespace {

Task<int> twice(Completion<int>& value) { co_return 2 * co_await value; }
Task<int> outer(Completion<int>& value) { co_return 1 + co_await twice(value); }
Task<> store(Completion<int>& value, int& into) { into = co_await outer(value); }

TEST(Task, RunsAtOnceWhenNothingWaits) {
  ManualScheduler scheduler;
  Completion<int> value(scheduler);
  value.complete(4);
  Task<int> task = outer(value);
  ASSERT_TRUE(task.done());
  EXPECT_EQ(task.take_result(), 9);
}

TEST(Task, WaiterRunsFromTheSchedulerNotInsideComplete) {
  ManualScheduler scheduler;
  Completion<int> value(scheduler);
  int result = 0;
  TaskGroup group(scheduler);
  group.spawn(store(value, result));
  value.complete(5);
  EXPECT_EQ(result, 0);
  scheduler.run();
  EXPECT_EQ(result, 11);
  EXPECT_EQ(group.running(), 0U);
}

TEST(TaskDeathTest, DroppedUnfinishedIsACheck) {
  ManualScheduler scheduler;
  Completion<int> value(scheduler);
  EXPECT_DEATH({ Task<int> task = outer(value); }, "done");
}

Task<> join_all(TaskGroup& group, bool& joined) {
  co_await group.join();
  joined = true;
}

TEST(TaskGroup, JoinWaitsForEverySpawnedTask) {
  ManualScheduler scheduler;
  Completion<int> a(scheduler);
  Completion<int> b(scheduler);
  int result_a = 0;
  int result_b = 0;
  bool joined = false;
  TaskGroup group(scheduler);
  group.spawn(store(a, result_a));
  group.spawn(store(b, result_b));
  TaskGroup test(scheduler);
  test.spawn(join_all(group, joined));
  a.complete(1);
  scheduler.run();
  EXPECT_FALSE(joined);
  b.complete(1);
  scheduler.run();
  EXPECT_TRUE(joined);
}

}  // namespace
}  // namespace moldau::env
