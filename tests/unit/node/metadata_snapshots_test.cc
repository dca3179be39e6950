#include "node/metadata_snapshots.h"

#include <gtest/gtest.h>

#include "raft/snapshot_writer.h"
#include "sim/world.h"

namespace moldau::node {
namespace {

class MetadataSnapshotsTest : public testing::Test {
 protected:
  MetadataSnapshotsTest() : env(world.add_host({.name = "node"}).boot().env(0)) {
    EXPECT_TRUE(run(env.disk.make_directory("m")).has_value());
    open();
  }
  template <class T>
  T run(env::Task<T> task) {
    EXPECT_TRUE(world.run_until([&task] { return task.done(); }));
    return task.take_result();
  }
  void open() {
    auto opened = run(MetadataSnapshots::open(env, "m"));
    ASSERT_TRUE(opened.has_value());
    snapshots = *std::move(opened);
  }
  static raft::SnapshotId id(std::int64_t end) { return {Offset{end}, LeaderEpoch{2}}; }
  void write(std::int64_t end, std::int64_t time) {
    raft::SnapshotWriter writer(
        {.id = id(end), .last_contained_log_time = timestamp_of(time), .now = timestamp_of(9)});
    EXPECT_TRUE(run(snapshots->write(id(end), SharedBytes::take(writer.finish()))).has_value());
  }
  std::vector<std::int64_t> ends() {
    std::vector<std::int64_t> all;
    for (const auto& [one, size] : snapshots->all()) all.push_back(one.end_offset.value());
    return all;
  }

  sim::World world{3};
  env::Env& env;
  std::unique_ptr<MetadataSnapshots> snapshots;
};

TEST_F(MetadataSnapshotsTest, WrittenOnesAreThereAfterReopening) {
  write(20, 5);
  write(10, 4);
  EXPECT_EQ(ends(), (std::vector<std::int64_t>{10, 20}));
  open();
  EXPECT_EQ(ends(), (std::vector<std::int64_t>{10, 20}));
}

TEST_F(MetadataSnapshotsTest, DraftsOfACrashAreRemoved) {
  const auto file = run(
      env.disk.open("m/00000000000000000030-0000000002.checkpoint.part", env::OpenMode::create));
  ASSERT_TRUE(file.has_value());
  open();
  EXPECT_TRUE(ends().empty());
  EXPECT_FALSE(*run(env.disk.exists("m/00000000000000000030-0000000002.checkpoint.part")));
}

TEST_F(MetadataSnapshotsTest, DescribedTellsTheTimeInTheHeader) {
  write(10, 4444);
  const auto described = run(snapshots->described());
  ASSERT_TRUE(described.has_value());
  ASSERT_EQ(described->size(), 1U);
  EXPECT_EQ(described->at(0).last_contained_log_time, timestamp_of(4444));
  EXPECT_GT(described->at(0).size, 0);
}

TEST_F(MetadataSnapshotsTest, OlderOnesGo) {
  write(10, 1);
  write(20, 2);
  write(30, 3);
  EXPECT_TRUE(run(snapshots->remove_before(id(20))).has_value());
  EXPECT_EQ(ends(), (std::vector<std::int64_t>{20, 30}));
  open();
  EXPECT_EQ(ends(), (std::vector<std::int64_t>{20, 30}));
}

TEST_F(MetadataSnapshotsTest, PartsAreReadByPosition) {
  write(10, 1);
  const SharedBytes whole = *run(snapshots->read(id(10)));
  const SharedBytes part = *run(snapshots->read_part(id(10), 5, 7));
  EXPECT_TRUE(std::ranges::equal(part.view(), whole.view().subspan(5, 7)));
}

}  // namespace
}  // namespace moldau::node
