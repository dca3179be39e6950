#include <gtest/gtest.h>

#include "unit/log/log_world.h"

namespace moldau::log {
namespace {

class StoreProducers : public LogTest {
 protected:
  void write(std::int64_t id, int sequence) {
    ASSERT_TRUE(try_append(batch(1, world.clock.at, 5,
                                 {.producer_id = ProducerId{id},
                                  .producer_epoch = ProducerEpoch{0},
                                  .base_sequence = Sequence{sequence}}))
                    .has_value());
  }
  std::vector<std::string> snapshots() {
    std::vector<std::string> names;
    for (const auto& [name, content] : files()) {
      if (name.ends_with(".snapshot")) names.push_back(name);
    }
    return names;
  }
};

TEST_F(StoreProducers, CleanRestartKnowsTheProducersFromTheSnapshot) {
  open();
  write(1, 0);
  write(2, 0);
  reopen();
  EXPECT_EQ(log->producers().size(), 2U);
  write(1, 1);
}

TEST_F(StoreProducers, NoSnapshotIsTakenWhereTheLogHasNotMoved) {
  open();
  write(1, 0);
  reopen();
  reopen();
  EXPECT_EQ(snapshots(), std::vector{file_name(Offset{1}, FileKind::snapshot)});
}

TEST_F(StoreProducers, SnapshotOfAnEarlierStopGoesAtTheNextStartButOne) {
  open();
  write(1, 0);
  reopen();
  write(1, 1);
  reopen();
  EXPECT_EQ(snapshots(), std::vector{file_name(Offset{2}, FileKind::snapshot)});
}

TEST_F(StoreProducers, CorruptSnapshotIsRemovedAndTheLogReadInstead) {
  open();
  write(1, 0);
  world.ok(log->close());
  world.write(path(1, FileKind::snapshot), as_bytes("broken, but not ten bytes"));
  open();
  ASSERT_NE(log->producers().find(ProducerId{1}), nullptr);
  EXPECT_EQ(snapshots(), std::vector{file_name(Offset{1}, FileKind::snapshot)});
  EXPECT_EQ(world.read(path(1, FileKind::snapshot)).size(), 56U);
}

TEST_F(StoreProducers, SnapshotInTheMiddleSavesReadingWhatIsBelowIt) {
  open();
  write(1, 0);
  world.ok(log->roll());
  write(2, 0);
  world.ok(log->close());
  world.ok(world.disk.remove(path(2, FileKind::snapshot)));
  open();
  EXPECT_NE(log->producers().find(ProducerId{1}), nullptr);
  EXPECT_NE(log->producers().find(ProducerId{2}), nullptr);
}

TEST_F(StoreProducers, LogWithoutAnySnapshotGetsEmptyOnesAfterACleanStop) {
  config.segment_bytes = 200;
  open();
  for (int i = 0; i < 5; ++i) append(1);
  world.ok(log->close());
  for (const std::string& name : snapshots()) {
    world.ok(world.disk.remove(env::join_path(where.path, name)));
  }
  open();
  EXPECT_EQ(snapshots(), (std::vector{file_name(Offset{2}, FileKind::snapshot),
                                      file_name(Offset{4}, FileKind::snapshot),
                                      file_name(Offset{5}, FileKind::snapshot)}));
}

TEST_F(StoreProducers, ExpiredProducersAreNotLoaded) {
  open();
  write(1, 0);
  world.ok(log->close());
  world.clock.at += config.producer_id_expiration;
  open();
  EXPECT_EQ(log->producers().size(), 0U);
}

}  // namespace
}  // namespace moldau::log
