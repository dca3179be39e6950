#include "os/inbox.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>

#include <thread>
#include <vector>

#include "base/limits.h"

namespace moldau::os {
namespace {

bool rang(const Inbox& inbox) {
  pollfd fd{inbox.wakeup_descriptor(), POLLIN, 0};
  return ::poll(&fd, 1, 0) == 1;
}

TEST(Inbox, MessagesRunInOrder) {
  Inbox inbox(1);
  std::vector<int> ran;
  for (int i = 0; i < 3; ++i) inbox.push([&ran, i] { ran.push_back(i); });
  EXPECT_TRUE(inbox.drain());
  EXPECT_THAT(ran, testing::ElementsAre(0, 1, 2));
  EXPECT_FALSE(inbox.drain());
}

TEST(Inbox, OnlyASleeperIsWoken) {
  Inbox inbox(1);
  inbox.push([] {});
  EXPECT_FALSE(rang(inbox));
  EXPECT_FALSE(inbox.fall_asleep());  // something is inside
  inbox.drain();
  EXPECT_TRUE(inbox.fall_asleep());
  inbox.push([] {});
  EXPECT_TRUE(rang(inbox));
}

TEST(Inbox, SenderAtItsLimitHearsWhenThereIsRoomAndOthersAreNotHeldUp) {
  Inbox inbox(2);
  int room = 0;
  Inbox::Message message = [] {};
  for (int i = 0; i < k_mailbox_messages_max.value; ++i) {
    message = [] {};
    ASSERT_TRUE(inbox.try_push(ShardId{0}, message, [] {}));
  }
  message = [] {};
  EXPECT_FALSE(inbox.try_push(ShardId{0}, message, [&room] { ++room; }));
  EXPECT_TRUE(message);  // still the caller's
  EXPECT_TRUE(inbox.try_push(ShardId{1}, message, [] {}));
  inbox.drain();
  EXPECT_EQ(room, 1);
  EXPECT_TRUE(inbox.try_push(ShardId{0}, message = [] {}, [] {}));
}

TEST(Inbox, NothingIsLostBetweenThreads) {
  Inbox inbox(1);
  constexpr int k_threads = 4;
  constexpr int k_each = 5000;
  int ran = 0;
  std::vector<std::jthread> threads;
  for (int i = 0; i < k_threads; ++i) {
    threads.emplace_back([&inbox, &ran] {
      for (int j = 0; j < k_each; ++j) inbox.push([&ran] { ++ran; });
    });
  }
  while (ran < k_threads * k_each) {
    if (!inbox.drain() && inbox.fall_asleep()) {
      pollfd fd{inbox.wakeup_descriptor(), POLLIN, 0};
      ASSERT_EQ(::poll(&fd, 1, 10'000), 1);
      inbox.awake();
    }
  }
  EXPECT_EQ(ran, k_threads * k_each);
}

}  // namespace
}  // namespace moldau::os
