#include <gtest/gtest.h>

#include "group/consumer.h"

namespace moldau::group::consumer {
namespace {

class ConsumerMembersTest : public testing::Test {
 protected:
  ConsumerMembersTest() {
    ConsumerGroup group;
    group.put({.id = "a", .epoch = 3, .topics = {"t"}, .regex = "x"});
    group.put({.id = "b", .epoch = 3, .topics = {"t"}});
    machine.groups.emplace("g", std::move(group));
  }
  std::size_t records() const {
    return out.batches.empty() ? 0 : out.batches.front().records.size();
  }
  Machine machine;
  Step out;
  const Now now{Instant{}, timestamp_of(1'000'000)};
};

TEST_F(ConsumerMembersTest, WhoIsFencedLeavesTombstonesAndANewEpoch) {
  fence(machine, "g", {"b"}, now, out);
  EXPECT_EQ(records(), 4U);
}

TEST_F(ConsumerMembersTest, TheLastOneTakesItsRegularExpressionAndTheTargetWithIt) {
  fence(machine, "g", {"a", "b", "a"}, now, out);
  EXPECT_EQ(records(), 9U);
}

TEST_F(ConsumerMembersTest, WhoIsNotThereIsNotFenced) {
  fence(machine, "g", {"c"}, now, out);
  fence(machine, "h", {"a"}, now, out);
  EXPECT_TRUE(out.empty());
}

TEST_F(ConsumerMembersTest, ATimeToGiveUpPartitionsCountsInItsEpochOnly) {
  time_over(machine, {TimerKind::consumer_rebalance, "g", "a"}, 2, now, out);
  EXPECT_TRUE(out.empty());
  time_over(machine, {TimerKind::consumer_rebalance, "g", "a"}, 3, now, out);
  EXPECT_FALSE(out.empty());
}

TEST_F(ConsumerMembersTest, TimersAreArmedAndStopped) {
  start_sessions(machine, "g", *machine.consumer("g"), now);
  EXPECT_EQ(machine.timers.count(), 2U);
  stop_timers(machine, "g", "a");
  EXPECT_EQ(machine.timers.count(), 1U);
}

}  // namespace
}  // namespace moldau::group::consumer
