#include "os/thread_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>

namespace moldau::os {
namespace {

TEST(ThreadPool, HasNoThreadBeforeTheFirstJob) {
  std::latch done(1);  // outlives the pool, whose threads may still be inside of it
  ThreadPool pool(4, "test");
  EXPECT_EQ(pool.threads(), 0U);
  pool.submit([&] { done.count_down(); });
  done.wait();
  EXPECT_EQ(pool.threads(), 1U);
}

TEST(ThreadPool, JobsRunBesideEachOtherUpToTheMaximum) {
  std::latch together(3);
  ThreadPool pool(3, "test");
  for (int i = 0; i < 3; ++i) pool.submit([&] { together.arrive_and_wait(); });
  together.wait();
  EXPECT_EQ(pool.threads(), 3U);
}

TEST(ThreadPool, FinishRunsWhatWasSubmittedAndLaterJobsRunInTheCaller) {
  std::atomic<int> ran = 0;
  ThreadPool pool(1, "test");
  for (int i = 0; i < 100; ++i) pool.submit([&] { ++ran; });
  pool.finish();
  EXPECT_EQ(ran, 100);
  pool.submit([&] { ++ran; });
  EXPECT_EQ(ran, 101);
}

}  // namespace
}  // namespace moldau::os
