#include "os/runtime.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <mutex>
#include <set>
#include <thread>

namespace moldau::os {
namespace {

env::Task<void> note(std::set<std::thread::id>& threads, std::mutex& mutex) {
  const std::lock_guard lock(mutex);
  threads.insert(std::this_thread::get_id());
  co_return;
}

TEST(Runtime, EachShardHasAThreadAndTheFirstIsTheCallers) {
  Runtime runtime({.shards = 3});
  std::mutex mutex;
  std::set<std::thread::id> threads;
  runtime.run([&](env::Env&) { return note(threads, mutex); });
  EXPECT_EQ(threads.size(), 3U);
  EXPECT_TRUE(threads.contains(std::this_thread::get_id()));
}

TEST(Runtime, ZeroShardsMeansOnePerCore) {
  const Runtime runtime({.shards = 0});
  EXPECT_EQ(runtime.shard_count(), core_count());
}

TEST(Runtime, RunsAgainAfterItEnded) {
  Runtime runtime({.shards = 2});
  std::mutex mutex;
  for (int i = 0; i < 2; ++i) {
    std::set<std::thread::id> threads;
    runtime.run([&](env::Env&) { return note(threads, mutex); });
    EXPECT_EQ(threads.size(), 2U);
  }
}

TEST(Runtime, RaisesTheLimitOfDescriptorsToWhatIsAllowed) {
  const Runtime runtime;
  rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  EXPECT_EQ(limit.rlim_cur, limit.rlim_max);
}

}  // namespace
}  // namespace moldau::os
