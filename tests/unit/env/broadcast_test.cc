#include "env/broadcast.h"

#include <gtest/gtest.h>

#include <vector>

#include "env/task_group.h"
#include "unit/env/manual_scheduler.h"

namespace moldau::env {
namespace {

Task<> hear(Broadcast& bell, int id, std::vector<int>& heard) {
  co_await bell;
  heard.push_back(id);
}

TEST(BroadcastTest, ARingWakesAllWhoWaitAndNobodyLater) {
  ManualScheduler scheduler;
  Broadcast bell(scheduler);
  std::vector<int> heard;
  TaskGroup group(scheduler);
  bell.ring();
  group.spawn(hear(bell, 1, heard));
  group.spawn(hear(bell, 2, heard));
  scheduler.run();
  EXPECT_TRUE(heard.empty());
  bell.ring();
  EXPECT_TRUE(heard.empty()) << "waiters are posted";
  bell.ring();
  group.spawn(hear(bell, 3, heard));
  scheduler.run();
  EXPECT_EQ(heard, (std::vector{1, 2}));
  bell.ring();
  scheduler.run();
  EXPECT_EQ(heard, (std::vector{1, 2, 3}));
  EXPECT_EQ(group.running(), 0U);
}

}  // namespace
}  // namespace moldau::env
