#include "rpc/frame_reader.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "base/limits.h"
#include "base/rng.h"
#include "env/task_group.h"
#include "unit/rpc/rpc_world.h"

namespace moldau::rpc {
namespace {

constexpr std::size_t k_mb = std::size_t{1} << 20U;
constexpr FrameLimits k_limits{.frame_bytes_max = 100 * k_mb,
                               .stall_max = std::chrono::seconds{30}};

std::string text_of(const Result<SharedBytes>& frame) {
  return frame ? std::string{as_text(frame->view())}
               : fmt::format("error {}", frame.error().describe());
}

// Sends `bytes` in pieces of the given sizes, letting the reader run between them.
env::Task<void> send_in_pieces(env::Env& env, env::Stream& stream, std::string bytes,
                               std::size_t piece_max, std::uint64_t seed) {
  Rng rng(seed);
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t size = std::min(1 + rng.below(piece_max), bytes.size() - at);
    co_await os::write_all(stream, bytes.substr(at, size));
    at += size;
    if (rng.one_in(4)) co_await env::sleep_for(env, std::chrono::microseconds{100});
  }
  stream.shutdown_write();
}

env::Task<void> read_all(env::Env& env, std::vector<std::size_t> sizes, std::size_t piece_max,
                         std::uint64_t seed) {
  ShardParts parts(env);
  os::Connected ends = co_await os::connect_pair(env);
  FrameReader reader(env, *ends.far, parts.memory, k_limits);
  std::string sent;
  for (const std::size_t size : sizes) sent += framed(patterned(size));
  env::TaskGroup group(env.scheduler);
  group.spawn(send_in_pieces(env, *ends.near, sent, piece_max, seed));
  std::vector<SharedBytes> held;  // frames stay good while others are read
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    Result<SharedBytes> frame = co_await reader.next();
    CHECK_OK(frame);
    held.push_back(*std::move(frame));
  }
  const Result<SharedBytes> end = co_await reader.next();
  EXPECT_EQ(end.error().code(), Errc::connection_closed);
  EXPECT_EQ(end.error().text(), "");
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    EXPECT_EQ(as_text(held[i].view()), patterned(sizes[i]));
  }
  co_await group.join();
}

TEST(FrameReader, FramesOfAllSizesArriveWhole) {
  os::on_one_shard([](env::Env& env) {
    return read_all(env,
                    {0, 1, 100, 32'763, 32'764, 32'765, 40'000, 3, 2 * k_mb, 2 * k_mb + 1, 0,
                     9 * k_mb, 65'536, 7},
                    300'000, 1);
  });
}

TEST(FrameReader, FramesInSmallPiecesArriveWhole) {
  Rng rng(5);
  std::vector<std::size_t> sizes;
  for (int i = 0; i < 300; ++i) sizes.push_back(rng.below(2000));
  os::on_one_shard([&](env::Env& env) { return read_all(env, sizes, 700, 2); });
}

env::Task<void> refused(env::Env& env, std::string bytes, Errc code, std::string text) {
  ShardParts parts(env);
  os::Connected ends = co_await os::connect_pair(env);
  FrameReader reader(env, *ends.far, parts.memory, {1000, std::chrono::milliseconds{50}});
  co_await os::write_all(*ends.near, bytes);
  const Result<SharedBytes> frame = co_await reader.next();
  EXPECT_FALSE(frame.has_value());
  EXPECT_EQ(frame.error().code(), code);
  EXPECT_TRUE(frame.error().text().starts_with(text)) << frame.error().text();
}
void expect_refused(std::string bytes, Errc code, std::string text) {
  os::on_one_shard([&](env::Env& env) { return refused(env, bytes, code, text); });
}

env::Task<void> http_behind_a_frame(env::Env& env) {
  ShardParts parts(env);
  os::Connected ends = co_await os::connect_pair(env);
  FrameReader reader(env, *ends.far, parts.memory, k_limits);
  co_await os::write_all(*ends.near, framed("x") + "GET ");
  EXPECT_EQ(text_of(co_await reader.next()), "x");
  EXPECT_TRUE(text_of(co_await reader.next()).contains("announces a request of 1195725856"));
}

TEST(FrameReader, WhatIsNotAFrameIsRefusedWithWhatToDo) {
  expect_refused(std::string("\xff\xff\xff\xff", 4), Errc::bad_frame,
                 "announces a request of -1 bytes");
  expect_refused(std::string("\0\0\3\xe9", 4), Errc::bad_frame,
                 "announces a request of 1001 bytes; socket.request.max.bytes is 1000. Raise that");
  expect_refused("GET / HTTP/1.1\r\n\r\n", Errc::bad_frame, "speaks HTTP");
  expect_refused("\x16\x03\x01\x02", Errc::bad_frame, "sends a TLS hello");
  // Behind a good frame the same bytes are only a wrong size.
  os::on_one_shard(&http_behind_a_frame);
}

TEST(FrameReader, SlowSenderIsToldOff) {
  expect_refused(std::string("\0\0\3\xe8"
                             "abc",
                             7),
                 Errc::timed_out, "began a request and sent");
}

env::Task<void> closed_inside(env::Env& env) {
  ShardParts parts(env);
  os::Connected ends = co_await os::connect_pair(env);
  FrameReader reader(env, *ends.far, parts.memory, k_limits);
  co_await os::write_all(*ends.near, std::string("\0\0\0\x64half", 8));
  ends.near->shutdown_write();
  EXPECT_EQ((co_await reader.next()).error().text(),
            "closed the connection in the middle of a request");
}

TEST(FrameReader, EndInsideAFrameIsTold) { os::on_one_shard(&closed_inside); }

env::Task<void> read_one(FrameReader& reader, int& done) {
  if (co_await reader.next()) ++done;
}

// 51 connections each announce 100 MB and send a little; the budget is not touched by
// announcements, and nobody holds more than what came.
env::Task<void> announce_much(env::Env& env) {
  ShardParts parts(env);
  std::vector<std::unique_ptr<os::Connected>> ends;
  std::vector<std::unique_ptr<FrameReader>> readers;
  int done = 0;
  env::TaskGroup group(env.scheduler);
  for (int i = 0; i < 51; ++i) {
    ends.push_back(std::make_unique<os::Connected>(co_await os::connect_pair(env)));
    readers.push_back(
        std::make_unique<FrameReader>(env, *ends.back()->far, parts.memory, k_limits));
    group.spawn(read_one(*readers.back(), done));
    co_await os::write_all(*ends.back()->near, std::string("\x06\x40\0\0", 4) + "ab");
  }
  co_await env::sleep_for(env, Milliseconds{20});
  EXPECT_LE(parts.memory.charged(), 51U * 2);
  for (auto& pair : ends) pair->near->close();
  co_await group.join();
  EXPECT_EQ(done, 0);
  EXPECT_EQ(parts.memory.charged(), 0U);
}

TEST(FrameReader, AnnouncedSizesTakeNoMemory) { os::on_one_shard(&announce_much); }

env::Task<void> send_and_keep(env::Stream& stream, std::string bytes) {
  co_await os::write_all(stream, bytes);
}

// Two honest senders and a liar that stalls share a budget for less than one frame.
env::Task<void> under_pressure(env::Env& env) {
  ShardParts parts(env, {.value = 100'000, .at_limit = AtLimit::stop_reading});
  std::vector<std::unique_ptr<os::Connected>> ends;
  std::vector<std::unique_ptr<FrameReader>> readers;
  int done = 0;
  env::TaskGroup group(env.scheduler);
  for (int i = 0; i < 3; ++i) {
    ends.push_back(std::make_unique<os::Connected>(co_await os::connect_pair(env)));
    readers.push_back(
        std::make_unique<FrameReader>(env, *ends.back()->far, parts.memory, k_limits));
  }
  const std::string whole = framed(patterned(k_mb));
  group.spawn(read_one(*readers[0], done));
  co_await os::write_all(*ends[0]->near, whole.substr(0, 150'000));  // and no more
  co_await env::sleep_for(env, Milliseconds{20});
  group.spawn(read_one(*readers[1], done));
  group.spawn(read_one(*readers[2], done));
  group.spawn(send_and_keep(*ends[1]->near, whole));
  group.spawn(send_and_keep(*ends[2]->near, whole));
  co_await group.join();
  EXPECT_EQ(done, 2);
  EXPECT_GT(parts.counters.named("frame_bytes_per_shard_max").value(), 0U);
}

TEST(FrameReader, StallingSenderLosesItsMemoryWhenOthersWaitForIt) {
  os::on_one_shard(&under_pressure);
}

}  // namespace
}  // namespace moldau::rpc
