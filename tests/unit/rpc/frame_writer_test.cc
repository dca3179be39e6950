#include "rpc/frame_writer.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "env/task_group.h"
#include "unit/rpc/rpc_world.h"

namespace moldau::rpc {
namespace {

FrameFront front_of(std::string_view text) {
  FrameFront front;
  std::ranges::copy(as_bytes(text), front.bytes.begin());
  front.size = text.size();
  return front;
}

env::Task<void> run(FrameWriter& writer, Errc& outcome) {
  const Result<void> ended = co_await writer.run();
  outcome = ended ? Errc::none : ended.error().code();
}

env::Task<void> out_of_order(env::Env& env) {
  os::Connected ends = co_await os::connect_pair(env);
  FrameWriter writer(env, *ends.near);
  Errc outcome = Errc::unknown_server_error;
  env::TaskGroup group(env.scheduler);
  group.spawn(run(writer, outcome));
  const auto a = writer.reserve();
  const auto b = writer.reserve();
  const auto c = writer.reserve();
  const auto d = writer.reserve();
  writer.fill(d, front_of("4"), {bytes_of("dd")});
  writer.fill(b, front_of("2"), {bytes_of("b"), bytes_of(""), bytes_of("bb")});
  writer.skip(c);
  writer.fill(a, front_of("1"), {});
  EXPECT_EQ(writer.unsent(), 4U);
  EXPECT_EQ(writer.unsent_bytes(), 5U);
  writer.finish();
  EXPECT_EQ(co_await os::read_some(*ends.far, 8), "12bbb4dd");
  co_await group.join();
  EXPECT_EQ(outcome, Errc::none);
  EXPECT_EQ(writer.unsent(), 0U);
  EXPECT_EQ(writer.unsent_bytes(), 0U);
}

TEST(FrameWriter, FramesLeaveInTheOrderOfTheirSlots) { os::on_one_shard(&out_of_order); }

env::Task<void> note(FrameWriter::Left& left, std::string& seen, char name) {
  seen += name;
  seen += (co_await left) ? '+' : '-';
}

env::Task<void> leaving(env::Env& env) {
  os::Connected ends = co_await os::connect_pair(env);
  FrameWriter writer(env, *ends.near);
  Errc outcome = Errc::none;
  std::string seen;
  env::TaskGroup group(env.scheduler);
  FrameWriter::Left small(env.scheduler), large(env.scheduler), late(env.scheduler);
  writer.fill(writer.reserve(), front_of("1"), {bytes_of("a")}, &small);
  writer.fill(writer.reserve(), front_of("2"), {bytes_of(patterned(50 << 20))}, &large);
  EXPECT_FALSE(small.completed());
  group.spawn(run(writer, outcome));
  co_await note(small, seen, 's');
  EXPECT_FALSE(large.completed()) << "nobody reads";
  ends.near->close();
  co_await note(large, seen, 'l');
  co_await group.join();
  writer.fill(writer.reserve(), front_of("3"), {}, &late);
  co_await note(late, seen, 'n');
  EXPECT_EQ(seen, "s+l-n-");
}

TEST(FrameWriter, SaysWhenAFrameHasLeftAndWhenItNeverWill) { os::on_one_shard(&leaving); }

env::Task<void> many(env::Env& env) {
  os::Connected ends = co_await os::connect_pair(env);
  FrameWriter writer(env, *ends.near);
  Errc outcome = Errc::unknown_server_error;
  env::TaskGroup group(env.scheduler);
  group.spawn(run(writer, outcome));
  std::string expected;
  for (int i = 0; i < 500; ++i) {  // more parts than one gather call takes, more than the socket
    const std::string body = patterned(static_cast<std::size_t>(i) * 100);
    expected += fmt::format("{:03}", i) + body;
    writer.fill(
        writer.reserve(), front_of(fmt::format("{:03}", i)),
        {bytes_of(body.substr(0, body.size() / 2)), bytes_of(body.substr(body.size() / 2))});
  }
  writer.finish();
  EXPECT_EQ(co_await os::read_some(*ends.far, expected.size()), expected);
  co_await group.join();
  EXPECT_EQ(outcome, Errc::none);
}

TEST(FrameWriter, ManyFramesThatAreReadyTogetherArriveWhole) { os::on_one_shard(&many); }

env::Task<void> with_files(env::Env& env, const os::TempDirectory* in) {
  os::Connected ends = co_await os::connect_pair(env);
  auto file = co_await env.disk.open(*in / "f", env::OpenMode::create);
  CHECK_OK(file);
  const std::string content = patterned(5 << 20);
  CHECK_OK(co_await (*file)->write_at(0, {bytes_of(content)}));
  FrameWriter writer(env, *ends.near);
  Errc outcome = Errc::unknown_server_error;
  env::TaskGroup group(env.scheduler);
  group.spawn(run(writer, outcome));
  writer.fill(writer.reserve(), front_of("<"),
              {bytes_of("head"), env::FileRange{*file, 10, (4 << 20) + 3}, bytes_of("mid"),
               env::FileRange{*file, 0, 0}, env::FileRange{*file, 5, 2}});
  writer.fill(writer.reserve(), front_of(">"), {});
  writer.finish();
  const std::string expected =
      "<head" + content.substr(10, (4 << 20) + 3) + "mid" + content.substr(5, 2) + ">";
  EXPECT_EQ(co_await os::read_some(*ends.far, expected.size()), expected);
  co_await group.join();
  EXPECT_EQ(outcome, Errc::none);
}

TEST(FrameWriter, RangesOfFilesGoBetweenBytes) {
  const os::TempDirectory directory;
  os::on_one_shard([&](env::Env& env) { return with_files(env, &directory); });
}

env::Task<void> short_file(env::Env& env, const os::TempDirectory* in) {
  os::Connected ends = co_await os::connect_pair(env);
  auto file = co_await env.disk.open(*in / "f", env::OpenMode::create);
  CHECK_OK(file);
  FrameWriter writer(env, *ends.near);
  Errc outcome = Errc::none;
  env::TaskGroup group(env.scheduler);
  group.spawn(run(writer, outcome));
  writer.fill(writer.reserve(), front_of("<"), {env::FileRange{*file, 0, 10}});
  co_await group.join();
  EXPECT_EQ(outcome, Errc::io_failure);
}

TEST(FrameWriter, FileShorterThanItsRangeEndsTheStream) {
  const os::TempDirectory directory;
  os::on_one_shard([&](env::Env& env) { return short_file(env, &directory); });
}

env::Task<void> peer_gone(env::Env& env) {
  os::Connected ends = co_await os::connect_pair(env);
  FrameWriter writer(env, *ends.near);
  Errc outcome = Errc::none;
  env::TaskGroup group(env.scheduler);
  group.spawn(run(writer, outcome));
  const auto late = writer.reserve();
  writer.fill(writer.reserve(), front_of("x"), {});
  ends.near->close();
  writer.fill(late, front_of("y"), {});
  co_await group.join();
  EXPECT_EQ(outcome, Errc::cancelled);
  EXPECT_EQ(writer.unsent(), 0U);
}

TEST(FrameWriter, ClosedStreamEndsIt) { os::on_one_shard(&peer_gone); }

}  // namespace
}  // namespace moldau::rpc
