#include "os/mailbox.h"

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <vector>

#include "base/limits.h"
#include "env/call_on.h"
#include "unit/os/world.h"

namespace moldau::os {
namespace {

constexpr int k_messages = 50'000;  // more than fit at once

// Shard 0 sends, shard 1 notes the order; the last message ends shard 1.
struct Flood {
  std::vector<int> arrived;
  std::unique_ptr<env::Signal> finished;

  env::Task<void> run(env::Env& env) {
    if (env.mailbox.self() == ShardId{1}) return receive();
    return send_all(env);
  }
  env::Task<void> receive() { co_await *finished; }
  env::Task<void> send_all(env::Env& env) {
    for (int i = 0; i < k_messages; ++i) {
      co_await env.mailbox.send(ShardId{1}, [this, i] {
        arrived.push_back(i);
        if (i == k_messages - 1) finished->ring();
      });
    }
  }
};

TEST(ShardMailbox, MoreThanFitsArrivesInOrder) {
  static_assert(k_messages > k_mailbox_messages_max.value);
  Runtime runtime({.shards = 2});
  Flood flood;
  flood.finished = std::make_unique<env::Signal>(runtime.env(ShardId{1}).scheduler);
  runtime.run([&](env::Env& env) { return flood.run(env); });
  ASSERT_EQ(flood.arrived.size(), static_cast<std::size_t>(k_messages));
  for (int i = 0; i < k_messages; ++i) ASSERT_EQ(flood.arrived[static_cast<std::size_t>(i)], i);
}

// Every shard asks every other; the answers are computed there.
struct Askers {
  static constexpr int k_shards = 4;
  static constexpr int k_questions = 2000;
  std::vector<std::unique_ptr<env::TaskGroup>> groups;
  std::vector<std::unique_ptr<env::ShardPort>> ports;
  std::array<std::int64_t, k_shards> counted{};  // each touched by its shard alone

  env::Task<std::int64_t> count(std::size_t shard, std::int64_t by) {
    counted[shard] += by;
    co_return counted[shard];
  }
  env::Task<void> run(env::Env& env) {
    for (int i = 0; i < k_questions; ++i) {
      const auto to = static_cast<std::size_t>(i % k_shards);
      const std::int64_t seen =
          co_await env::call_on<std::int64_t>(env, *ports[to], [this, to] { return count(to, 1); });
      EXPECT_GT(seen, 0);
    }
  }
};

TEST(ShardMailbox, QuestionsBetweenAllShardsAreAllAnswered) {
  Runtime runtime({.shards = Askers::k_shards});
  Askers askers;
  for (std::int32_t i = 0; i < Askers::k_shards; ++i) {
    env::Env& env = runtime.env(ShardId{i});
    askers.groups.push_back(std::make_unique<env::TaskGroup>(env.scheduler));
    askers.ports.push_back(std::make_unique<env::ShardPort>(env, *askers.groups.back()));
  }
  runtime.run([&](env::Env& env) { return askers.run(env); });
  for (const std::int64_t count : askers.counted) EXPECT_EQ(count, Askers::k_questions);
}

}  // namespace
}  // namespace moldau::os
