#include "sim/shard_env.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/limits.h"
#include "env/call_on.h"
#include "sim/world.h"

namespace moldau::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class ShardEnvTest : public testing::Test {
 protected:
  World world_{5};
  Host& host_ = world_.add_host({.name = "a", .shards = 2, .wall_skew = milliseconds(70)});
  Boot& boot_ = host_.boot();
  env::Env& zero_ = boot_.env(0);
  env::Env& one_ = boot_.env(1);
  env::TaskGroup tasks_{zero_.scheduler};
  env::TaskGroup tasks_one_{one_.scheduler};
};

TEST_F(ShardEnvTest, TimersFireInOrderAndNotBeforeTheirMoment) {
  std::string fired;
  const Instant start = zero_.clock.now();
  (void)zero_.timers.arm(start + milliseconds(20), [&] { fired += 'b'; });
  (void)zero_.timers.arm(start + milliseconds(10), [&] {
    fired += 'a';
    EXPECT_EQ(zero_.clock.now(), start + milliseconds(10));
  });
  const auto never = zero_.timers.arm(start + milliseconds(5), [&] { fired += '!'; });
  zero_.timers.cancel(never);
  world_.run_for(milliseconds(15));
  EXPECT_EQ(fired, "a");
  world_.run_for(milliseconds(15));
  EXPECT_EQ(fired, "ab");
}

TEST_F(ShardEnvTest, TheWallClockRunsWithTheWorldsTimeAndItsSkew) {
  const Timestamp before = zero_.clock.wall();
  EXPECT_EQ(before - world_.wall(), milliseconds(70));
  world_.run_for(milliseconds(1234));
  EXPECT_EQ(zero_.clock.wall() - before, milliseconds(1234));
}

env::Task<void> send_letters(env::Env& from, ShardId to, std::string& into, int count) {
  for (int i = 0; i < count; ++i) {
    co_await from.mailbox.send(to, [&into, i] { into += static_cast<char>('a' + i % 26); });
  }
}

TEST_F(ShardEnvTest, MessagesFromOneShardToAnotherArriveInOrder) {
  std::string got;
  tasks_.spawn(send_letters(zero_, ShardId(1), got, 20));
  EXPECT_EQ(got, "");
  world_.run_for(milliseconds(10));
  EXPECT_EQ(got, "abcdefghijklmnopqrst");
}

TEST_F(ShardEnvTest, ASenderWaitsWhenTheMailboxIsFull) {
  std::string got;
  const int count = static_cast<int>(k_mailbox_messages_max.value) + 100;
  tasks_.spawn(send_letters(zero_, ShardId(1), got, count));
  EXPECT_EQ(tasks_.running(), 1U);
  world_.run_for(seconds(1));
  EXPECT_EQ(tasks_.running(), 0U);
  EXPECT_EQ(static_cast<int>(got.size()), count);
}

env::Task<int> twice(env::Env& there, int value) {
  co_await env::sleep_for(there, milliseconds(3));
  co_return 2 * value;
}
env::Task<void> ask(env::Env& here, env::ShardPort& there, int& answer) {
  answer = co_await env::call_on<int>(here, there, [&there] { return twice(there.env, 21); });
}

TEST_F(ShardEnvTest, AQuestionToAnotherShardIsAnswered) {
  env::ShardPort port{.env = one_, .tasks = tasks_one_};
  int answer = 0;
  tasks_.spawn(ask(zero_, port, answer));
  world_.run_for(milliseconds(10));
  EXPECT_EQ(answer, 42);
}

env::Task<void> sleep_often(env::Env& env, int& rounds) {
  for (int i = 0; i < 10; ++i) {
    co_await env::sleep_for(env, seconds(1));
    ++rounds;
  }
}

TEST_F(ShardEnvTest, AnEndedBootUnwindsOutsideTheRunsTimeAndHash) {
  int rounds = 0;
  tasks_.spawn(sleep_often(zero_, rounds));
  world_.run_for(milliseconds(2500));
  EXPECT_EQ(rounds, 2);
  const auto hash = world_.hash().value();
  const Instant now = world_.now();
  host_.kill();
  EXPECT_TRUE(host_.unwind());
  EXPECT_EQ(rounds, 10);
  EXPECT_EQ(tasks_.running(), 0U);
  EXPECT_EQ(world_.hash().value(), hash);
  EXPECT_EQ(world_.now(), now);
  host_.bury();
}

TEST_F(ShardEnvTest, SendersThatWaitForRoomUnwindToo) {
  std::string got;
  const int count = static_cast<int>(k_mailbox_messages_max.value) + 100;
  tasks_.spawn(send_letters(zero_, ShardId(1), got, count));
  host_.kill();
  EXPECT_TRUE(host_.unwind());
  EXPECT_EQ(tasks_.running(), 0U);
  host_.bury();
}

TEST_F(ShardEnvTest, EntropyComesFromTheSeedAndDiffersBetweenShards) {
  World again(5);
  Boot& boot = again.add_host({.name = "a", .shards = 2}).boot();
  const auto first = zero_.entropy.next();
  EXPECT_EQ(boot.env(0).entropy.next(), first);
  EXPECT_NE(one_.entropy.next(), first);
}

}  // namespace
}  // namespace moldau::sim
