#include "os/socket.h"

#include <gtest/gtest.h>

#include "env/task_group.h"
#include "unit/os/connected.h"
#include "unit/os/world.h"

namespace moldau::os {
namespace {

std::string long_text(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + i % 23);
  return text;
}

env::Task<void> pass_much(env::Env& env) {
  Connected ends = co_await connect_pair(env);
  const std::string sent = long_text(20 << 20);  // far more than the socket holds
  env::TaskGroup group(env.scheduler);
  group.spawn(write_all(*ends.near, sent));
  EXPECT_EQ(co_await read_some(*ends.far, sent.size()), sent);
  co_await group.join();
}

TEST(PosixStream, WriterAndReaderWaitForEachOther) { on_one_shard(&pass_much); }

env::Task<void> gather(env::Env& env) {
  Connected ends = co_await connect_pair(env);
  const std::array<Bytes, 3> parts{as_bytes("ab"), as_bytes(""), as_bytes("cde")};
  EXPECT_EQ(*ends.near->try_write(parts), 5U);
  EXPECT_EQ(co_await read_some(*ends.far, 5), "abcde");
}

TEST(PosixStream, PartsArriveInOrder) { on_one_shard(&gather); }

env::Task<void> end_of_stream(env::Env& env) {
  Connected ends = co_await connect_pair(env);
  co_await write_all(*ends.near, "last words");
  ends.near->shutdown_write();
  EXPECT_EQ(co_await read_some(*ends.far, 100), "last words");
  std::array<std::byte, 8> buffer{};
  const Result<std::size_t> at_end = ends.far->try_read(buffer);
  EXPECT_EQ(at_end.error().code(), Errc::connection_closed);
  co_await write_all(*ends.far, "answer");  // the other direction is still open
  EXPECT_EQ(co_await read_some(*ends.near, 6), "answer");
}

TEST(PosixStream, ShutdownWriteEndsOneDirection) { on_one_shard(&end_of_stream); }

env::Task<void> peer_gone(env::Env& env) {
  Connected ends = co_await connect_pair(env);
  ends.near->close();
  CHECK_OK(co_await ends.far->readable());
  std::array<std::byte, 8> buffer{};
  EXPECT_EQ(ends.far->try_read(buffer).error().code(), Errc::connection_closed);
  EXPECT_EQ(ends.near->try_read(buffer).error().code(), Errc::cancelled);
}

TEST(PosixStream, ClosedPeerIsSeenByTheReader) { on_one_shard(&peer_gone); }

env::Task<void> wait_readable(env::Stream& stream, Errc& outcome) {
  const Result<void> ready = co_await stream.readable();
  outcome = ready ? Errc::none : ready.error().code();
}
env::Task<void> close_under_waiter(env::Env& env) {
  Connected ends = co_await connect_pair(env);
  Errc outcome = Errc::none;
  env::TaskGroup group(env.scheduler);
  group.spawn(wait_readable(*ends.near, outcome));
  ends.near.reset();  // goes before its waiter has run
  co_await group.join();
  EXPECT_EQ(outcome, Errc::cancelled);
}

TEST(PosixStream, ClosingCancelsItsWaiters) { on_one_shard(&close_under_waiter); }

env::Task<void> send_all(env::Stream& stream, env::FileRange range) {
  while (range.size > 0) {
    const Result<std::size_t> put = stream.try_send_file(range);
    CHECK_OK(put);
    range.position += *put;
    range.size -= *put;
    if (*put == 0) CHECK_OK(co_await stream.writable());
  }
}
env::Task<void> send_file(env::Env& env, const TempDirectory* in) {
  Connected ends = co_await connect_pair(env);
  auto file = co_await env.disk.open(*in / "f", env::OpenMode::create);
  CHECK_OK(file);
  const std::string content = long_text(5 << 20);
  CHECK_OK(co_await (*file)->write_at(0, {SharedBytes::copy_of(as_bytes(content))}));
  env::TaskGroup group(env.scheduler);
  group.spawn(send_all(*ends.near, {*file, 100, content.size() - 100}));
  EXPECT_EQ(co_await read_some(*ends.far, content.size() - 100), content.substr(100));
  co_await group.join();
  const Result<std::size_t> beyond = ends.near->try_send_file({*file, content.size(), 10});
  EXPECT_EQ(beyond.error().code(), Errc::io_failure);
}

TEST(PosixStream, FileRangeIsSentAndAShorterFileIsAnError) {
  const TempDirectory directory;
  on_one_shard([&](env::Env& env) { return send_file(env, &directory); });
}

}  // namespace
}  // namespace moldau::os
