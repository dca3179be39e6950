#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "env/completion.h"
#include "env/task_group.h"
#include "log/file_pool.h"
#include "log/partition_log.h"
#include "record/builder.h"
#include "record/records.h"
#include "sim/world.h"

namespace moldau::log {
namespace {

// Writers, readers, rolls and syncs at the same time on a disk that takes its time.
class BusyLog : public ::testing::TestWithParam<int> {
 protected:
  static SharedBytes batch_of(const std::string& value) {
    record::BatchBuilder builder(record::BatchFields{});
    builder.append(
        {.timestamp = timestamp_of(1000), .key = std::nullopt, .value = as_bytes(value)});
    return SharedBytes::take(builder.build());
  }
  env::Task<> write(PartitionLog& target, int writer, int count, Rng rng) {
    std::int64_t last = -1;
    for (int i = 0; i < count; ++i) {
      std::string value = std::to_string(writer) + ":" + std::to_string(i) + ":";
      value.resize(value.size() + rng.below(400), '.');
      const auto appended = co_await target.append_as_leader(batch_of(value), {});
      if (!appended) co_return;
      EXPECT_GT(appended->first_offset.value(), last);  // the order of the calls
      last = appended->first_offset.value();
      acknowledged[last] = value;
      if (!rng.one_in(4)) continue;
      const Offset end = target.log_end_offset();
      const auto flushed = co_await target.flush();
      if (!flushed) co_return;
      EXPECT_GE(target.recovery_point(), end);
      durable = std::max(durable, end.value());
    }
  }
  env::Task<> read(PartitionLog& target, int count, Rng rng) {
    for (int i = 0; i < count; ++i) {
      const Offset end = target.log_end_offset();
      const Offset from{static_cast<std::int64_t>(rng.below(end.value() + 1))};
      const auto bytes = co_await target.read_batches(
          {.from = from, .bytes_max = 2000, .limit = end, .at_least_one_batch = true});
      if (!bytes) co_return;
      check(bytes->view(), from, end);
    }
  }
  void check(Bytes bytes, Offset from, Offset end) {
    EXPECT_EQ(bytes.empty(), from == end);
    record::BatchesView view(bytes);
    for (Offset at = from; auto batch = view.next(); at = at.next()) {
      if (!*batch) break;
      ASSERT_EQ((*batch)->base_offset(), at);
      ASSERT_LT(at, end);
      ASSERT_TRUE((*batch)->crc_matches());
      const auto known = acknowledged.find(at.value());
      if (known == acknowledged.end()) continue;  // written, but not answered yet
      const auto records = record::Records::read(**batch, 1 << 20);
      ASSERT_EQ(as_text(*records->all().front().value), known->second);
    }
  }
  env::Task<> open(env::Env& env, FilePool& files, bool clean) {
    EXPECT_TRUE((co_await env.disk.make_directory("d")).has_value());
    EXPECT_TRUE((co_await env.disk.sync_directory(".")).has_value());
    auto opened = co_await PartitionLog::open(
        env, files,
        {.path = "d/t-0", .topic = "t", .clean = clean, .recovery_point = Offset{checkpoint}},
        std::make_shared<const LogConfig>(
            LogConfig{.segment_bytes = 3000, .index_interval_bytes = 300}));
    if (opened) log = *std::move(opened);
  }
  env::Task<> close() { EXPECT_TRUE((co_await log->close()).has_value()); }
  env::Task<> close_after_the_end() { EXPECT_FALSE((co_await log->close()).has_value()); }
  void start(sim::World& world, env::Env& env, FilePool& files, env::TaskGroup& tasks, bool clean) {
    tasks.spawn(open(env, files, clean));
    ASSERT_TRUE(world.run_until([&] { return tasks.running() == 0; }));
    ASSERT_NE(log, nullptr);
  }

  std::unique_ptr<PartitionLog> log;
  std::map<std::int64_t, std::string> acknowledged;
  std::int64_t durable = 0;
  std::int64_t checkpoint = 0;
};

TEST_P(BusyLog, EveryAnsweredBatchIsReadAtItsOffsetAndSurvivesACleanStop) {
  sim::World world(GetParam());
  sim::Host& host = world.add_host({.name = "a"});
  for (int life = 0; life < 2; ++life) {
    env::Env& env = host.boot().env(0);
    {
      FilePool files(env.disk, 3);
      env::TaskGroup tasks(env.scheduler);
      start(world, env, files, tasks, life > 0);
      for (int i = 0; i < 3; ++i) tasks.spawn(write(*log, i, 25, world.rng().fork()));
      for (int i = 0; i < 3; ++i) tasks.spawn(read(*log, 25, world.rng().fork()));
      ASSERT_TRUE(world.run_until([&] { return tasks.running() == 0; }));
      EXPECT_EQ(log->log_end_offset(), Offset{75 * (life + 1)});
      EXPECT_EQ(acknowledged.size(), 75U * (life + 1));
      EXPECT_GT(log->segment_count(), 3U);
      tasks.spawn(close());
      ASSERT_TRUE(world.run_until([&] { return tasks.running() == 0; }));
      log.reset();
    }
    host.kill();
    ASSERT_TRUE(host.unwind());
    host.bury();
  }
}

TEST_P(BusyLog, WhatAFlushCoveredSurvivesAPowerCutAtAnyMoment) {
  sim::World world(GetParam());
  sim::Host& host = world.add_host({.name = "a"});
  for (int life = 0; life < 4; ++life) {
    env::Env& env = host.boot().env(0);
    {
      FilePool files(env.disk, 3);
      env::TaskGroup tasks(env.scheduler);
      start(world, env, files, tasks, false);
      const Offset end = log->log_end_offset();
      ASSERT_GE(end.value(), durable);
      acknowledged.erase(acknowledged.lower_bound(end.value()), acknowledged.end());
      tasks.spawn(read(*log, 10, world.rng().fork()));
      for (int i = 0; i < 3; ++i) tasks.spawn(write(*log, i, 25, world.rng().fork()));
      world.run_for(std::chrono::microseconds(200 + world.rng().below(20'000)));
      checkpoint = log->recovery_point().value();
      if (life % 2 == 0) {
        host.cut_power(sim::PowerCut::any(world.rng()));
      } else {
        host.kill();
      }
      tasks.spawn(close_after_the_end());
      ASSERT_TRUE(host.unwind());
      ASSERT_EQ(tasks.running(), 0U);
      log.reset();
    }
    host.bury();
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, BusyLog, ::testing::Range(1, 41));

}  // namespace
}  // namespace moldau::log
