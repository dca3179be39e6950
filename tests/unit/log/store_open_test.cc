#include <gtest/gtest.h>

#include "unit/log/log_world.h"

namespace moldau::log {
namespace {

using StoreOpen = LogTest;

TEST_F(StoreOpen, NewLogHasAnEmptySegmentAndItsTopicId) {
  open();
  EXPECT_EQ(log->log_end_offset(), Offset{0});
  EXPECT_EQ(log->topic_id(), (Uuid{1, 2}));
  const auto found = files();
  EXPECT_EQ(found.size(), 4U);
  EXPECT_EQ(found.at("partition.metadata"), "version: 0\ntopic_id: AAAAAAAAAAEAAAAAAAAAAg");
}

TEST_F(StoreOpen, NewLogSurvivesAPowerCut) {
  open();
  lose_power();
  EXPECT_EQ(log->topic_id(), (Uuid{1, 2}));
}

TEST_F(StoreOpen, FilesOfALifeThatDiedBeforeItSyncedTheirNamesAreFlushedWithTheirNames) {
  struct NamesAreNotSynced final : sim::DiskFilter {
    sim::SyncAnswer on_sync_directory(const std::string& path) override {
      return path == "d/t-0" ? sim::SyncAnswer::lie : sim::SyncAnswer::honest;
    }
  } filter;
  world.volume.set_filter(&filter);
  open();
  log.reset();
  world.volume.kill_process();
  world.volume.set_filter(nullptr);
  config.flush_messages = 1;
  open(false);
  append(1);
  lose_power();
  EXPECT_EQ(all_bases(), (std::vector<std::int64_t>{0}));
}

TEST_F(StoreOpen, CleanLogGoesOnWhereItEnded) {
  open();
  append(3);
  append(2);
  reopen();
  EXPECT_EQ(log->log_end_offset(), Offset{5});
  EXPECT_EQ(log->recovery_point(), Offset{5});
  EXPECT_EQ(append(1).first_offset, Offset{5});
  EXPECT_EQ(all_bases(), (std::vector<std::int64_t>{0, 3, 5}));
}

TEST_F(StoreOpen, AnotherTopicIdIsRefused) {
  open();
  world.ok(log->close());
  where.topic_id = Uuid{1, 3};
  EXPECT_EQ(world.errc(PartitionLog::open(world.env, world.files, where,
                                          std::make_shared<const LogConfig>(config))),
            Errc::inconsistent_topic_id);
}

TEST_F(StoreOpen, FileThatDoesNotParseIsNamed) {
  open();
  world.ok(log->close());
  world.write("d/t-0/leader-epoch-checkpoint", as_bytes("0\n1\nx 3\n"));
  auto opened = world.run(
      PartitionLog::open(world.env, world.files, where, std::make_shared<const LogConfig>(config)));
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().code(), Errc::corrupt_data);
  EXPECT_NE(opened.error().text().find("leader-epoch-checkpoint"), std::string_view::npos);
}

TEST_F(StoreOpen, IndexesThatKafkaPaddedAreTrimmedAndUsed) {
  config.index_interval_bytes = 100;
  open();
  for (int i = 0; i < 20; ++i) append(1, 1000 + i);
  world.ok(log->close());
  for (const FileKind kind : {FileKind::offset_index, FileKind::time_index}) {
    std::string content = world.read(path(0, kind));
    const std::size_t valid = content.size();
    content.resize(4800);
    world.write(path(0, kind), as_bytes(content));
    open();
    EXPECT_EQ(world.read(path(0, kind)).size(), valid);
    EXPECT_EQ(all_bases().size(), 20U);
    world.ok(log->close());
  }
}

TEST_F(StoreOpen, CleanLogWithACutTailIsRecoveredAfterAll) {
  open();
  append(3);
  append(2);
  world.ok(log->close());
  std::string content = world.read(path(0, FileKind::log));
  content.pop_back();
  world.write(path(0, FileKind::log), as_bytes(content));
  open();
  EXPECT_EQ(log->log_end_offset(), Offset{3});
  EXPECT_EQ(world.read(path(0, FileKind::log)).size(), log->size());
}

TEST_F(StoreOpen, MissingOffsetIndexIsMadeAnew) {
  config.segment_bytes = 300;
  config.index_interval_bytes = 50;
  open();
  for (int i = 0; i < 9; ++i) append(1, 1000 + i);
  world.ok(log->close());
  const std::string index = world.read(path(0, FileKind::offset_index));
  world.ok(world.disk.remove(path(0, FileKind::offset_index)));
  open();
  EXPECT_EQ(world.read(path(0, FileKind::offset_index)), index);
  EXPECT_EQ(all_bases().size(), 9U);
}

TEST_F(StoreOpen, LogThatEndsBelowItsCheckpointedStartBeginsThereEmpty) {
  open();
  append(3);
  world.ok(log->close());
  where.log_start_offset = Offset{50};
  open();
  EXPECT_EQ(log->log_start_offset(), Offset{50});
  EXPECT_EQ(log->log_end_offset(), Offset{50});
  EXPECT_FALSE(has(0, FileKind::log));
}

TEST_F(StoreOpen, LeftoversOfAnInterruptedCompactionAreCleared) {
  config.segment_bytes = 200;
  open();
  for (int i = 0; i < 6; ++i) append(1);
  world.ok(log->close());
  const std::string first = world.read(path(0, FileKind::log));
  world.write(path(0, FileKind::log) + ".swap", as_bytes(first));
  world.write(path(0, FileKind::offset_index) + ".swap", {});
  world.write(path(0, FileKind::log), as_bytes("replaced"));
  world.write(path(4, FileKind::log) + ".cleaned", as_bytes("draft"));
  world.write(path(1, FileKind::time_index) + ".deleted", {});
  open();
  EXPECT_EQ(all_bases().size(), 6U);
  for (const auto& [name, content] : files()) {
    EXPECT_EQ(name.find(".swap"), std::string::npos);
    EXPECT_EQ(name.find(".cleaned"), std::string::npos);
    EXPECT_EQ(name.find(".deleted"), std::string::npos);
  }
}

TEST_F(StoreOpen, CleanStartOpensNoMoreThanItMust) {
  open();
  for (int i = 0; i < 50; ++i) append(3, 1000 + i, 500);
  world.ok(log->close());
  log.reset();
  fail(sim::DiskOp::write, "");  // and writes nothing
  open();
  EXPECT_EQ(log->log_end_offset(), Offset{150});
  EXPECT_LE(world.files.open_count(), 3U);
  world.volume.faults().clear();
}

}  // namespace
}  // namespace moldau::log
