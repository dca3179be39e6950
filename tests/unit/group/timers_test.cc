#include "group/timers.h"

#include <gtest/gtest.h>

namespace moldau::group {
namespace {

Instant at(int milliseconds) { return Instant{} + Milliseconds{milliseconds}; }
TimerKey key(const std::string& member) { return {TimerKind::classic_member, "g", member}; }

std::string due(Timers& timers, int now) {
  std::string all;
  while (const auto timer = timers.pop_due(at(now))) {
    all += timer->key.member + std::to_string(timer->tag) + " ";
  }
  return all;
}

TEST(Timers, ComeInTheOrderOfTheirTimesAndEqualOnesAsTheyWereArmed) {
  Timers timers;
  timers.set(key("c"), at(5));
  timers.set(key("b"), at(3), 8);
  timers.set(key("a"), at(5));
  EXPECT_EQ(timers.next(), at(3));
  EXPECT_EQ(due(timers, 2), "");
  EXPECT_EQ(due(timers, 5), "b8 c0 a0 ");
  EXPECT_EQ(timers.next(), std::nullopt);
}

TEST(Timers, ArmedForALaterTimeFireOnceAndThen) {
  Timers timers;
  timers.set(key("a"), at(3));
  timers.set(key("a"), at(9), 1);
  EXPECT_LE(*timers.next(), at(9));
  EXPECT_EQ(due(timers, 8), "");
  EXPECT_EQ(timers.next(), at(9));
  EXPECT_EQ(due(timers, 20), "a1 ");
}

TEST(Timers, ArmedForAnEarlierTimeFireOnceAndThen) {
  Timers timers;
  timers.set(key("a"), at(9));
  timers.set(key("a"), at(3), 1);
  EXPECT_EQ(due(timers, 3), "a1 ");
  EXPECT_EQ(due(timers, 20), "");
}

TEST(Timers, CancelledAndArmedAgainFireAtTheNewTimeOnly) {
  Timers timers;
  timers.set(key("a"), at(3));
  timers.cancel(key("a"));
  EXPECT_EQ(timers.next(), std::nullopt);
  timers.set(key("a"), at(6));
  EXPECT_EQ(due(timers, 4), "");
  EXPECT_EQ(due(timers, 6), "a0 ");
}

TEST(Timers, ThatAreSetAlreadyAreNotSetIfAbsent) {
  Timers timers;
  timers.set(key("a"), at(3));
  timers.set_if_absent(key("a"), at(30));
  timers.set_if_absent(key("b"), at(30));
  EXPECT_EQ(due(timers, 3), "a0 ");
  EXPECT_TRUE(timers.contains(key("b")));
}

TEST(Timers, ManyThatComeAndGoLeaveThoseThatStay) {
  Timers timers;
  timers.set(key("stays"), at(1'000'000));
  for (int i = 0; i < 20'000; ++i) {
    timers.set(key("m" + std::to_string(i)), at(500'000 + i));
    timers.cancel(key("m" + std::to_string(i)));
  }
  EXPECT_EQ(timers.count(), 1U);
  EXPECT_EQ(due(timers, 2'000'000), "stays0 ");
}

}  // namespace
}  // namespace moldau::group
