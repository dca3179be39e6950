#include "broker/fetch_wait.h"

#include <gtest/gtest.h>

#include "unit/broker/broker_world.h"

namespace moldau::broker {
namespace {

env::Task<bool> heard(std::shared_ptr<FetchBell> bell) {
  co_await bell->signal();
  co_return true;
}

TEST(FetchWait, BellRingsOnItsHomeShardFromAnyOther) {
  BrokerWorld broker(2);
  auto bell = std::make_shared<FetchBell>(broker.shard(0).env);
  auto waiting = heard(bell);
  FetchBell::ring(broker.shard(1).env, bell);
  EXPECT_TRUE(broker.world.run_until([&] { return waiting.done(); }));
}

TEST(FetchWait, MoreThanSeenIsReadyAtOnceAndNotWatched) {
  BrokerWorld broker;
  const Uuid id = broker.add_topic("t");
  broker.append("t", 2);
  auto bell = std::make_shared<FetchBell>(broker.shard(0).env);
  const WatchCommon common{{ShardId{0}, 1}, bell, replica::Visible::high_watermark};
  auto answers =
      broker.run(watch_here(broker.shard(0), common, {{{id, PartitionIndex{0}}, Offset{1}}}));
  EXPECT_TRUE(answers.at(0).ready);
  EXPECT_TRUE(broker.shard(0).fetch_watches.empty());
  answers = broker.run(
      watch_here(broker.shard(0), common, {{{Uuid{9, 9}, PartitionIndex{0}}, Offset{0}}}));
  EXPECT_TRUE(answers.at(0).ready) << "not here any more: look again";
}

TEST(FetchWait, UnwatchingForgetsTheWait) {
  BrokerWorld broker(2);
  const Uuid id = broker.add_topic("t", 2);
  auto bell = std::make_shared<FetchBell>(broker.shard(0).env);
  const FetchWaitId wait{ShardId{0}, 1};
  const std::vector<WatchAsk> asks{{{id, PartitionIndex{0}}, Offset{0}},
                                   {{id, PartitionIndex{1}}, Offset{0}}};
  const auto answers = broker.run(ask_owners<WatchAnswer>(
      broker.shard(0), WatchCommon{wait, bell, replica::Visible::high_watermark},
      std::vector<WatchAsk>(asks), &watch_here));
  EXPECT_FALSE(answers.at(0).ready);
  EXPECT_FALSE(answers.at(1).ready);
  EXPECT_EQ(broker.shard(0).waiters.count() + broker.shard(1).waiters.count(), 2U);
  unwatch(broker.shard(0), wait, asks);
  broker.world.run_for(Milliseconds{10});
  EXPECT_EQ(broker.shard(0).waiters.count() + broker.shard(1).waiters.count(), 0U);
}

}  // namespace
}  // namespace moldau::broker
