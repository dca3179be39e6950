#include "os/poller.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <functional>

namespace moldau::os {
namespace {

class Recorder final : public Pollable {
 public:
  void on_ready(Readiness ready) override {
    ++told;
    last = ready;
    if (then) then();
  }
  int told = 0;
  Readiness last{};
  std::function<void()> then;
};

class PollerTest : public testing::Test {
 protected:
  PollerTest() {
    std::array<int, 2> ends{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends.data()), 0);
    near = Descriptor(ends[0]);
    far = Descriptor(ends[1]);
  }
  void send() { ASSERT_EQ(::write(far.get(), "x", 1), 1); }
  Poller poller;
  Descriptor near;
  Descriptor far;
  Recorder recorder;
};

TEST_F(PollerTest, EachChangeIsToldOnce) {
  (void)poller.add(near.get(), recorder);
  EXPECT_EQ(poller.poll(Milliseconds{0}), 1);
  EXPECT_TRUE(recorder.last.writable);
  EXPECT_FALSE(recorder.last.readable);
  EXPECT_EQ(poller.poll(Milliseconds{0}), 0);
  send();
  EXPECT_EQ(poller.poll(Milliseconds{0}), 1);
  EXPECT_TRUE(recorder.last.readable);
  EXPECT_EQ(poller.poll(Milliseconds{0}), 0);
}

TEST_F(PollerTest, PeerThatClosedIsTold) {
  (void)poller.add(near.get(), recorder);
  far.reset();
  poller.poll(Milliseconds{0});
  EXPECT_TRUE(recorder.last.readable);
  EXPECT_TRUE(recorder.last.peer_closed);
}

TEST_F(PollerTest, RemovedInTheSameRoundHearsNothing) {
  Recorder other;
  const Poller::Token first = poller.add(near.get(), recorder);
  const Poller::Token second = poller.add(far.get(), other);
  recorder.then = [&] { poller.remove(second, far.get()); };
  other.then = [&] { poller.remove(first, near.get()); };
  poller.poll(Milliseconds{0});
  EXPECT_EQ(recorder.told + other.told, 1);
}

}  // namespace
}  // namespace moldau::os
