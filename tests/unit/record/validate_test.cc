#include "record/validate.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <limits>

#include "record/builder.h"
#include "unit/record/golden_batches.h"

namespace moldau::record {
namespace {

using test::golden_batch;
using test::golden_batches;

constexpr std::int64_t k_now = 1'700'000'000'000;

class ValidateTest : public testing::Test {
 protected:
  struct Rec {
    std::int64_t timestamp = k_now;
    bool has_key = true;
  };

  // A batch as a producer sends it.
  static std::vector<std::byte> batch_of(const std::vector<Rec>& records,
                                         compress::Codec codec = compress::Codec::none) {
    BatchBuilder builder({.compression = compress::Compression::of(codec)});
    for (const Rec& record : records) {
      builder.append({.timestamp = timestamp_of(record.timestamp),
                      .key = record.has_key ? std::optional{as_bytes("k")} : std::nullopt,
                      .value = as_bytes("value")});
    }
    return builder.build();
  }
  template <class T>
  static std::vector<std::byte> with(std::vector<std::byte> bytes, std::size_t position, T value) {
    store_big(bytes.data() + position, value);
    store_big(bytes.data() + at::k_crc, crc32c(Bytes{bytes}.subspan(at::k_attributes)));
    return bytes;
  }

  Result<AppendFacts> check(const std::vector<std::byte>& bytes) {
    return check_append(BatchView::read(bytes).value(), rules_, timestamp_of(k_now), decompressor_,
                        details_);
  }
  Errc refusal(const std::vector<std::byte>& bytes) {
    const auto checked = check(bytes);
    return checked ? Errc::none : checked.error().code();
  }
  std::vector<int> refused_records() const {
    std::vector<int> indexes;
    for (const RecordError& error : details_.record_errors) indexes.push_back(error.batch_index);
    return indexes;
  }

  AppendRules rules_;
  compress::Decompressor decompressor_;
  RefusalDetails details_;
};

TEST_F(ValidateTest, AProducersBatchIsAcceptedInEveryCodec) {
  for (unsigned id = 0; id < 5; ++id) {
    const auto facts = check(batch_of({{k_now - 5}, {k_now + 7}, {k_now}}, compress::Codec(id)));
    ASSERT_TRUE(facts.has_value()) << facts.error().describe();
    EXPECT_EQ(facts->max_timestamp, timestamp_of(k_now + 7));
    EXPECT_FALSE(facts->needs_rewrite);
  }
}

TEST_F(ValidateTest, ABaseOffsetOtherThanZeroIsRefusedFromClientsAlone) {
  auto bytes = batch_of({{}});
  store_big(bytes.data(), std::int64_t{5});
  EXPECT_EQ(refusal(bytes), Errc::invalid_record);
  rules_.origin = Origin::coordinator;
  EXPECT_EQ(refusal(bytes), Errc::none);
}

TEST_F(ValidateTest, ABatchAboveMaxMessageBytesIsTooLargeWhateverItsSum) {
  auto bytes = batch_of({{}});
  rules_.batch_size_max = bytes.size();
  EXPECT_EQ(refusal(bytes), Errc::none);
  rules_.batch_size_max = bytes.size() - 1;
  bytes.back() ^= std::byte{1};
  EXPECT_EQ(refusal(bytes), Errc::message_too_large);
}

TEST_F(ValidateTest, AWrongSumIsCorrupt) {
  auto bytes = batch_of({{}});
  bytes.back() ^= std::byte{1};
  EXPECT_EQ(refusal(bytes), Errc::corrupt_message);
  EXPECT_EQ(details_.violation, Violation::invalid_checksum);
}

TEST_F(ValidateTest, AnIdWithoutACodecIsUnsupported) {
  EXPECT_EQ(refusal(with(batch_of({{}}), at::k_attributes, std::int16_t{5})),
            Errc::unsupported_compression_type);
}

TEST_F(ValidateTest, OffsetRangeAndCountMustAgreeAndBePositive) {
  const auto bytes = batch_of({{}, {}});
  for (const std::int32_t delta : {0, 2, -1, -2, std::numeric_limits<std::int32_t>::max()}) {
    EXPECT_EQ(refusal(with(bytes, at::k_last_offset_delta, delta)), Errc::invalid_record) << delta;
    EXPECT_EQ(details_.violation, Violation::invalid_offset_or_sequence);
  }
  for (const std::int32_t count : {0, 1, 3, -1}) {
    EXPECT_EQ(refusal(with(bytes, at::k_count, count)), Errc::invalid_record) << count;
  }
}

TEST_F(ValidateTest, ControlBatchesAreRefusedFromClientsAlone) {
  auto bytes = golden_batch("control-commit").bytes;
  store_big(bytes.data(), std::int64_t{0});
  EXPECT_EQ(refusal(bytes), Errc::invalid_record);
  rules_.origin = Origin::coordinator;
  EXPECT_EQ(refusal(bytes), Errc::none);
}

TEST_F(ValidateTest, AProducerIdNeedsASequence) {
  const auto bytes = with(batch_of({{}}), at::k_producer_id, std::int64_t{7});
  EXPECT_EQ(refusal(bytes), Errc::invalid_record);
  EXPECT_EQ(details_.violation, Violation::invalid_offset_or_sequence);
  EXPECT_EQ(refusal(with(bytes, at::k_base_sequence, std::int32_t{0})), Errc::none);
}

TEST_F(ValidateTest, CompactedTopicsNeedKeysAndEveryRecordWithoutOneIsNamed) {
  const std::vector<Rec> records = {{}, {.has_key = false}, {}, {.has_key = false}};
  EXPECT_EQ(refusal(batch_of(records)), Errc::none);
  rules_.is_compacted = true;
  for (unsigned id = 0; id < 5; ++id) {
    EXPECT_EQ(refusal(batch_of(records, compress::Codec(id))), Errc::invalid_record);
    EXPECT_EQ(refused_records(), (std::vector{1, 3}));
    EXPECT_EQ(details_.violation, Violation::no_key_compacted_topic);
  }
}

TEST_F(ValidateTest, TimestampsOutsideTheRangeAreNamed) {
  rules_.timestamp_before_max = Milliseconds{100};
  rules_.timestamp_after_max = Milliseconds{10};
  EXPECT_EQ(refusal(batch_of({{k_now - 100}, {k_now + 10}, {-1}})), Errc::none);
  EXPECT_EQ(refusal(batch_of({{k_now - 101}, {k_now}, {k_now + 11}})), Errc::invalid_timestamp);
  EXPECT_EQ(refused_records(), (std::vector{0, 2}));
}

TEST_F(ValidateTest, ABadTimestampOutranksAMissingKey) {
  rules_.is_compacted = true;
  rules_.timestamp_after_max = Milliseconds{10};
  EXPECT_EQ(refusal(batch_of({{k_now + 11, false}, {k_now + 11}})), Errc::invalid_timestamp);
  EXPECT_EQ(refused_records(), (std::vector{0, 1}));  // the first for its key
}

TEST_F(ValidateTest, TimestampsAtTheEndsOfTheNumbersAreCountedAsKafkaCounts) {
  // now - (-9223372036854775808) wraps to a negative age, which is too far ahead.
  auto bytes = batch_of({{}});
  bytes = with(bytes, at::k_base_timestamp, std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(refusal(bytes), Errc::invalid_timestamp);
  rules_.timestamp_after_max = Milliseconds::max();
  EXPECT_EQ(refusal(bytes), Errc::none);
}

TEST_F(ValidateTest, AppendTimeFromAProducerIsRefusedWhereTheTopicSetsIt) {
  const auto bytes = with(batch_of({{}, {}}), at::k_attributes, std::int16_t{8});
  EXPECT_EQ(refusal(bytes), Errc::none);  // as in Kafka: create time is what the topic stamps
  rules_.timestamp_type = TimestampType::log_append_time;
  EXPECT_EQ(refusal(bytes), Errc::invalid_timestamp);
  EXPECT_EQ(refused_records(), (std::vector{0, 1}));
}

TEST_F(ValidateTest, TopicsWithAppendTimeTakeAnyTimestamp) {
  rules_.timestamp_type = TimestampType::log_append_time;
  EXPECT_EQ(refusal(batch_of({{0}, {k_now * 2}})), Errc::none);
}

TEST_F(ValidateTest, OffsetsInsideThatLeaveGapsCallForARewrite) {
  BatchBuilder builder({});
  builder.append_at(Offset{0}, {.timestamp = timestamp_of(k_now)});
  builder.append_at(Offset{2}, {.timestamp = timestamp_of(k_now)});
  const auto bytes = with(builder.build(), at::k_last_offset_delta, std::int32_t{1});
  EXPECT_TRUE(check(bytes)->needs_rewrite);
}

TEST_F(ValidateTest, AnotherCodecCallsForARewriteExceptOfPlainControlBatches) {
  rules_.compression = compress::Compression::of(compress::Codec::lz4);
  EXPECT_FALSE(check(batch_of({{}}, compress::Codec::lz4))->needs_rewrite);
  EXPECT_TRUE(check(batch_of({{}}, compress::Codec::none))->needs_rewrite);
  EXPECT_TRUE(check(batch_of({{}}, compress::Codec::zstd))->needs_rewrite);
  rules_.origin = Origin::coordinator;
  EXPECT_FALSE(check(golden_batch("control-commit").bytes)->needs_rewrite);
}

TEST_F(ValidateTest, ARecordAboveTheDecompressedLimitIsInvalidInCompressedBatchesAlone) {
  rules_.record_size_max = 5;
  EXPECT_EQ(refusal(batch_of({{}})), Errc::none);
  EXPECT_EQ(refusal(batch_of({{}}, compress::Codec::gzip)), Errc::invalid_record);
}

TEST_F(ValidateTest, ABombIsRefusedInEveryCodec) {
  const std::vector<std::byte> zeros(64U << 20U);
  rules_.body_size_max = 8U << 20U;
  rules_.batch_size_max = 1U << 30U;
  for (unsigned id = 1; id < 5; ++id) {
    BatchBuilder builder({.compression = compress::Compression::of(compress::Codec(id))});
    builder.append({.timestamp = timestamp_of(k_now), .key = std::nullopt, .value = zeros});
    EXPECT_EQ(refusal(builder.build()), Errc::message_too_large) << id;
  }
}

TEST_F(ValidateTest, BytesThatCannotBeDecompressedAreInvalidBecauseTheirSumIsRight) {
  for (unsigned id = 1; id < 5; ++id) {
    auto bytes = batch_of({{}, {}, {}}, compress::Codec(id));
    for (std::size_t i = at::k_records + 8; i < bytes.size(); ++i) bytes[i] = std::byte{0xee};
    EXPECT_EQ(refusal(with(bytes, at::k_leader_epoch, std::int32_t{0})), Errc::invalid_record);
  }
}

TEST_F(ValidateTest, RecordErrorsAreLimited) {
  rules_.is_compacted = true;
  EXPECT_EQ(refusal(batch_of(std::vector<Rec>(5'000, {.has_key = false}))), Errc::invalid_record);
  EXPECT_EQ(details_.record_errors.size(), 1'000U);
}

TEST_F(ValidateTest, AMalformedBatchNamesNoRecords) {
  rules_.is_compacted = true;
  const auto bytes = batch_of({{.has_key = false}, {}});
  EXPECT_EQ(refusal(with(bytes, bytes.size() - 1, std::int8_t{1})), Errc::invalid_record);
  EXPECT_TRUE(details_.record_errors.empty());
  EXPECT_EQ(details_.violation, Violation::none);
}

TEST_F(ValidateTest, DetailsOfTheBatchBeforeAreForgotten) {
  rules_.is_compacted = true;
  EXPECT_NE(refusal(batch_of({{.has_key = false}})), Errc::none);
  EXPECT_EQ(refusal(batch_of({{}})), Errc::none);
  EXPECT_TRUE(details_.record_errors.empty());
  EXPECT_EQ(details_.violation, Violation::none);
}

Errc one_batch_error(Bytes bytes, int version = 13) {
  const auto batch = the_one_batch(bytes, ApiVersion{static_cast<std::int16_t>(version)});
  return batch ? Errc::none : batch.error().code();
}

TEST(TheOneBatch, NoneOrTwoOrAnotherMagicAreInvalid) {
  const auto one = golden_batch("one").bytes;
  auto two = one;
  two.insert(two.end(), one.begin(), one.end());
  EXPECT_EQ(one_batch_error(one), Errc::none);
  EXPECT_EQ(one_batch_error({}), Errc::invalid_record);
  EXPECT_EQ(one_batch_error(Bytes{one}.first(40)), Errc::invalid_record);
  EXPECT_EQ(one_batch_error(two), Errc::invalid_record);
  EXPECT_EQ(one_batch_error(golden_batch("v1-one").bytes), Errc::invalid_record);
}

TEST(TheOneBatch, APartOfABatchBehindItIsDroppedAndBrokenBytesAreCorrupt) {
  auto bytes = golden_batch("one").bytes;
  const std::size_t size = bytes.size();
  bytes.insert(bytes.end(), bytes.begin(), bytes.begin() + 50);
  EXPECT_EQ(the_one_batch(bytes, ApiVersion{13})->size(), size);
  bytes.resize(size);
  bytes.resize(size + 17);
  EXPECT_EQ(one_batch_error(bytes), Errc::corrupt_message);
}

TEST(TheOneBatch, ZstdNeedsVersionSeven) {
  const auto bytes = golden_batch("three-zstd").bytes;
  EXPECT_EQ(one_batch_error(bytes, 6), Errc::unsupported_compression_type);
  EXPECT_EQ(one_batch_error(bytes, 7), Errc::none);
}

TEST(CheckIntact, EveryBatchAndMessageOfKafkaIsAndNoneIsWithAWrongByte) {
  for (const auto& golden : golden_batches()) {
    auto bytes = golden.bytes;
    const BatchView batch = BatchView::read(bytes).value();
    EXPECT_TRUE(check_intact(batch).has_value()) << golden.name;
    bytes[batch.size() - 1] ^= std::byte{1};
    EXPECT_EQ(check_intact(batch).error().code(), Errc::corrupt_message) << golden.name;
  }
}

RC_GTEST_PROP(CheckAppendProperty, WhatItAcceptsCanBeRead, ()) {
  static const auto k_all = golden_batches();
  auto bytes = k_all[*rc::gen::inRange<std::size_t>(0, k_all.size())].bytes;
  for (int i = *rc::gen::inRange(0, 4); i > 0; --i) {
    bytes[*rc::gen::inRange<std::size_t>(at::k_attributes, bytes.size())] =
        std::byte{*rc::gen::arbitrary<std::uint8_t>()};
  }
  const auto batch = BatchView::read(bytes);
  RC_PRE(batch.has_value());  // RC_PRE evaluates both sides of &&
  RC_PRE(!batch->is_legacy());
  store_big(bytes.data(), std::int64_t{0});
  store_big(bytes.data() + at::k_crc, batch->computed_crc());
  AppendRules rules;
  compress::Decompressor decompressor;
  RefusalDetails details;
  const auto facts = check_append(*batch, rules, timestamp_of(k_now), decompressor, details);
  if (!facts) return;
  RC_ASSERT(Records::read(*batch, rules.body_size_max).has_value());
}

}  // namespace
}  // namespace moldau::record
