#include "record/assign.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <deque>

#include "record/builder.h"
#include "record/records.h"
#include "unit/record/golden_batches.h"

namespace moldau::record {
namespace {

using test::golden_batch;
using test::golden_batches;

constexpr std::int64_t k_now = 1'700'000'009'999;

std::vector<std::byte> joined(const BatchHeader& header, Bytes body) {
  std::vector<std::byte> bytes(header.begin(), header.end());
  bytes.insert(bytes.end(), body.begin(), body.end());
  return bytes;
}

std::vector<std::byte> assigned(const std::vector<std::byte>& bytes, const Assignment& assignment) {
  const BatchView batch = BatchView::read(bytes).value();
  return joined(assign(batch, assignment), batch.body());
}

TEST(Assign, OffsetAndEpochLeaveTheSumAlone) {
  const auto bytes = golden_batch("three-none").bytes;
  const BatchView before = BatchView::read(bytes).value();
  const auto after_bytes = assigned(bytes, {.base_offset = Offset{1'000},
                                            .leader_epoch = LeaderEpoch{9},
                                            .timestamp_type = TimestampType::create_time,
                                            .max_timestamp = before.max_timestamp()});
  const BatchView after = BatchView::read(after_bytes).value();
  EXPECT_EQ(after.base_offset(), Offset{1'000});
  EXPECT_EQ(after.leader_epoch(), LeaderEpoch{9});
  EXPECT_EQ(after.crc(), before.crc());
  EXPECT_TRUE(std::ranges::equal(after.bytes().subspan(16), before.bytes().subspan(16)));
}

TEST(Assign, KafkasOwnBatchWithOffsetAndEpochComesOut) {
  const auto one = golden_batch("one").bytes;
  const auto expected = golden_batch("one-offset-epoch").bytes;
  EXPECT_EQ(assigned(one, {.base_offset = Offset{1'234'567'890'123},
                           .leader_epoch = LeaderEpoch{42},
                           .timestamp_type = TimestampType::create_time,
                           .max_timestamp = timestamp_of(1'700'000'000'000)}),
            expected);
}

TEST(Assign, AppendTimeIsStampedAndTheSumFollows) {
  for (const auto& golden : golden_batches()) {
    if (golden.is_legacy()) continue;
    const BatchView before = BatchView::read(golden.bytes).value();
    const auto bytes = assigned(golden.bytes, {.base_offset = Offset{3},
                                               .leader_epoch = LeaderEpoch{1},
                                               .timestamp_type = TimestampType::log_append_time,
                                               .max_timestamp = timestamp_of(k_now)});
    const BatchView after = BatchView::read(bytes).value();
    EXPECT_TRUE(after.crc_matches()) << golden.name;
    EXPECT_EQ(after.max_timestamp(), timestamp_of(k_now));
    EXPECT_EQ(after.timestamp_type(), TimestampType::log_append_time);
    EXPECT_EQ(after.codec(), before.codec());
    EXPECT_EQ(after.is_transactional(), before.is_transactional());
    EXPECT_EQ(after.is_control(), before.is_control());
    EXPECT_EQ(after.delete_horizon(), before.delete_horizon());
    EXPECT_EQ(after.base_timestamp(), before.base_timestamp());
  }
}

TEST(Assign, AByteThatBrokeAfterTheCheckStaysDetectable) {
  auto bytes = golden_batch("three-none").bytes;
  bytes.back() ^= std::byte{1};
  const auto after = assigned(bytes, {.base_offset = Offset{3},
                                      .leader_epoch = LeaderEpoch{1},
                                      .timestamp_type = TimestampType::log_append_time,
                                      .max_timestamp = timestamp_of(k_now)});
  EXPECT_FALSE(BatchView::read(after)->crc_matches());
}

class PrepareTest : public testing::Test {
 protected:
  // Keeps the bytes: what is prepared views them.
  Result<PreparedBatch> prepare(std::vector<std::byte> bytes) {
    kept_.push_back(std::move(bytes));
    return prepare_append(BatchView::read(kept_.back()).value(), rules_, Offset{100},
                          LeaderEpoch{7}, timestamp_of(k_now), decompressor_, details_);
  }
  static std::vector<std::byte> whole(const PreparedBatch& prepared) {
    return joined(prepared.header, prepared.body);
  }

  std::deque<std::vector<std::byte>> kept_;
  AppendRules rules_;
  compress::Decompressor decompressor_;
  RefusalDetails details_;
};

TEST_F(PrepareTest, ThePlainCaseKeepsTheBodyWhereItIs) {
  const PreparedBatch prepared = prepare(golden_batch("three-zstd").bytes).value();
  EXPECT_EQ(prepared.body.data(), kept_.back().data() + k_batch_header_size);
  EXPECT_EQ(prepared.base_offset, Offset{100});
  EXPECT_EQ(prepared.last_offset, Offset{102});
  EXPECT_EQ(prepared.max_timestamp, timestamp_of(1'700'000'000'020));
  const auto written = whole(prepared);
  EXPECT_EQ(written.size(), prepared.size());
  EXPECT_TRUE(BatchView::read(written)->crc_matches());
}

TEST_F(PrepareTest, AMaxTimestampThatIsNotThatOfTheRecordsIsSetRight) {
  auto bytes = golden_batch("three-none").bytes;
  store_big(bytes.data() + at::k_max_timestamp, std::int64_t{5});
  store_big(bytes.data() + at::k_crc, BatchView::read(bytes)->computed_crc());
  const auto written = whole(prepare(bytes).value());
  EXPECT_EQ(BatchView::read(written)->max_timestamp(), timestamp_of(1'700'000'000'020));
  EXPECT_TRUE(BatchView::read(written)->crc_matches());
}

TEST_F(PrepareTest, AppendTimeOfTheTopicIsNow) {
  rules_.timestamp_type = TimestampType::log_append_time;
  const PreparedBatch prepared = prepare(golden_batch("three-lz4").bytes).value();
  EXPECT_EQ(prepared.max_timestamp, timestamp_of(k_now));
  const auto written = whole(prepared);
  const auto records = Records::read(BatchView::read(written).value(), 1'000).value();
  EXPECT_EQ(records.all().at(1).timestamp, timestamp_of(k_now));
}

TEST_F(PrepareTest, AnotherCodecOfTheTopicRewritesTheSameRecords) {
  for (unsigned from = 0; from < 5; ++from) {
    for (unsigned to = 0; to < 5; ++to) {
      rules_.compression = compress::Compression::of(compress::Codec(to));
      const auto name = "three-" + std::string(compress::name_of(compress::Codec(from)));
      const PreparedBatch prepared = prepare(golden_batch(name).bytes).value();
      const auto written = whole(prepared);
      const BatchView batch = BatchView::read(written).value();
      SCOPED_TRACE(name);
      EXPECT_EQ(prepared.rewritten.empty(), from == to);
      EXPECT_TRUE(batch.crc_matches());
      EXPECT_EQ(batch.codec(), compress::Codec(to));
      EXPECT_EQ(batch.base_offset(), Offset{100});
      EXPECT_EQ(batch.last_offset(), prepared.last_offset);
      EXPECT_EQ(batch.leader_epoch(), LeaderEpoch{7});
      EXPECT_EQ(batch.max_timestamp(), prepared.max_timestamp);
      const auto records = Records::read(batch, 1'000).value();
      ASSERT_EQ(records.all().size(), 3U);
      EXPECT_EQ(records.all()[2].offset, Offset{102});
      EXPECT_EQ(records.all()[2].headers.count(), 1U);
      EXPECT_EQ(test::text_of(records.all()[1].value), "2");
    }
  }
}

TEST_F(PrepareTest, ARewrittenUncompressedBatchIsKafkasBytes) {
  rules_.compression = compress::Compression{};
  auto expected = golden_batch("three-none").bytes;
  store_big(expected.data(), std::int64_t{100});
  store_big(expected.data() + at::k_leader_epoch, std::int32_t{7});
  EXPECT_EQ(whole(prepare(golden_batch("three-snappy").bytes).value()), expected);
}

TEST_F(PrepareTest, ABatchThatGrowsAboveTheLimitByRewritingIsTooLarge) {
  rules_.compression = compress::Compression{};
  rules_.batch_size_max = 5'000;
  EXPECT_EQ(prepare(golden_batch("large-snappy").bytes).error().code(), Errc::message_too_large);
}

TEST_F(PrepareTest, WhatTheBuilderCannotWriteIsRefusedAndNoCheckFails) {
  rules_.compression = compress::Compression::of(compress::Codec::zstd);
  const auto summed = [](std::vector<std::byte> bytes) {
    store_big(bytes.data() + at::k_crc, BatchView::read(bytes)->computed_crc());
    return bytes;
  };
  auto transactional = golden_batch("one").bytes;
  transactional[at::k_attributes + 1] = std::byte{Attributes::k_transactional};
  EXPECT_EQ(prepare(summed(transactional)).error().code(), Errc::invalid_record);

  auto no_epoch = golden_batch("idempotent").bytes;
  store_big(no_epoch.data() + at::k_producer_epoch, std::int16_t{-1});
  EXPECT_EQ(prepare(summed(no_epoch)).error().code(), Errc::invalid_record);

  auto before_1970 = golden_batch("one").bytes;
  store_big(before_1970.data() + at::k_base_timestamp, std::int64_t{-2});
  EXPECT_EQ(prepare(summed(before_1970)).error().code(), Errc::invalid_timestamp);
}

RC_GTEST_PROP(PrepareProperty, MutatedBatchesAreRefusedOrWrittenReadably, ()) {
  static const auto k_all = golden_batches();
  auto bytes = k_all[*rc::gen::inRange<std::size_t>(0, k_all.size())].bytes;
  for (int i = *rc::gen::inRange(0, 4); i > 0; --i) {
    bytes[*rc::gen::inRange<std::size_t>(at::k_attributes,
                                         std::min<std::size_t>(bytes.size(), 150))] =
        std::byte{*rc::gen::arbitrary<std::uint8_t>()};
  }
  const auto batch = BatchView::read(bytes);
  RC_PRE(batch.has_value());  // RC_PRE evaluates both sides of &&
  RC_PRE(!batch->is_legacy());
  store_big(bytes.data(), std::int64_t{0});
  store_big(bytes.data() + at::k_crc, batch->computed_crc());
  AppendRules rules;
  rules.timestamp_after_max = Milliseconds::max();
  if (*rc::gen::arbitrary<bool>()) {
    rules.compression = compress::Compression::of(compress::Codec(*rc::gen::inRange(0, 5)));
  }
  compress::Decompressor decompressor;
  RefusalDetails details;
  const auto prepared = prepare_append(*batch, rules, Offset{5}, LeaderEpoch{1},
                                       timestamp_of(k_now), decompressor, details);
  if (!prepared) return;
  const auto written = joined(prepared->header, prepared->body);
  RC_ASSERT(BatchView::read(written)->crc_matches());
  RC_ASSERT(Records::read(BatchView::read(written).value(), rules.body_size_max).has_value());
}

}  // namespace
}  // namespace moldau::record
