#include "broker/shard.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

#include "unit/broker/broker_world.h"

namespace moldau::broker {
namespace {

struct Ask {
  TopicIdPartition id;
  int number = 0;
};
struct Reply {
  int number = 0;
  ShardId by;
};

env::Task<std::vector<Reply>> doubled(Shard& shard, int factor, std::vector<Ask> asks) {
  std::vector<Reply> replies;
  for (const Ask& ask : asks) {
    EXPECT_TRUE(shard.owns(ask.id));
    co_await env::sleep_for(shard.env, Milliseconds{ask.number});
    replies.push_back({factor * ask.number, shard.env.mailbox.self()});
  }
  co_return replies;
}

std::vector<Ask> some_asks(int count) {
  std::vector<Ask> asks;
  for (int i = 0; i < count; ++i) asks.push_back({{Uuid{7, 7}, PartitionIndex{i}}, i});
  return asks;
}

TEST(Shard, AnswersOfAllOwnersComeInTheOrderOfTheAsks) {
  BrokerWorld broker(3);
  const auto replies = broker.run(ask_owners<Reply>(broker.shard(1), 2, some_asks(9), &doubled));
  ASSERT_EQ(replies.size(), 9U);
  for (int i = 0; i < 9; ++i) {
    EXPECT_EQ(replies[static_cast<std::size_t>(i)].number, 2 * i);
    EXPECT_EQ(replies[static_cast<std::size_t>(i)].by,
              owner_of({Uuid{7, 7}, PartitionIndex{i}}, 3));
  }
}

TEST(Shard, OwnersWorkAtTheSameTime) {
  BrokerWorld broker(3);
  std::vector<Ask> asks = some_asks(3);
  for (Ask& ask : asks) ask.number = 100;
  const Instant begun = broker.world.now();
  (void)broker.run(ask_owners<Reply>(broker.shard(0), 1, asks, &doubled));
  EXPECT_LT(broker.world.now() - begun, Milliseconds{200});
}

TEST(Shard, NoAsksAreNoAnswers) {
  BrokerWorld broker(2);
  EXPECT_TRUE(
      broker.run(ask_owners<Reply>(broker.shard(0), 1, std::vector<Ask>{}, &doubled)).empty());
}

env::Task<void> wait_for(std::shared_ptr<FetchBell> bell, std::uint64_t number,
                         std::vector<std::uint64_t>& rung) {
  co_await bell->signal();
  rung.push_back(number);
}

// Where they lie in memory is another order in each process.
TEST(Shard, DrainingRingsLongPollsInTheOrderInWhichTheyCame) {
  BrokerWorld broker;
  Shard& shard = broker.shard(0);
  std::vector<std::uint64_t> rung;
  env::TaskGroup waiting(shard.env.scheduler);
  for (std::uint64_t number = 1; number <= 32; ++number) {
    auto bell = std::make_shared<FetchBell>(shard.env);
    shard.bells.emplace(number, bell);
    waiting.spawn(wait_for(bell, number, rung));
  }
  shard.drain();
  broker.run(waiting.join());
  EXPECT_EQ(rung.size(), 32U);
  EXPECT_TRUE(std::ranges::is_sorted(rung));
  shard.bells.clear();
}

}  // namespace
}  // namespace moldau::broker
