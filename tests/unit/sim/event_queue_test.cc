#include "sim/event_queue.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace moldau::sim {
namespace {

class EventQueueTest : public testing::Test {
 protected:
  EventQueue::EventId push(std::int64_t at, std::uint64_t owner, char name) {
    return queue_.push(Instant{Duration{at}}, OwnerId(owner), EventKind::script, 0,
                       [this, name] { ran_ += name; });
  }
  std::string run_all() {
    while (auto event = queue_.pop()) event->run();
    return std::exchange(ran_, {});
  }
  EventQueue queue_;
  std::string ran_;
};

TEST_F(EventQueueTest, EventsComeByTimeAndThenByInsertion) {
  push(5, 0, 'c');
  push(1, 0, 'a');
  push(5, 0, 'd');
  push(3, 0, 'b');
  EXPECT_EQ(run_all(), "abcd");
}

TEST_F(EventQueueTest, ACancelledEventIsDestroyedAndNotRun) {
  auto held = std::make_shared<int>(1);
  const auto id =
      queue_.push(Instant{}, k_world_owner, EventKind::timer, 0, [this, held] { ran_ += '!'; });
  push(2, 0, 'a');
  EXPECT_EQ(held.use_count(), 2);
  queue_.cancel(id);
  EXPECT_EQ(held.use_count(), 1);
  EXPECT_EQ(queue_.size(), 1U);
  EXPECT_EQ(run_all(), "a");
}

TEST_F(EventQueueTest, CancellingAfterTheEventRanTouchesNoLaterEvent) {
  const auto old = push(1, 0, 'a');
  EXPECT_EQ(run_all(), "a");
  push(2, 0, 'b');  // takes the slot of the first
  queue_.cancel(old);
  EXPECT_EQ(run_all(), "b");
}

TEST_F(EventQueueTest, EventsSetAsideComeOnlyWhenAskedFor) {
  push(1, 7, 'x');
  push(1, 8, 'a');
  push(2, 7, 'y');
  queue_.set_aside(OwnerId(7));
  push(0, 7, 'w');
  EXPECT_EQ(run_all(), "a");
  while (auto event = queue_.pop_aside(OwnerId(7))) event->run();
  EXPECT_EQ(ran_, "wxy");
}

TEST_F(EventQueueTest, ATimerOfAnOwnerSetAsideCanBeCancelled) {
  const auto timer = push(1, 7, 'x');
  push(2, 7, 'y');
  queue_.set_aside(OwnerId(7));
  queue_.cancel(timer);
  while (auto event = queue_.pop_aside(OwnerId(7))) event->run();
  EXPECT_EQ(ran_, "y");
}

}  // namespace
}  // namespace moldau::sim
