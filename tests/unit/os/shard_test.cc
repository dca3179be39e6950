#include "os/shard.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "env/env.h"
#include "env/task_group.h"
#include "unit/os/world.h"

namespace moldau::os {
namespace {

using std::chrono::milliseconds;

env::Task<void> sleeps(env::Env& env, std::vector<int>& order, int name, Milliseconds time) {
  const Instant before = monotonic_now();
  co_await env::sleep_for(env, time);
  EXPECT_GE(monotonic_now() - before, time - milliseconds{1});
  order.push_back(name);
}

env::Task<void> sleep_both(env::Env& env, std::vector<int>& order) {
  env::TaskGroup group(env.scheduler);
  group.spawn(sleeps(env, order, 1, milliseconds{20}));
  group.spawn(sleeps(env, order, 2, milliseconds{5}));
  co_await group.join();
}

TEST(Shard, SleepersWakeInTheOrderOfTheirTimes) {
  std::vector<int> order;
  on_one_shard([&](env::Env& env) { return sleep_both(env, order); });
  EXPECT_EQ(order, (std::vector<int>{2, 1}));
}

env::Task<void> sees_time_pass(env::Env& env, Timestamp& wall, bool& moved) {
  const Instant before = env.clock.now();
  co_await env::sleep_for(env, milliseconds{10});
  moved = env.clock.now() - before >= milliseconds{10};
  wall = env.clock.wall();
}

TEST(Shard, ClockMovesBetweenTurnsAndTellsTheWallTime) {
  Timestamp wall{};
  bool moved = false;
  on_one_shard([&](env::Env& env) { return sees_time_pass(env, wall, moved); });
  EXPECT_TRUE(moved);
  EXPECT_LT(wall_now() - wall, std::chrono::seconds{10});
}

TEST(OnPool, RunsOnAnotherThreadAndGoesOnHere) {
  ThreadPool pool(1, "test");
  Shard shard(ShardId{0}, 1);
  std::atomic<bool> stop = false;
  const auto here = std::this_thread::get_id();
  auto body = [](Shard& its_shard, ThreadPool& its_pool, std::atomic<bool>& its_stop,
                 std::thread::id home) -> env::Task<void> {
    const std::thread::id there =
        co_await on_pool(its_shard, its_pool, [] { return std::this_thread::get_id(); });
    EXPECT_NE(there, home);
    EXPECT_EQ(std::this_thread::get_id(), home);
    its_stop = true;
    its_shard.inbox().wake();
  };
  const env::Task<void> task = body(shard, pool, stop, here);
  shard.run(stop);
  EXPECT_TRUE(task.done());
}

}  // namespace
}  // namespace moldau::os
