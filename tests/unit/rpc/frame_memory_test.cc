#include "rpc/frame_memory.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "unit/rpc/rpc_world.h"

namespace moldau::rpc {
namespace {

constexpr std::size_t k_mb = std::size_t{1} << 20U;

env::Task<void> reuse(env::Env& env) {
  telemetry::Counters counters;
  FrameMemory memory(env, counters);
  auto first = memory.take(100'000);
  EXPECT_GE(first->capacity(), 100'000U);
  const std::byte* place = first->data();
  first.reset();
  auto second = memory.take(70'000);  // the same size class
  EXPECT_EQ(second->data(), place);
  EXPECT_EQ(memory.kept_warm(), 0U);
  co_return;
}

TEST(FrameMemory, DroppedBufferIsReused) { os::on_one_shard(&reuse); }

env::Task<void> give_back(env::Env& env) {
  telemetry::Counters counters;
  FrameMemory memory(env, counters);
  {
    std::vector<std::shared_ptr<FrameBuffer>> buffers;
    for (int i = 0; i < 100; ++i) buffers.push_back(memory.take(k_mb));
  }
  (void)memory.take(1);
  EXPECT_GT(memory.kept_warm(), 0U);
  EXPECT_LE(memory.kept_warm(), 12 * k_mb);
  co_await env::sleep_for(env, Milliseconds{2500});
  EXPECT_EQ(memory.kept_warm(), 0U);
}

TEST(FrameMemory, BuffersKeptWarmAreBoundedAndGivenBackWhenUnused) { os::on_one_shard(&give_back); }

env::Task<void> budget(env::Env& env) {
  telemetry::Counters counters;
  FrameMemory memory(env, counters, {.value = 1000, .at_limit = AtLimit::stop_reading});
  auto a = memory.take(1000);
  auto b = memory.take(1000);
  auto c = memory.take(1000);
  EXPECT_EQ(memory.admit(*a, 600), 600U);
  memory.charge(*a, 600);
  EXPECT_EQ(memory.admit(*b, 600), 400U);
  memory.charge(*b, 400);
  EXPECT_EQ(memory.admit(*b, 10), 10U);  // the one that may go over, so that one can finish
  EXPECT_EQ(memory.admit(*c, 10), 0U);
  EXPECT_EQ(memory.admit(*b, 10), 10U);
  b.reset();
  EXPECT_EQ(memory.charged(), 600U);
  EXPECT_EQ(memory.admit(*c, 1000), 400U);
  co_return;
}

TEST(FrameMemory, BudgetIsSharedAndOneBufferMayGoOverIt) { os::on_one_shard(&budget); }

env::Task<void> drop_elsewhere(env::Env& env) {
  telemetry::Counters counters;
  std::vector<std::jthread> droppers;
  FrameMemory memory(env, counters);
  for (int i = 0; i < 2000; ++i) {
    auto buffer = memory.take(k_mb / 8);
    memory.charge(*buffer, 10);
    buffer->data()[0] = std::byte{1};
    droppers.emplace_back([buffer = std::move(buffer)] {});
    if (droppers.size() == 8) droppers.clear();
  }
  droppers.clear();
  EXPECT_EQ(memory.charged(), 0U);
  co_return;
}

TEST(FrameMemory, BuffersMayBeDroppedOnAnyThread) { os::on_one_shard(&drop_elsewhere); }

env::Task<void> outlive(env::Env& env, std::shared_ptr<FrameBuffer>& kept) {
  telemetry::Counters counters;
  FrameMemory memory(env, counters);
  kept = memory.take(10);
  co_return;
}

TEST(FrameMemory, BufferMayOutliveIt) {
  std::shared_ptr<FrameBuffer> kept;
  os::on_one_shard([&](env::Env& env) { return outlive(env, kept); });
  kept->data()[9] = std::byte{1};
  EXPECT_EQ(kept->data()[9], std::byte{1});
}

}  // namespace
}  // namespace moldau::rpc
