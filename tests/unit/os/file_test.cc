#include "os/file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <thread>
#include <vector>

#include "env/task_group.h"
#include "unit/os/world.h"

namespace moldau::os {
namespace {

using FilePtr = std::shared_ptr<env::File>;

SharedBytes text(std::string_view from) { return SharedBytes::copy_of(as_bytes(from)); }
SharedBytes pattern(std::size_t size) {
  std::vector<std::byte> bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>(i * 7 + i / 251);
  return SharedBytes::take(std::move(bytes));
}

class PosixFileTest : public testing::Test {
 protected:
  // Runs `body` with a new empty file.
  void with_file(std::function<env::Task<void>(env::Env&, FilePtr)> body) {
    on_one_shard([&](env::Env& env) { return open_and_run(env, body); });
  }
  env::Task<void> open_and_run(env::Env& env,
                               std::function<env::Task<void>(env::Env&, FilePtr)>& body) {
    Result<FilePtr> file = co_await env.disk.open(path(), env::OpenMode::create);
    CHECK_OK(file);
    co_await body(env, *std::move(file));
  }
  [[nodiscard]] std::string path() const { return directory / "file"; }
  TempDirectory directory;
};

env::Task<void> write_and_read(FilePtr file) {
  CHECK_OK(co_await file->write_at(0, {text("abc"), text(""), text("defg")}));
  CHECK_OK(co_await file->write_at(7, {text("h")}));
  const Result<SharedBytes> got = co_await file->read_at(2, 100);
  CHECK_OK(got);
  EXPECT_EQ(as_text(got->view()), "cdefgh");
  EXPECT_EQ(*file->size(), 8U);
  const Result<SharedBytes> beyond = co_await file->read_at(8, 4);
  CHECK_OK(beyond);
  EXPECT_TRUE(beyond->empty());
}

TEST_F(PosixFileTest, PartsAreReadBackInOrderAndShortOnlyAtTheEnd) {
  with_file([](env::Env&, FilePtr file) { return write_and_read(std::move(file)); });
}

env::Task<void> write_many_parts(FilePtr file) {
  std::vector<SharedBytes> parts;
  std::string expected;
  for (int i = 0; i < 3000; ++i) {  // more than one gather call takes
    expected += fmt::format("{},", i);
    parts.push_back(text(fmt::format("{},", i)));
  }
  CHECK_OK(co_await file->write_at(0, std::move(parts)));
  const Result<SharedBytes> got = co_await file->read_at(0, 1 << 20);
  CHECK_OK(got);
  EXPECT_EQ(as_text(got->view()), expected);
}

TEST_F(PosixFileTest, MorePartsThanOneCallTakesAreAllWritten) {
  with_file([](env::Env&, FilePtr file) { return write_many_parts(std::move(file)); });
}

env::Task<void> read_cold(FilePtr file, std::string path) {
  const SharedBytes content = pattern((3 << 20) + 17);
  CHECK_OK(co_await file->write_at(0, {content}));
  CHECK_OK(co_await file->sync());
  const Descriptor fd(::open(path.c_str(), O_RDONLY));
  CHECK_OP(::posix_fadvise(fd.get(), 0, 0, POSIX_FADV_DONTNEED), ==, 0);
  const Result<SharedBytes> got = co_await file->read_at(0, content.size());
  CHECK_OK(got);
  EXPECT_TRUE(std::ranges::equal(got->view(), content.view()));
}

TEST_F(PosixFileTest, BytesThatAreNotCachedAreReadToo) {
  with_file([this](env::Env&, FilePtr file) { return read_cold(std::move(file), path()); });
}

env::Task<void> warm_up(FilePtr file, std::string path) {
  const SharedBytes content = pattern(1 << 20);
  CHECK_OK(co_await file->write_at(0, {content}));
  CHECK_OK(co_await file->sync());
  const Descriptor fd(::open(path.c_str(), O_RDONLY));
  CHECK_OP(::posix_fadvise(fd.get(), 0, 0, POSIX_FADV_DONTNEED), ==, 0);
  CHECK_OK(co_await file->make_resident(5000, content.size() - 5000));
  env::Task<Result<void>> again = file->make_resident(5000, content.size() - 5000);
  EXPECT_TRUE(again.done());  // no pool: it is there
  CHECK_OK(again.take_result());
  CHECK_OK(co_await file->make_resident(0, 0));
}

TEST_F(PosixFileTest, ResidentRangeIsFoundWithoutTheDisk) {
  with_file([this](env::Env&, FilePtr file) { return warm_up(std::move(file), path()); });
}

// Shard 0 opens a cold file, shard 1 sends from it.
struct ColdSend {
  Runtime runtime{{.shards = 2}};
  std::string path;
  std::atomic<bool> opened = false;
  std::atomic<bool> done = false;
  FilePtr file;

  env::Task<void> run(env::Env& env) {
    return env.mailbox.self() == ShardId{0} ? open(env) : warm(env);
  }
  env::Task<void> open(env::Env& env) {
    Result<FilePtr> created = co_await env.disk.open(path, env::OpenMode::create);
    CHECK_OK(created);
    file = *std::move(created);
    CHECK_OK(co_await file->write_at(0, {pattern(1 << 20)}));
    CHECK_OK(co_await file->sync());
    const Descriptor fd(::open(path.c_str(), O_RDONLY));
    CHECK_OP(::posix_fadvise(fd.get(), 0, 0, POSIX_FADV_DONTNEED), ==, 0);
    opened = true;
    while (!done) co_await env::sleep_for(env, Milliseconds{1});
    file.reset();
  }
  env::Task<void> warm(env::Env& env) {
    while (!opened) co_await env::sleep_for(env, Milliseconds{1});
    const auto here = std::this_thread::get_id();
    CHECK_OK(co_await file->make_resident(0, 1 << 20));
    EXPECT_EQ(std::this_thread::get_id(), here);
    done = true;
  }
};

TEST_F(PosixFileTest, MakingResidentGoesOnOnTheShardThatAsked) {
  ColdSend cold;
  cold.path = path();
  cold.runtime.run([&](env::Env& env) { return cold.run(env); });
}

env::Task<void> sync_once(FilePtr file, int& done) {
  CHECK_OK(co_await file->sync());
  ++done;
}
env::Task<void> sync_often(env::Env& env, FilePtr file) {
  int done = 0;
  env::TaskGroup group(env.scheduler);
  for (int i = 0; i < 50; ++i) {
    CHECK_OK(co_await file->write_at(static_cast<std::uint64_t>(i), {text("x")}));
    group.spawn(sync_once(file, done));
  }
  co_await group.join();
  EXPECT_EQ(done, 50);
}

TEST_F(PosixFileTest, EveryOneOfManySyncsCompletes) {
  with_file([](env::Env& env, FilePtr file) { return sync_often(env, std::move(file)); });
}

env::Task<void> fail_sync(env::Env& env) {
  // A pipe takes no fdatasync: EINVAL stands for a disk that fails.
  std::array<int, 2> ends{};
  CHECK_OP(::pipe(ends.data()), ==, 0);
  const Descriptor other(ends[0]);
  ThreadPool pool(1, "test");
  auto& shard = dynamic_cast<Shard&>(env.scheduler);
  const auto file =
      std::make_shared<PosixFile>(FileParts{shard, pool, pool}, Descriptor(ends[1]), "/the/file");
  const Result<void> first = co_await file->sync();
  EXPECT_EQ(first.error().code(), Errc::io_failure);
  EXPECT_TRUE(first.error().text().starts_with("/the/file: fdatasync: "));
  env::Task<Result<void>> second = file->sync();
  EXPECT_TRUE(second.done());  // not tried again
  EXPECT_EQ(second.take_result().error().code(), Errc::io_failure);
  pool.finish();
}

TEST_F(PosixFileTest, FailedSyncIsNeverRetriedIntoSuccess) {
  on_one_shard([](env::Env& env) { return fail_sync(env); });
}

env::Task<void> reserve_and_truncate(FilePtr file, std::string path, ThreadPool& pool) {
  file->reserve(1 << 20);
  EXPECT_EQ(*file->size(), 0U);
  CHECK_OK(co_await file->write_at(0, {text("abc")}));
  // The hint runs on the pool without anybody waiting; the truncation comes behind it.
  CHECK_OK(co_await file->truncate(2));
  pool.finish();
  EXPECT_EQ(*file->size(), 2U);
  struct stat facts{};
  CHECK_OP(::stat(path.c_str(), &facts), ==, 0);
  EXPECT_EQ(facts.st_size, 2);
}
env::Task<void> reserve_in(env::Env& env, std::string path) {
  ThreadPool pool(1, "test");
  auto& shard = dynamic_cast<Shard&>(env.scheduler);
  const auto file = std::make_shared<PosixFile>(
      FileParts{shard, pool, pool}, Descriptor(::open(path.c_str(), O_RDWR | O_CREAT, 0644)), path);
  co_await reserve_and_truncate(file, path, pool);
}

TEST_F(PosixFileTest, ReservingChangesNoSizeAndTruncatingDoes) {
  on_one_shard([this](env::Env& env) { return reserve_in(env, path()); });
}

env::Task<void> remove_and_read(env::Env& env, FilePtr file, std::string path) {
  CHECK_OK(co_await file->write_at(0, {text("still here")}));
  CHECK_OK(co_await env.disk.remove(path));
  const Result<SharedBytes> got = co_await file->read_at(0, 100);
  CHECK_OK(got);
  EXPECT_EQ(as_text(got->view()), "still here");
}

TEST_F(PosixFileTest, RemovedFileStaysReadableForItsHolders) {
  with_file([this](env::Env& env, FilePtr file) {
    return remove_and_read(env, std::move(file), path());
  });
}

env::Task<void> write_read_only(env::Env& env, std::string path) {
  Result<FilePtr> file = co_await env.disk.open(path, env::OpenMode::read);
  CHECK_OK(file);
  const Result<void> outcome = co_await (*file)->write_at(0, {text("x")});
  EXPECT_EQ(outcome.error().code(), Errc::io_failure);
  EXPECT_EQ(outcome.error().text(), path + ": write: Bad file descriptor");
}

TEST_F(PosixFileTest, FailedWriteNamesTheFile) {
  with_file([this](env::Env& env, FilePtr) { return write_read_only(env, path()); });
}

}  // namespace
}  // namespace moldau::os
