#include <gtest/gtest.h>

#include "record/batch.h"
#include "unit/log/log_world.h"

namespace moldau::log {
namespace {

using StoreAppend = LogTest;

record::BatchFields producer(std::int64_t id, int sequence, bool transactional = false) {
  return {.producer_id = ProducerId{id},
          .producer_epoch = ProducerEpoch{0},
          .base_sequence = Sequence{sequence},
          .is_transactional = transactional};
}

TEST_F(StoreAppend, LeaderGivesOffsetsAndEpochAndLeavesTheBodyAlone) {
  open();
  append(3);
  const auto sent = batch(2, timestamp_of(1000));
  const auto appended = try_append(sent, {.leader_epoch = LeaderEpoch{7}});
  ASSERT_TRUE(appended.has_value());
  EXPECT_EQ(appended->first_offset, Offset{3});
  EXPECT_EQ(appended->last_offset, Offset{4});
  EXPECT_EQ(appended->log_append_time, k_no_timestamp);
  EXPECT_EQ(log->log_end_offset(), Offset{5});
  const SharedBytes stored = world.ok(
      log->read_batches({.from = Offset{3}, .bytes_max = 1000, .limit = log->log_end_offset()}));
  const record::BatchView view = *record::BatchView::read(stored.view());
  EXPECT_EQ(view.leader_epoch(), LeaderEpoch{7});
  EXPECT_TRUE(view.crc_matches());
  EXPECT_EQ(as_text(view.body()), as_text(Bytes{sent}.subspan(record::k_batch_header_size)));
}

TEST_F(StoreAppend, SeveralBatchesOfOneAppendFollowEachOther) {
  open();
  auto both = batch(2, timestamp_of(1000));
  const auto second = batch(3, timestamp_of(2000));
  both.insert(both.end(), second.begin(), second.end());
  const auto appended = try_append(both);
  ASSERT_TRUE(appended.has_value());
  EXPECT_EQ(appended->last_offset, Offset{4});
  EXPECT_EQ(appended->max_timestamp, timestamp_of(2000));
  EXPECT_EQ(all_bases(), (std::vector<std::int64_t>{0, 2}));
}

TEST_F(StoreAppend, LogAppendTimeIsTheClocksAndTheChecksumHolds) {
  config.timestamp_type = TimestampType::log_append_time;
  open();
  const auto appended = try_append(batch(1, timestamp_of(1000)));
  EXPECT_EQ(appended->log_append_time, world.clock.at);
  const SharedBytes stored =
      world.ok(log->read_batches({.from = Offset{0}, .bytes_max = 1000, .limit = Offset{1}}));
  const record::BatchView view = *record::BatchView::read(stored.view());
  EXPECT_EQ(view.timestamp_type(), TimestampType::log_append_time);
  EXPECT_EQ(view.max_timestamp(), world.clock.at);
  EXPECT_TRUE(view.crc_matches());
}

TEST_F(StoreAppend, DuplicateIsAnsweredWithItsFirstOffsetsAndNotWritten) {
  open();
  append(4);
  ASSERT_TRUE(try_append(batch(2, timestamp_of(1000), 20, producer(1, 0))).has_value());
  const auto again = try_append(batch(2, timestamp_of(1000), 20, producer(1, 0)));
  ASSERT_TRUE(again.has_value());
  EXPECT_TRUE(again->duplicate);
  EXPECT_EQ(again->first_offset, Offset{4});
  EXPECT_EQ(again->last_offset, Offset{5});
  EXPECT_EQ(log->log_end_offset(), Offset{6});
}

TEST_F(StoreAppend, RefusedSequenceWritesNothing) {
  open();
  ASSERT_TRUE(try_append(batch(1, timestamp_of(1000), 20, producer(1, 0))).has_value());
  const auto size = log->size();
  EXPECT_EQ(try_append(batch(1, timestamp_of(1000), 20, producer(1, 5))).error().code(),
            Errc::out_of_order_sequence_number);
  EXPECT_EQ(log->size(), size);
  EXPECT_EQ(log->log_end_offset(), Offset{1});
}

TEST_F(StoreAppend, OpenTransactionHoldsTheLastStableOffset) {
  open();
  append(2);
  ASSERT_TRUE(try_append(batch(1, timestamp_of(1000), 20, producer(1, 0, true))).has_value());
  append(2);
  EXPECT_EQ(log->last_stable_offset(Offset{5}), Offset{2});
  EXPECT_EQ(log->last_stable_offset(Offset{1}), Offset{1});
}

TEST_F(StoreAppend, TooLargeOrTornInputIsRefused) {
  config.message_bytes_max = 500;
  config.segment_bytes = 700;
  open();
  EXPECT_EQ(try_append(batch(1, timestamp_of(1000), 600)).error().code(), Errc::message_too_large);
  auto two = batch(1, timestamp_of(1000), 350);
  const auto second = two;
  two.insert(two.end(), second.begin(), second.end());
  EXPECT_EQ(try_append(two).error().code(), Errc::record_list_too_large);
  auto torn = batch(1, timestamp_of(1000));
  torn.pop_back();
  EXPECT_EQ(try_append(torn).error().code(), Errc::corrupt_message);
  EXPECT_EQ(log->log_end_offset(), Offset{0});
  EXPECT_EQ(append(1).first_offset, Offset{0});
}

TEST_F(StoreAppend, RaftLeadersBatchMustCarryTheLogEndAndItsEpoch) {
  open();
  const AppendOptions raft{.leader_epoch = LeaderEpoch{2}, .origin = AppendOrigin::raft_leader};
  const record::BatchFields right{.base_offset = Offset{0}, .leader_epoch = LeaderEpoch{2}};
  const record::BatchFields wrong{.base_offset = Offset{1}, .leader_epoch = LeaderEpoch{1}};
  EXPECT_TRUE(try_append(batch(1, timestamp_of(1), 5, right), raft).has_value());
  EXPECT_EQ(try_append(batch(1, timestamp_of(1), 5, wrong), raft).error().code(),
            Errc::invalid_record);
}

TEST_F(StoreAppend, NewLeaderEpochIsInTheCheckpointBeforeItsRecords) {
  open();
  append(3);
  world.ok(log->assign_leader_epoch(LeaderEpoch{4}, Offset{3}));
  EXPECT_EQ(files().at("leader-epoch-checkpoint"), "0\n2\n0 0\n4 3\n");
  EXPECT_EQ(log->end_of_epoch(LeaderEpoch{0}), (EpochEnd{LeaderEpoch{0}, Offset{3}}));
}

TEST_F(StoreAppend, FollowerTakesOffsetsAndEpochsAsTheyAre) {
  open();
  const record::BatchFields fields{.base_offset = Offset{10}, .leader_epoch = LeaderEpoch{3}};
  const auto appended = world.ok(log->append_as_follower(
      SharedBytes::take(batch(2, timestamp_of(1), 5, fields)), LeaderEpoch{3}));
  EXPECT_EQ(appended.first_offset, Offset{10});
  EXPECT_EQ(log->log_end_offset(), Offset{12});
  EXPECT_EQ(log->leader_epochs().latest()->epoch, LeaderEpoch{3});
}

TEST_F(StoreAppend, FollowerRefusesOffsetsBelowItsEndAndBrokenChecksums) {
  open();
  append(3);
  const auto follow = [this](std::vector<std::byte> bytes) {
    return world.errc(log->append_as_follower(SharedBytes::take(std::move(bytes)), LeaderEpoch{0}));
  };
  EXPECT_EQ(follow(batch(1, timestamp_of(1), 5, {.base_offset = Offset{2}})),
            Errc::offset_out_of_range);
  auto broken = batch(1, timestamp_of(1), 5, {.base_offset = Offset{3}});
  broken.back() ^= std::byte{1};
  EXPECT_EQ(follow(broken), Errc::corrupt_message);
  EXPECT_EQ(log->log_end_offset(), Offset{3});
}

TEST_F(StoreAppend, FollowerLeavesOutATornTailAndBatchesOfANewerEpoch) {
  open();
  auto bytes =
      batch(1, timestamp_of(1), 5, {.base_offset = Offset{0}, .leader_epoch = LeaderEpoch{1}});
  const auto newer =
      batch(1, timestamp_of(1), 5, {.base_offset = Offset{1}, .leader_epoch = LeaderEpoch{2}});
  bytes.insert(bytes.end(), newer.begin(), newer.end());
  world.ok(log->append_as_follower(SharedBytes::copy_of(bytes), LeaderEpoch{1}));
  EXPECT_EQ(log->log_end_offset(), Offset{1});
  world.ok(log->append_as_follower(SharedBytes::copy_of(Bytes{newer}.first(newer.size() - 1)),
                                   LeaderEpoch{2}));
  EXPECT_EQ(log->log_end_offset(), Offset{1});
}

TEST_F(StoreAppend, FlushMessagesOfOneMakesEveryAppendDurable) {
  config.flush_messages = 1;
  open();
  append(2);
  EXPECT_EQ(log->recovery_point(), Offset{2});
  lose_power();
  EXPECT_EQ(log->log_end_offset(), Offset{2});
}

TEST_F(StoreAppend, FailedWriteTakesTheLogOffline) {
  open();
  append(1);
  fail(sim::DiskOp::write, ".log");
  EXPECT_EQ(try_append(batch(1, timestamp_of(1))).error().code(), Errc::kafka_storage_error);
  ASSERT_TRUE(log->offline().has_value());
  EXPECT_EQ(world.errc(log->read({.from = Offset{0}, .bytes_max = 9, .limit = Offset{1}})),
            Errc::kafka_storage_error);
  EXPECT_EQ(world.errc(log->flush()), Errc::kafka_storage_error);
}

}  // namespace
}  // namespace moldau::log
