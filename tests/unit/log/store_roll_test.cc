#include <gtest/gtest.h>

#include "unit/log/log_world.h"

namespace moldau::log {
namespace {

using StoreRoll = LogTest;

TEST_F(StoreRoll, RollSealsTheOldSegmentAndSyncsIt) {
  open();
  append(2, 1000);
  world.ok(log->roll());
  EXPECT_EQ(log->segment_count(), 2U);
  EXPECT_EQ(log->recovery_point(), Offset{2});
  EXPECT_EQ(world.read(path(0, FileKind::time_index)).size(), 12U);
  EXPECT_TRUE(has(2, FileKind::snapshot));
  world.ok(log->roll());  // the active segment is empty
  EXPECT_EQ(log->segment_count(), 2U);
}

TEST_F(StoreRoll, RolledSegmentSurvivesAPowerCut) {
  open();
  append(2, 1000);
  world.ok(log->roll());
  append(1, 1000);
  lose_power();
  EXPECT_EQ(log->log_end_offset(), Offset{2});
  EXPECT_EQ(append(1).first_offset, Offset{2});
}

TEST_F(StoreRoll, FlushMovesTheRecoveryPointToTheEnd) {
  open();
  append(2);
  EXPECT_EQ(log->recovery_point(), Offset{0});
  world.ok(log->flush());
  EXPECT_EQ(log->recovery_point(), Offset{2});
  append(1);
  lose_power();
  EXPECT_EQ(log->log_end_offset(), Offset{2});
}

TEST_F(StoreRoll, FailedSyncTakesTheLogOfflineForGood) {
  open();
  append(2);
  fail(sim::DiskOp::sync, ".log");
  EXPECT_EQ(world.errc(log->flush()), Errc::kafka_storage_error);
  world.volume.faults().clear();
  EXPECT_EQ(world.errc(log->flush()), Errc::kafka_storage_error);
  EXPECT_EQ(log->recovery_point(), Offset{0});
  EXPECT_NE(log->offline()->text().find("d/t-0"), std::string_view::npos);
}

TEST_F(StoreRoll, CloseLeavesNothingUnsyncedAndNothingAhead) {
  config.index_interval_bytes = 50;
  open();
  for (int i = 0; i < 30; ++i) append(1, 1000 + i, 5000);  // enough to ask for room ahead
  world.ok(log->close());
  EXPECT_EQ(log->recovery_point(), log->log_end_offset());
  EXPECT_EQ(world.volume.unsynced(), 0U);
  EXPECT_EQ(world.read(path(0, FileKind::offset_index)).size(), 29U * 8);
  EXPECT_EQ(world.read(path(0, FileKind::time_index)).size(), 29U * 12);
  EXPECT_EQ(try_append(batch(1, timestamp_of(1))).error().code(), Errc::kafka_storage_error);
}

TEST_F(StoreRoll, CloseSyncsTheIndexesThatARecoveryMadeAnewThoughNothingWasAppended) {
  config.index_interval_bytes = 1;
  open();
  for (int i = 0; i < 3; ++i) append(2);
  log.reset();
  world.volume.kill_process();
  open(false);
  world.ok(log->flush());
  EXPECT_GT(world.volume.unsynced(), 0U) << "indexes of the active segment";
  world.ok(log->close());
  EXPECT_EQ(world.volume.unsynced(), 0U);
}

TEST_F(StoreRoll, ManyIndexEntriesAreAllWrittenAndFound) {
  config.index_interval_bytes = 1;
  open();
  const int count = 3000;  // more than stay in memory
  for (int i = 0; i < count; ++i) append(1, 1000 + i, 1);
  for (const std::int64_t offset : {0, 1, 400, 511, 512, 513, 1500, 2047, 2999}) {
    EXPECT_EQ(read_bases({.from = Offset{offset}, .bytes_max = 80, .limit = Offset{count}}),
              (std::vector<std::int64_t>{offset}));
    EXPECT_EQ(world.ok(log->offset_for_timestamp(timestamp_of(1000 + offset)))->offset,
              Offset{offset});
  }
  world.ok(log->close());
  EXPECT_EQ(world.read(path(0, FileKind::offset_index)).size(), (count - 1U) * 8);
}

TEST_F(StoreRoll, JitterIsDrawnOnceForASegment) {
  config.segment_time = Milliseconds{1000};
  config.segment_jitter = Milliseconds{500};
  open();
  append(1, 10'000);
  append(1, 10'400);
  EXPECT_EQ(log->segment_count(), 1U);
  append(1, 11'001);
  EXPECT_EQ(log->segment_count(), 2U);
}

TEST_F(StoreRoll, RemovedLogLeavesNoFolder) {
  open();
  append(2);
  const ReadRange range =
      world.ok(log->read({.from = Offset{0}, .bytes_max = 1000, .limit = Offset{2}}));
  world.ok(log->remove("0123"));
  EXPECT_TRUE(world.ok(world.disk.list("d")).empty());
  EXPECT_EQ(sim::Disk::read_range(range.range)->size(), range.range.size);
  EXPECT_EQ(world.errc(log->read({.from = Offset{0}, .bytes_max = 9, .limit = Offset{2}})),
            Errc::kafka_storage_error);
}

}  // namespace
}  // namespace moldau::log
