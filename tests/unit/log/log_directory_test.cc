#include "log/log_directory.h"

#include <gtest/gtest.h>

#include "unit/log/log_world.h"

namespace moldau::log {
namespace {

class LogDirectoryTest : public ::testing::Test {
 protected:
  void open() { directory = world.ok(LogDirectory::open(world.env, "data")); }
  void reopen() {
    directory.reset();
    open();
  }
  std::unique_ptr<PartitionLog> log(const std::string& topic, int partition) {
    return world.ok(PartitionLog::open(
        world.env, world.files, directory->locate(topic, PartitionIndex{partition}, Uuid{1, 2}),
        config));
  }
  LogWorld world;
  std::shared_ptr<const LogConfig> config = std::make_shared<const LogConfig>();
  std::unique_ptr<LogDirectory> directory;
};

TEST_F(LogDirectoryTest, NewDirectoryIsMadeAndLocked) {
  open();
  EXPECT_FALSE(directory->meta().has_value());
  EXPECT_FALSE(directory->was_clean());
  EXPECT_EQ(world.errc(LogDirectory::open(world.env, "data")), Errc::already_exists);
}

TEST_F(LogDirectoryTest, NewDirectoryAndItsParentsSurviveAPowerCut) {
  directory = world.ok(LogDirectory::open(world.env, "a/b/data"));
  directory.reset();
  world.volume.cut_power(sim::PowerCut::lose_all());
  EXPECT_TRUE(world.ok(world.disk.exists("a/b/data")));
}

TEST_F(LogDirectoryTest, FoldersThatTheLastLifeDidNotSyncAreDurableOnceItIsOpen) {
  open();
  directory.reset();
  world.ok(world.disk.make_directory("data/t-0"));
  world.volume.kill_process();
  open();
  directory.reset();
  world.volume.cut_power(sim::PowerCut::lose_all());
  EXPECT_TRUE(world.ok(world.disk.exists("data/t-0")));
}

TEST_F(LogDirectoryTest, MarkerIsTakenAwayAtTheStart) {
  open();
  world.ok(directory->mark_clean_shutdown(BrokerEpoch{11}));
  reopen();
  EXPECT_TRUE(directory->was_clean());
  EXPECT_EQ(directory->previous_broker_epoch(), BrokerEpoch{11});
  directory.reset();
  world.volume.cut_power(sim::PowerCut::lose_all());
  open();
  EXPECT_FALSE(directory->was_clean());
}

TEST_F(LogDirectoryTest, MetaPropertiesAreKept) {
  open();
  const MetaProperties meta{.cluster_id = "c", .node_id = BrokerId{1}, .directory_id = Uuid{1, 2}};
  world.ok(directory->write_meta(meta));
  reopen();
  EXPECT_EQ(directory->meta(), meta);
}

TEST_F(LogDirectoryTest, FoldersComeSortedWithTheirOffsets) {
  open();
  for (const char* folder : {"data/b-10", "data/b-2", "data/a-0", "data/remote-log-index-cache",
                             "data/a-1.0f-delete", "data/a-2.0f-stray"}) {
    world.ok(world.disk.make_directory(folder));
  }
  world.ok(directory->write_recovery_points(
      {{"b", PartitionIndex{10}, Offset{7}}, {"b", PartitionIndex{2}, Offset{5}}}));
  world.ok(directory->write_log_start_offsets({{"b", PartitionIndex{10}, Offset{3}}}));
  world.ok(directory->write_high_watermarks({{"b", PartitionIndex{2}, Offset{4}}}));
  reopen();
  std::vector<std::string> paths;
  for (const FoundFolder& folder : directory->folders()) paths.push_back(folder.where.path);
  EXPECT_EQ(paths, (std::vector<std::string>{"data/a-0", "data/a-1.0f-delete", "data/a-2.0f-stray",
                                             "data/b-2", "data/b-10"}));
  EXPECT_EQ(directory->folders().back().where.recovery_point, Offset{7});
  EXPECT_EQ(directory->folders().back().where.log_start_offset, Offset{3});
  EXPECT_EQ(directory->high_watermarks().front().offset, Offset{4});
  EXPECT_EQ(directory->locate("b", PartitionIndex{2}, {}).recovery_point, Offset{5});
}

TEST_F(LogDirectoryTest, StrangeFolderIsNamed) {
  world.ok(world.disk.make_directory("data/lost+found"));
  const auto opened = world.run(LogDirectory::open(world.env, "data"));
  ASSERT_FALSE(opened.has_value());
  EXPECT_NE(opened.error().text().find("lost+found"), std::string_view::npos);
}

TEST_F(LogDirectoryTest, CheckpointThatDoesNotParseCountsAsEmpty) {
  world.write("data/recovery-point-offset-checkpoint", as_bytes("rubbish"));
  open();
  EXPECT_EQ(directory->locate("a", PartitionIndex{0}, {}).recovery_point, Offset{0});
  ASSERT_EQ(directory->unreadable().size(), 1U);
  EXPECT_TRUE(directory->unreadable()[0].starts_with("data/recovery-point-offset-checkpoint: "));
}

TEST_F(LogDirectoryTest, OffsetsOfADeletedTopicDoNotComeBackWithItsName) {
  open();
  world.ok(directory->write_log_start_offsets({{"a", PartitionIndex{0}, Offset{30}}}));
  reopen();
  EXPECT_EQ(directory->locate("a", PartitionIndex{0}, {}).log_start_offset, Offset{0});
}

TEST_F(LogDirectoryTest, FoldersAreSetAsideAndRemoved) {
  open();
  world.ok(log("a", 0)->close());
  world.ok(directory->set_aside("a", PartitionIndex{0}, "77"));
  EXPECT_TRUE(world.ok(world.disk.exists("data/a-0.77-stray")));
  world.ok(world.disk.make_directory("data/b-0.1-delete/x"));
  world.ok(directory->remove_folder({"b", PartitionIndex{0}, FolderKind::deleted, "1"}));
  EXPECT_FALSE(world.ok(world.disk.exists("data/b-0.1-delete")));
}

TEST_F(LogDirectoryTest, ManyLogsAreOpenedInTheOrderAsked) {
  open();
  std::vector<LogLocation> where;
  for (int i = 0; i < 20; ++i) {
    where.push_back(directory->locate("t", PartitionIndex{i}, Uuid{1, 2}));
  }
  where[7].topic_id.reset();
  auto logs = world.run(
      open_logs(world.env, world.files, where, [this](const std::string&) { return config; }, 4));
  ASSERT_EQ(logs.size(), 20U);
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(logs[i].log.has_value());
    EXPECT_EQ((*logs[i].log)->partition(), PartitionIndex{i});
    world.ok((*logs[i].log)->close());
  }
}

TEST_F(LogDirectoryTest, OnlyLogsThatBeginInsideASegmentHaveACheckpointedStart) {
  open();
  const auto one = log("a", 0);
  record::BatchBuilder builder(record::BatchFields{});
  for (int i = 0; i < 4; ++i) builder.append({.timestamp = timestamp_of(1)});
  world.ok(one->append_as_leader(SharedBytes::take(builder.build()), {}));
  EXPECT_EQ(log_start_of(*one), std::nullopt);
  world.ok(one->advance_log_start_offset(Offset{2}));
  EXPECT_EQ(log_start_of(*one), (PartitionOffset{"a", PartitionIndex{0}, Offset{2}}));
  world.ok(one->close());
  EXPECT_EQ(recovery_point_of(*one), (PartitionOffset{"a", PartitionIndex{0}, Offset{4}}));
}

}  // namespace
}  // namespace moldau::log
