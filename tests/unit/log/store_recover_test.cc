#include <gtest/gtest.h>

#include "unit/log/log_world.h"

namespace moldau::log {
namespace {

class StoreRecover : public LogTest {
 protected:
  void damage(std::int64_t base, std::size_t at) {
    std::string content = world.read(path(base, FileKind::log));
    content.at(at) = static_cast<char>(content.at(at) ^ 0x10);
    world.write(path(base, FileKind::log), as_bytes(content));
  }
  void stop_uncleanly() {
    where.recovery_point = Offset{0};
    world.ok(log->close());
    log.reset();
  }
};

TEST_F(StoreRecover, TornTailIsCut) {
  open();
  append(3);
  const std::uint64_t whole = log->size();
  append(2);
  stop_uncleanly();
  std::string content = world.read(path(0, FileKind::log));
  for (const std::size_t size :
       {content.size() - 1, whole + 61, whole + 60, whole + 12, whole + 1}) {
    content.resize(size);
    world.write(path(0, FileKind::log), as_bytes(content));
    open(false);
    EXPECT_EQ(log->log_end_offset(), Offset{3}) << size;
    EXPECT_EQ(world.read(path(0, FileKind::log)).size(), whole) << size;
    stop_uncleanly();
  }
}

TEST_F(StoreRecover, DamagedBatchEndsTheLogAndLaterSegmentsGo) {
  config.segment_bytes = 300;
  open();
  for (int i = 0; i < 12; ++i) append(1);
  const auto bases = all_bases();
  const std::size_t segments = log->segment_count();
  ASSERT_GE(segments, 3U);
  stop_uncleanly();
  damage(0, 250);  // in the third batch
  open(false);
  EXPECT_EQ(log->log_end_offset(), Offset{2});
  EXPECT_EQ(log->segment_count(), 1U);
  EXPECT_FALSE(has(3, FileKind::log));
  EXPECT_EQ(append(1).first_offset, Offset{2});
}

TEST_F(StoreRecover, WhatWasCutIsTold) {
  config.segment_bytes = 300;
  open();
  EXPECT_FALSE(log->recovery().cut.has_value());
  for (int i = 0; i < 12; ++i) append(1);
  const std::uint64_t one = log->size() / 12;
  const std::size_t segments = log->segment_count();
  stop_uncleanly();
  damage(0, one * 2 + 10);
  open(false);
  ASSERT_TRUE(log->recovery().cut.has_value());
  const RecoveryFacts::Cut cut = *log->recovery().cut;
  EXPECT_EQ(cut.file, path(0, FileKind::log));
  EXPECT_EQ(cut.position, one * 2);
  EXPECT_EQ(cut.end, Offset{2});
  EXPECT_EQ(cut.bytes, one * 10);
  EXPECT_EQ(cut.segments, segments - 1);
  EXPECT_FALSE(log->recovery().was_clean);
}

TEST_F(StoreRecover, CutAfterACleanStopIsToldAsSuch) {
  open();
  append(3);
  world.ok(log->close());
  log.reset();
  const std::string content = world.read(path(0, FileKind::log));
  world.write(path(0, FileKind::log), as_bytes(content.substr(0, content.size() - 1)));
  open(true);
  ASSERT_TRUE(log->recovery().cut.has_value());
  EXPECT_TRUE(log->recovery().was_clean);
}

TEST_F(StoreRecover, WhatMustBeKeptIsNotCut) {
  config.segment_bytes = 300;
  open();
  for (int i = 0; i < 12; ++i) append(1);
  const std::uint64_t one = log->size() / 12;
  stop_uncleanly();
  damage(0, one + 10);
  const auto records = [this] {
    auto files = world.folder("d/t-0");
    std::erase_if(files, [](const auto& file) { return !file.first.ends_with(".log"); });
    return files;
  };
  const auto before = records();
  where.keep_below = Offset{2};
  where.clean = false;
  const auto refused = world.run(
      PartitionLog::open(world.env, world.files, where, std::make_shared<const LogConfig>(config)));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code(), Errc::corrupt_data);
  EXPECT_EQ(records(), before);
  where.keep_below = Offset{1};
  open(false);
  EXPECT_EQ(log->log_end_offset(), Offset{1});
}

TEST_F(StoreRecover, LostTailOfASegmentTakesTheNextSegmentsUnlessTheTopicIsCompacted) {
  config.segment_bytes = 300;
  for (const bool compacted : {true, false}) {
    where.path = compacted ? "d/c-0" : "d/n-0";
    config.compacted = compacted;
    open();
    for (int i = 0; i < 12; ++i) append(1);
    const std::uint64_t one = log->size() / 12;
    stop_uncleanly();
    std::string content = world.read(path(0, FileKind::log));
    content.resize(content.size() - one);  // a whole batch
    world.write(path(0, FileKind::log), as_bytes(content));
    open(false);
    EXPECT_EQ(log->log_end_offset(), Offset{compacted ? 12 : 2});
    EXPECT_EQ(log->segment_count() > 1, compacted);
    world.ok(log->close());
  }
}

TEST_F(StoreRecover, RecordsThatADyingProcessCutOffDoNotComeBackOnceTheLogIsOpen) {
  open();
  append(1);
  const std::uint64_t one = log->size();
  append(1);
  world.ok(log->flush());
  log.reset();
  const auto file = world.ok(world.disk.open(path(0, FileKind::log), env::OpenMode::read_write));
  world.ok(file->truncate(one));
  world.volume.kill_process();
  open(false);
  EXPECT_EQ(log->log_end_offset(), Offset{1});
  lose_power();
  EXPECT_EQ(log->log_end_offset(), Offset{1});
}

TEST_F(StoreRecover, OnlySegmentsFromTheRecoveryPointOnAreRead) {
  config.segment_bytes = 300;
  open();
  for (int i = 0; i < 12; ++i) append(1);
  stop_uncleanly();
  damage(0, 250);
  where.recovery_point = Offset{6};
  open(false);
  EXPECT_EQ(log->log_end_offset(), Offset{12});
}

TEST_F(StoreRecover, IndexesComeOutAsTheyWere) {
  config.segment_bytes = 2000;
  config.index_interval_bytes = 150;
  open();
  for (int i = 0; i < 40; ++i) append(1, 1000 + (i % 7) * 10 + i);
  world.ok(log->close());
  const auto before = files();
  log.reset();
  for (const auto& [name, content] : before) {
    if (name.ends_with("index")) world.write(env::join_path(where.path, name), as_bytes("no"));
  }
  open(false);
  world.ok(log->close());
  const auto after = files();
  for (const auto& [name, content] : before) {
    if (!name.ends_with(".snapshot")) EXPECT_TRUE(after.at(name) == content) << name;
  }
}

TEST_F(StoreRecover, ProducersComeFromTheBatches) {
  open();
  const record::BatchFields fields{.producer_id = ProducerId{7},
                                   .producer_epoch = ProducerEpoch{1},
                                   .base_sequence = Sequence{0}};
  const auto sent = batch(3, world.clock.at, 10, fields);
  ASSERT_TRUE(try_append(sent).has_value());
  stop_uncleanly();
  for (const auto& [name, content] : files()) {
    if (name.ends_with(".snapshot")) world.ok(world.disk.remove(env::join_path(where.path, name)));
  }
  open(false);
  EXPECT_TRUE(try_append(sent)->duplicate);
}

TEST_F(StoreRecover, EpochsThatTheCheckpointLostComeFromTheBatches) {
  open();
  ASSERT_TRUE(try_append(batch(2, timestamp_of(1)), {.leader_epoch = LeaderEpoch{5}}).has_value());
  stop_uncleanly();
  world.ok(world.disk.remove("d/t-0/leader-epoch-checkpoint"));
  open(false);
  EXPECT_EQ(log->leader_epochs().latest(), (EpochStart{LeaderEpoch{5}, Offset{0}}));
}

TEST_F(StoreRecover, AfterAnyPowerCutTheLogIsAPrefixOfWhatWasWritten) {
  config.segment_bytes = 1000;
  config.index_interval_bytes = 100;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    Rng rng(seed);
    where.path = "d/s" + std::to_string(seed) + "-0";
    open(false);
    std::vector<std::int64_t> written;
    std::int64_t durable = 0;
    for (int round = 0; round < 4; ++round) {
      for (std::uint64_t i = 0; i < 1 + rng.below(12); ++i) {
        written.push_back(append(static_cast<int>(1 + rng.below(3)), 1000).first_offset.value());
      }
      if (rng.one_in(2)) {
        world.ok(log->flush());
        durable = log->log_end_offset().value();
      }
      lose_power(sim::PowerCut::any(rng));
      const auto found = all_bases();
      ASSERT_LE(found.size(), written.size()) << seed;
      written.resize(found.size());
      ASSERT_EQ(found, written) << seed;
      ASSERT_GE(log->log_end_offset().value(), durable) << seed;
    }
    world.ok(log->close());
  }
}

}  // namespace
}  // namespace moldau::log
