#include "os/timer_heap.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <vector>

#include "base/rng.h"

namespace moldau::os {
namespace {

using testing::ElementsAre;

Instant at(std::int64_t moment) { return Instant{Duration{moment}}; }

class TimerHeapTest : public testing::Test {
 protected:
  env::Timers::TimerId arm(std::int64_t moment, int name) {
    return timers.arm(at(moment), [this, name] { fired.push_back(name); });
  }
  TimerHeap timers;
  std::vector<int> fired;
};

TEST_F(TimerHeapTest, FireInOrderOfTimeThenOfArming) {
  (void)arm(5, 1);
  (void)arm(3, 2);
  (void)arm(5, 3);
  (void)arm(9, 4);
  timers.fire_due(at(5));
  EXPECT_THAT(fired, ElementsAre(2, 1, 3));
  EXPECT_EQ(timers.next(), at(9));
}

TEST_F(TimerHeapTest, CancelledDoesNotFireAndItsCallbackIsDestroyedAtOnce) {
  const auto held = std::make_shared<int>(0);
  const auto id = timers.arm(at(1), [held] { ++*held; });
  EXPECT_EQ(held.use_count(), 2);
  timers.cancel(id);
  EXPECT_EQ(held.use_count(), 1);
  timers.fire_due(at(2));
  EXPECT_EQ(*held, 0);
}

TEST_F(TimerHeapTest, OldIdDoesNotCancelTheTimerThatTookItsSlot) {
  const auto old = arm(1, 1);
  timers.fire_due(at(1));
  (void)arm(2, 2);
  timers.cancel(old);
  timers.fire_due(at(2));
  EXPECT_THAT(fired, ElementsAre(1, 2));
}

TEST_F(TimerHeapTest, ArmedByACallbackWaitsForTheNextCallEvenIfDue) {
  (void)timers.arm(at(1), [this] { (void)arm(0, 7); });
  timers.fire_due(at(1));
  EXPECT_THAT(fired, ElementsAre());
  timers.fire_due(at(1));
  EXPECT_THAT(fired, ElementsAre(7));
}

TEST_F(TimerHeapTest, CallbackMayCancelAnotherDueTimer) {
  env::Timers::TimerId second{};
  (void)timers.arm(at(1), [&] { timers.cancel(second); });
  second = arm(2, 2);
  timers.fire_due(at(5));
  EXPECT_THAT(fired, ElementsAre());
  EXPECT_EQ(timers.size(), 0U);
}

TEST_F(TimerHeapTest, AgreesWithASortedMapUnderRandomArmsAndCancels) {
  Rng rng(7);
  std::map<std::pair<std::int64_t, int>, env::Timers::TimerId> model;
  for (int name = 0; name < 2000; ++name) {
    const auto moment = static_cast<std::int64_t>(rng.below(1000));
    model[{moment, name}] = arm(moment, name);
    if (rng.one_in(3)) {
      const auto victim = std::next(model.begin(), static_cast<long>(rng.below(model.size())));
      timers.cancel(victim->second);
      model.erase(victim);
    }
  }
  timers.fire_due(at(1000));
  std::vector<int> expected;
  for (const auto& [key, id] : model) expected.push_back(key.second);
  EXPECT_EQ(fired, expected);
}

}  // namespace
}  // namespace moldau::os
