#include <gtest/gtest.h>

#include "log/batch_facts.h"
#include "record/control.h"
#include "unit/log/log_world.h"

namespace moldau::log {
namespace {

class StoreSearch : public LogTest {
 protected:
  std::optional<TimestampOffset> at(std::int64_t millis) {
    return world.ok(log->offset_for_timestamp(timestamp_of(millis)));
  }
  static std::optional<TimestampOffset> found(std::int64_t millis, std::int64_t offset) {
    return TimestampOffset{timestamp_of(millis), Offset{offset}, LeaderEpoch{0}};
  }
  void end_txn(std::int64_t id, record::ControlType type) {
    const record::BatchFields fields{.producer_id = ProducerId{id},
                                     .producer_epoch = ProducerEpoch{0},
                                     .is_transactional = true,
                                     .is_control = true};
    auto bytes = record::control_batch(fields, type, timestamp_of(5000),
                                       as_bytes(std::string_view{"\0\0\0\0\0\0", 6}));
    ASSERT_TRUE(try_append(std::move(bytes), {.origin = AppendOrigin::coordinator}).has_value());
  }
  void write_txn(std::int64_t id, int sequence) {
    ASSERT_TRUE(try_append(batch(1, timestamp_of(1000), 20,
                                 {.producer_id = ProducerId{id},
                                  .producer_epoch = ProducerEpoch{0},
                                  .base_sequence = Sequence{sequence},
                                  .is_transactional = true}))
                    .has_value());
  }
};

TEST_F(StoreSearch, FirstRecordNotOlderIsFoundInEverySegment) {
  config.segment_bytes = 400;
  config.index_interval_bytes = 60;
  open();
  for (int i = 0; i < 20; ++i) append(1, 1000 + i * 10);
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(at(0), found(1000, 0));
    for (int i = 0; i < 20; ++i) {
      EXPECT_EQ(at(1000 + i * 10), found(1000 + i * 10, i));
      EXPECT_EQ(at(1000 + i * 10 - 5), found(1000 + i * 10, i));
    }
    EXPECT_EQ(at(1191), std::nullopt);
    reopen();
  }
}

TEST_F(StoreSearch, TimestampsThatFallBackDoNotHideTheFirstHit) {
  config.index_interval_bytes = 60;
  open();
  for (const int millis : {50, 40, 70, 60, 65, 90}) append(1, millis);
  EXPECT_EQ(at(55), found(70, 2));
  EXPECT_EQ(at(71), found(90, 5));
}

TEST_F(StoreSearch, RecordInsideABatchIsFound) {
  open();
  record::BatchBuilder builder({.compression = compress::Compression::of(compress::Codec::gzip)});
  for (int i = 0; i < 5; ++i) builder.append({.timestamp = timestamp_of(100 + i * 10)});
  ASSERT_TRUE(try_append(builder.build()).has_value());
  EXPECT_EQ(at(115), found(120, 2));
}

TEST_F(StoreSearch, RecordsBelowTheLogStartDoNotCount) {
  open();
  append(3, 100);
  append(1, 200);
  world.ok(log->advance_log_start_offset(Offset{2}));
  EXPECT_EQ(at(50), found(100, 2));
}

TEST_F(StoreSearch, GreatestTimestampIsThatOfTheFirstRecordWithIt) {
  config.segment_bytes = 300;
  open();
  EXPECT_EQ(world.ok(log->offset_of_max_timestamp()), std::nullopt);
  for (const int millis : {50, 90, 70, 90, 60, 65, 80}) append(1, millis);
  EXPECT_EQ(world.ok(log->offset_of_max_timestamp()), found(90, 1));
  reopen();
  EXPECT_EQ(world.ok(log->offset_of_max_timestamp()), found(90, 1));
}

TEST_F(StoreSearch, GreatestOfRecordsWithoutTimestampsIsTheFirst) {
  open();
  append(1, -1);
  append(1, -1);
  EXPECT_EQ(world.ok(log->offset_of_max_timestamp()), found(-1, 0));
}

TEST_F(StoreSearch, EndsOfTheLogComeWithTheirEpochs) {
  open();
  append(3);
  world.ok(log->assign_leader_epoch(LeaderEpoch{4}, Offset{3}));
  EXPECT_EQ(log->earliest(), (TimestampOffset{k_no_timestamp, Offset{0}, LeaderEpoch{0}}));
  EXPECT_EQ(log->latest(), (TimestampOffset{k_no_timestamp, Offset{3}, LeaderEpoch{4}}));
}

TEST_F(StoreSearch, AbortedTransactionsAreThoseThatTouchTheRange) {
  open();
  write_txn(1, 0);                          // 0
  write_txn(2, 0);                          // 1
  end_txn(1, record::ControlType::abort);   // 2
  end_txn(2, record::ControlType::commit);  // 3
  write_txn(3, 0);                          // 4
  end_txn(3, record::ControlType::abort);   // 5
  const auto aborted = [this](std::int64_t from, std::int64_t end) {
    std::vector<std::int64_t> ids;
    for (const AbortedTxn& txn : world.ok(log->aborted_transactions(Offset{from}, Offset{end}))) {
      ids.push_back(txn.producer_id.value());
    }
    return ids;
  };
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(aborted(0, 6), (std::vector<std::int64_t>{1, 3}));
    EXPECT_EQ(aborted(0, 4), (std::vector<std::int64_t>{1}));
    EXPECT_EQ(aborted(3, 6), (std::vector<std::int64_t>{3}));
    reopen();
  }
}

TEST_F(StoreSearch, AbortedTransactionsOfAReadEndWhereTheIndexSaysThatItEnds) {
  config.index_interval_bytes = 1;  // an entry for each batch but the first
  config.segment_bytes = 1200;
  open();
  for (int i = 0; i < 20; ++i) {
    write_txn(i, 0);
    end_txn(i, record::ControlType::abort);
  }
  ASSERT_GT(log->segment_count(), 2U);
  for (int round = 0; round < 2; ++round) {
    for (int from = 0; from < 40; ++from) {
      const ReadRequest request{
          .from = Offset{from}, .bytes_max = 300, .limit = Offset{40}, .at_least_one_batch = true};
      const ReadRange read = world.ok(log->read(request));
      const SharedBytes whole = world.ok(log->read_batches(request));
      Offset last;
      for (std::size_t at = 0; at < whole.size();) {
        const auto facts = batch_facts(whole.view().subspan(at)).value();
        last = facts.last_offset;
        at += facts.size;
      }
      const auto aborted = world.ok(log->aborted_transactions(Offset{from}, read));
      // 300 bytes are less than four batches, so no more than three transactions are touched.
      ASSERT_FALSE(aborted.empty()) << from;
      EXPECT_EQ(aborted.front().producer_id, ProducerId{from / 2}) << from;
      EXPECT_LE(aborted.size(), 3U) << from;
      EXPECT_GE(aborted.back().last_offset, last) << from;
    }
    reopen();
  }
}

TEST_F(StoreSearch, KafkasAbortedTransactionsAreFound) {
  world.copy_golden("one/txn-0", where.path);
  where.topic_id.reset();
  open();
  EXPECT_EQ(world.ok(log->aborted_transactions(Offset{0}, Offset{49})).size(), 7U);
  EXPECT_EQ(log->last_stable_offset(Offset{49}), Offset{48});
}

}  // namespace
}  // namespace moldau::log
