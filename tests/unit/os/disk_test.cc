#include "os/disk.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <vector>

#include "unit/os/world.h"

namespace moldau::os {
namespace {

using env::OpenMode;

class PosixDiskTest : public testing::Test {
 protected:
  void run(env::Task<void> (*body)(env::Env&, const TempDirectory*)) {
    on_one_shard([&](env::Env& env) { return body(env, &directory); });
  }
  TempDirectory directory;
};

env::Task<Errc> open_error(env::Env& env, std::string path, OpenMode mode) {
  const auto file = co_await env.disk.open(std::move(path), mode);
  co_return file ? Errc::none : file.error().code();
}

env::Task<void> open_modes(env::Env& env, const TempDirectory* in) {
  EXPECT_EQ(co_await open_error(env, *in / "a", OpenMode::read), Errc::not_found);
  EXPECT_EQ(co_await open_error(env, *in / "a", OpenMode::read_write), Errc::not_found);
  EXPECT_EQ(co_await open_error(env, *in / "a", OpenMode::create_exclusive), Errc::none);
  EXPECT_EQ(co_await open_error(env, *in / "a", OpenMode::create_exclusive), Errc::already_exists);
  EXPECT_EQ(co_await open_error(env, *in / "a", OpenMode::create), Errc::none);
  EXPECT_EQ(co_await open_error(env, *in / "a", OpenMode::read), Errc::none);
  EXPECT_EQ(co_await open_error(env, *in / "a", OpenMode::read_write), Errc::none);
}

TEST_F(PosixDiskTest, OpenModesDifferInWhatMustBeThere) { run(&open_modes); }

env::Task<void> names(env::Env& env, const TempDirectory* in) {
  CHECK_OK(co_await env.disk.make_directory(*in / "x/y/z"));
  CHECK_OK(co_await env.disk.make_directory(*in / "x/y/z"));
  CHECK_OK(co_await env::replace_file(env.disk, *in / "x/b", SharedBytes::copy_of(as_bytes("bb"))));
  CHECK_OK(co_await env::replace_file(env.disk, *in / "x/a", SharedBytes::copy_of(as_bytes("a"))));
  const auto entries = co_await env.disk.list(*in / "x");
  CHECK_OK(entries);
  EXPECT_EQ(entries->size(), 3U);
  EXPECT_EQ((*entries)[0].name, "a");
  EXPECT_EQ((*entries)[1].name, "b");
  EXPECT_EQ((*entries)[1].size, 2U);
  EXPECT_TRUE((*entries)[2].is_directory);
  CHECK_OK(co_await env.disk.rename(*in / "x/a", *in / "x/b"));
  const auto content = co_await env::read_file(env.disk, *in / "x/b", 10);
  CHECK_OK(content);
  EXPECT_EQ(as_text(content->view()), "a");
  CHECK_OK(co_await env::remove_tree(env.disk, *in / "x"));
  EXPECT_FALSE(*co_await env.disk.exists(*in / "x"));
}

TEST_F(PosixDiskTest, DirectoriesAreMadeListedRenamedAndRemoved) { run(&names); }

env::Task<void> space(env::Env& env, const TempDirectory* in) {
  const auto space = co_await env.disk.space_of(*in / ".");
  CHECK_OK(space);
  EXPECT_GT(space->total_bytes, 0U);
  EXPECT_LE(space->usable_bytes, space->total_bytes);
  EXPECT_TRUE(space->directory.starts_with("/"));
  const auto none = co_await env.disk.space_of(*in / "nothing");
  EXPECT_FALSE(none.has_value());
}

TEST_F(PosixDiskTest, DirectoryTellsTheSpaceOfItsFileSystem) { run(&space); }

env::Task<void> missing(env::Env& env, const TempDirectory* in) {
  EXPECT_EQ((co_await env.disk.list(*in / "no")).error().code(), Errc::not_found);
  EXPECT_EQ((co_await env.disk.remove(*in / "no")).error().code(), Errc::not_found);
  EXPECT_EQ((co_await env.disk.remove_directory(*in / "no")).error().code(), Errc::not_found);
  EXPECT_EQ((co_await env.disk.rename(*in / "no", *in / "b")).error().code(), Errc::not_found);
  EXPECT_EQ((co_await env.disk.sync_directory(*in / "no")).error().code(), Errc::not_found);
  EXPECT_FALSE(*co_await env.disk.exists(*in / "no"));
  EXPECT_TRUE(*co_await env.disk.exists(in->path()));
}

TEST_F(PosixDiskTest, WhatIsMissingIsNotFound) { run(&missing); }

env::Task<void> lock_twice(env::Env& env, const TempDirectory* in) {
  {
    const auto first = co_await env.disk.lock(in->path());
    CHECK_OK(first);
    const auto second = co_await env.disk.lock(in->path());
    EXPECT_EQ(second.error().code(), Errc::already_exists);
  }
  CHECK_OK(co_await env.disk.lock(in->path()));
}

TEST_F(PosixDiskTest, LockedDirectoryIsRefusedUntilTheHolderGoes) { run(&lock_twice); }

// Java's FileChannel.tryLock, which Apache Kafka uses, is a classic fcntl lock of the process.
env::Task<void> lock_against_java(env::Env& env, const TempDirectory* in) {
  const auto held = co_await env.disk.lock(in->path());
  CHECK_OK(held);
  const std::string path = *in / ".lock";
  const pid_t other = ::fork();
  if (other == 0) {
    const int fd = ::open(path.c_str(), O_RDWR);
    struct flock whole{};
    whole.l_type = F_WRLCK;
    ::_exit(fd >= 0 && ::fcntl(fd, F_SETLK, &whole) == 0 ? 0 : 1);
  }
  int status = 0;
  ::waitpid(other, &status, 0);
  EXPECT_EQ(WEXITSTATUS(status), 1);
}

TEST_F(PosixDiskTest, LockKeepsOutAProcessThatLocksAsApacheKafkaDoes) { run(&lock_against_java); }

}  // namespace
}  // namespace moldau::os
