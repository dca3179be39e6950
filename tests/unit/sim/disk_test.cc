#include "sim/disk.h"

#include <gtest/gtest.h>

#include <string>

#include "env/env.h"
#include "env/task_group.h"
#include "sim/world.h"

namespace moldau::sim {
namespace {

using std::chrono::milliseconds;

SharedBytes shared(std::string_view text) { return SharedBytes::copy_of(as_bytes(text)); }

template <class T>
T now(env::Task<T> task) {
  return task.take_result();
}

class PlainDisk : public testing::Test {
 protected:
  std::shared_ptr<env::File> open(const std::string& path) {
    auto file = now(disk_.open(path, env::OpenMode::create));
    EXPECT_TRUE(file.has_value());
    return *file;
  }
  std::string text(const std::string& path) { return std::string(as_text(*volume_.peek(path))); }
  Volume volume_;
  Disk disk_{volume_};
};

TEST_F(PlainDisk, EveryCallCompletesAtOnce) {
  const auto file = open("f");
  EXPECT_TRUE(now(file->write_at(0, {shared("ab"), shared("cd")})).has_value());
  EXPECT_TRUE(now(file->sync()).has_value());
  EXPECT_EQ(as_text(now(file->read_at(1, 10))->view()), "bcd");
  EXPECT_EQ(*file->size(), 4U);
  EXPECT_TRUE(now(disk_.rename("f", "g")).has_value());
  EXPECT_TRUE(*now(disk_.exists("g")));
  EXPECT_EQ(now(disk_.list("."))->size(), 1U);
}

TEST_F(PlainDisk, AReplacedFileIsTheOldOneOrTheNewOneAfterEachPowerCut) {
  ASSERT_TRUE(now(env::replace_file(disk_, "f", shared("old"))).has_value());
  volume_.cut_power(PowerCut::lose_all());
  EXPECT_EQ(text("f"), "old");
  Disk after(volume_);
  ASSERT_TRUE(now(env::replace_file(after, "f", shared("new"))).has_value());
  volume_.cut_power(PowerCut::lose_all());
  EXPECT_EQ(text("f"), "new");
}

TEST_F(PlainDisk, AWriteThatFailsLeavesAPrefix) {
  volume_.faults().add({.op = DiskOp::write, .path_part = "f"});
  const auto result = now(open("f")->write_at(0, {shared("abcdef")}));
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code(), Errc::io_failure);
  EXPECT_TRUE(std::string("abcdef").starts_with(text("f")));
}

TEST_F(PlainDisk, AFullDiskAnswersNoSpace) {
  volume_.faults().add({.op = DiskOp::write, .path_part = "", .fault = DiskFault::no_space});
  const auto result = now(open("f")->write_at(0, {shared("abcdef")}));
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code(), Errc::no_space);
}

TEST_F(PlainDisk, SpaceIsWhatTheFilesLeaveOfTheCapacity) {
  volume_.set_capacity(10);
  ASSERT_TRUE(now(open("f")->write_at(0, {shared("abcd")})).has_value());
  const auto space = now(disk_.space_of("."));
  ASSERT_TRUE(space.has_value());
  EXPECT_EQ(space->total_bytes, 10U);
  EXPECT_EQ(space->usable_bytes, 6U);
  EXPECT_EQ(now(disk_.space_of("nowhere")).error().code(), Errc::not_found);
}

TEST_F(PlainDisk, AFileStaysReadableAfterItsNameWasRemoved) {
  const auto file = open("f");
  ASSERT_TRUE(now(file->write_at(0, {shared("abc")})).has_value());
  ASSERT_TRUE(now(disk_.remove("f")).has_value());
  EXPECT_EQ(as_text(now(file->read_at(0, 3))->view()), "abc");
  EXPECT_FALSE(*now(disk_.exists("f")));
}

TEST_F(PlainDisk, TheLockGoesWithItsHolder) {
  ASSERT_TRUE(now(disk_.make_directory("d")).has_value());
  auto lock = now(disk_.lock("d"));
  ASSERT_TRUE(lock.has_value());
  EXPECT_EQ(now(disk_.lock("d")).error().code(), Errc::already_exists);
  lock->reset();
  EXPECT_TRUE(now(disk_.lock("d")).has_value());
}

TEST_F(PlainDisk, ARangeThatTheFileDoesNotHaveIsAnIoFailure) {
  const auto file = open("f");
  ASSERT_TRUE(now(file->write_at(0, {shared("abc")})).has_value());
  EXPECT_EQ(Disk::read_range({.file = file, .position = 1, .size = 2})->size(), 2U);
  EXPECT_EQ(Disk::read_range({.file = file, .position = 1, .size = 3}).error().code(),
            Errc::io_failure);
}

class LyingDisk final : public DiskFilter {
 public:
  SyncAnswer on_sync(const std::string&) override { return SyncAnswer::lie; }
  void on_truncate(const std::string&, Bytes, std::uint64_t& size) override { ++size; }
  void on_write(const std::string&, std::uint64_t&, std::vector<std::byte>& bytes) override {
    bytes.push_back(std::byte{'!'});
  }
};

TEST_F(PlainDisk, AFilterChangesWhatTheDiskDoes) {
  LyingDisk filter;
  volume_.set_filter(&filter);
  const auto file = open("f");
  ASSERT_TRUE(now(file->write_at(0, {shared("abc")})).has_value());
  EXPECT_EQ(text("f"), "abc!");
  ASSERT_TRUE(now(file->truncate(1)).has_value());
  EXPECT_EQ(text("f"), "ab");
  ASSERT_TRUE(now(file->sync()).has_value());
  EXPECT_GT(volume_.unsynced(), 0U);
}

// A host whose program is one task.
class TimedDisk : public testing::Test {
 protected:
  World world_{11};
  Host& host_ = world_.add_host({.name = "a"});
  Boot& boot_ = host_.boot();
  env::TaskGroup tasks_{boot_.env(0).scheduler};
};

env::Task<void> write_and_sync(env::Disk& disk, Result<void>& result) {
  auto file = co_await disk.open("f", env::OpenMode::create);
  if (!file) {
    result = fail(file.error());
    co_return;
  }
  result = co_await (*file)->write_at(0, {shared("abc")});
  if (result) result = co_await (*file)->sync();
}

TEST_F(TimedDisk, CallsTakeTheWorldsTime) {
  Result<void> result = fail(Errc::timed_out);
  tasks_.spawn(write_and_sync(boot_.env(0).disk, result));
  EXPECT_EQ(tasks_.running(), 1U);
  const Instant start = world_.now();
  EXPECT_TRUE(world_.run_until([&] { return tasks_.running() == 0; }, 100));
  EXPECT_TRUE(result.has_value());
  EXPECT_GE(world_.now() - start, std::chrono::microseconds(100));
}

TEST_F(TimedDisk, AStallDelaysTheAnswer) {
  host_.volume().faults().add(
      {.op = DiskOp::sync, .path_part = "", .fault = DiskFault::none, .stall = milliseconds(500)});
  Result<void> result = fail(Errc::timed_out);
  tasks_.spawn(write_and_sync(boot_.env(0).disk, result));
  EXPECT_TRUE(world_.run_until([&] { return tasks_.running() == 0; }, 100));
  EXPECT_TRUE(result.has_value());
  EXPECT_GE(world_.now().time_since_epoch(), milliseconds(500));
}

TEST_F(TimedDisk, CallsOfAnEndedBootAreCancelledAndHaveNoEffect) {
  Result<void> result;
  tasks_.spawn(write_and_sync(boot_.env(0).disk, result));
  ASSERT_TRUE(world_.step());  // opened, the write is on its way
  host_.kill();
  EXPECT_TRUE(host_.unwind());
  EXPECT_EQ(tasks_.running(), 0U);
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code(), Errc::cancelled);
  EXPECT_EQ(host_.volume().peek("f")->size(), 0U);
  host_.bury();
}

}  // namespace
}  // namespace moldau::sim
