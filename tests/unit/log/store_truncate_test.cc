#include <gtest/gtest.h>

#include "unit/log/log_world.h"

namespace moldau::log {
namespace {

class StoreTruncate : public LogTest {
 protected:
  void have(int batches) {
    config.segment_bytes = 400;
    config.index_interval_bytes = 60;
    open();
    for (int i = 0; i < batches; ++i) append(2, 1000 + i * 10);
  }
};
using Bases = std::vector<std::int64_t>;

TEST_F(StoreTruncate, RecordsAtAndAboveTheEndGo) {
  have(10);
  world.ok(log->truncate_to(Offset{8}));
  EXPECT_EQ(log->log_end_offset(), Offset{8});
  EXPECT_EQ(all_bases(), (Bases{0, 2, 4, 6}));
  EXPECT_EQ(append(1).first_offset, Offset{8});
}

TEST_F(StoreTruncate, EndInsideABatchTakesTheWholeBatch) {
  have(10);
  world.ok(log->truncate_to(Offset{7}));
  EXPECT_EQ(log->log_end_offset(), Offset{7});
  EXPECT_EQ(all_bases(), (Bases{0, 2, 4}));
}

TEST_F(StoreTruncate, TruncatedLogIsEqualToOneThatNeverHadMore) {
  for (std::int64_t end = 0; end <= 20; end += 2) {
    where.path = "d/a" + std::to_string(end) + "-0";
    have(10);
    world.ok(log->truncate_to(Offset{end}));
    const std::optional<TimestampOffset> max = world.ok(log->offset_of_max_timestamp());
    EXPECT_EQ(max ? max->offset.value() : -1, end == 0 ? -1 : end - 2) << end;
    lose_power(sim::PowerCut::keep_all());
    world.ok(log->close());
    const auto truncated = files();
    where.path = "d/b" + std::to_string(end) + "-0";
    have(static_cast<int>(end / 2));
    world.ok(log->close());
    for (const auto& [name, content] : files()) {
      if (name.ends_with(".log")) EXPECT_TRUE(truncated.at(name) == content) << end << name;
    }
    log.reset();
  }
}

TEST_F(StoreTruncate, ReadersFindTheirWayAfterwards) {
  have(10);
  EXPECT_EQ(all_bases().size(), 10U);
  world.ok(log->truncate_to(Offset{14}));
  for (int i = 0; i < 5; ++i) append(3, 3000);
  EXPECT_EQ(all_bases(), (Bases{0, 2, 4, 6, 8, 10, 12, 14, 17, 20, 23, 26}));
  EXPECT_EQ(world.ok(log->offset_for_timestamp(timestamp_of(2000)))->offset, Offset{14});
}

TEST_F(StoreTruncate, EpochsAndProducersGoWithTheirRecords) {
  open();
  append(2);
  const record::BatchFields fields{.producer_id = ProducerId{7},
                                   .producer_epoch = ProducerEpoch{0},
                                   .base_sequence = Sequence{0}};
  ASSERT_TRUE(try_append(batch(1, world.clock.at, 5, fields), {.leader_epoch = LeaderEpoch{3}})
                  .has_value());
  world.ok(log->truncate_to(Offset{2}));
  EXPECT_EQ(log->producers().find(ProducerId{7}), nullptr);
  EXPECT_EQ(log->leader_epochs().latest()->epoch, LeaderEpoch{0});
  EXPECT_EQ(files().at("leader-epoch-checkpoint"), "0\n1\n0 0\n");
}

TEST_F(StoreTruncate, ProducersBelowTheEndAreKept) {
  open();
  record::BatchFields fields{.producer_id = ProducerId{7},
                             .producer_epoch = ProducerEpoch{0},
                             .base_sequence = Sequence{0}};
  ASSERT_TRUE(try_append(batch(2, world.clock.at, 5, fields)).has_value());
  append(2);
  world.ok(log->truncate_to(Offset{2}));
  ASSERT_NE(log->producers().find(ProducerId{7}), nullptr);
  EXPECT_EQ(log->producers().find(ProducerId{7})->last_sequence(), Sequence{1});
}

TEST_F(StoreTruncate, EndAtOrAboveTheLogEndOnlyForgetsAnEmptyEpoch) {
  open();
  append(2);
  world.ok(log->assign_leader_epoch(LeaderEpoch{9}, Offset{2}));
  world.ok(log->truncate_to(Offset{5}));
  EXPECT_EQ(log->log_end_offset(), Offset{2});
  EXPECT_EQ(log->leader_epochs().latest()->epoch, LeaderEpoch{0});
}

TEST_F(StoreTruncate, RecoveryPointDoesNotStayAboveTheEnd) {
  have(10);
  world.ok(log->flush());
  world.ok(log->truncate_to(Offset{4}));
  EXPECT_EQ(log->recovery_point(), Offset{4});
  append(1);
  EXPECT_EQ(log->recovery_point(), Offset{4});
}

TEST_F(StoreTruncate, FullTruncationBeginsEmptyAtTheOffset) {
  have(10);
  world.ok(log->truncate_fully_and_start_at(Offset{100}));
  EXPECT_EQ(log->log_start_offset(), Offset{100});
  EXPECT_EQ(append(1).first_offset, Offset{100});
  world.ok(log->truncate_fully_and_start_at(Offset{100}));  // at the base of the active segment
  EXPECT_EQ(append(1).first_offset, Offset{100});
  EXPECT_EQ(all_bases(), (Bases{100}));
  reopen();
  EXPECT_EQ(log->log_end_offset(), Offset{101});
}

TEST_F(StoreTruncate, SegmentsBelowTheLogStartCanBeDeleted) {
  have(10);
  ASSERT_GE(log->segment_count(), 4U);
  world.ok(log->advance_log_start_offset(Offset{9}));
  EXPECT_EQ(world.ok(log->delete_old_segments()), 1U);
  EXPECT_FALSE(has(0, FileKind::log));
  EXPECT_EQ(log->earliest().offset, Offset{9});
  reopen();
  EXPECT_EQ(log->log_start_offset(), Offset{9});
  EXPECT_EQ(all_bases().front(), 8);
}

TEST_F(StoreTruncate, LogStartDoesNotGoBackNorPastTheEnd) {
  have(3);
  world.ok(log->advance_log_start_offset(Offset{4}));
  world.ok(log->advance_log_start_offset(Offset{2}));
  EXPECT_EQ(log->log_start_offset(), Offset{4});
  EXPECT_EQ(world.errc(log->advance_log_start_offset(Offset{7})), Errc::offset_out_of_range);
}

}  // namespace
}  // namespace moldau::log
