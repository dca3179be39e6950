#include "record/record_walk.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "bytes/writer.h"
#include "record/batch.h"
#include "record/builder.h"
#include "record/records.h"
#include "unit/record/golden_batches.h"

namespace moldau::record {
namespace {

using test::golden_batches;

constexpr std::size_t k_any_size = std::size_t{1} << 30U;
constexpr std::size_t k_body_max = std::size_t{1} << 20U;

Result<int> walked(const BatchView& batch, RecordWalk walk) {
  RecordFacts facts{};
  for (int i = 0; i < batch.count(); ++i) {
    if (!walk.next(k_any_size, facts)) return fail(walk.error());
  }
  if (!walk.at_end()) return fail(walk.error());
  return batch.count();
}

Errc error_of_body(std::string_view hex, std::size_t size_max = k_any_size) {
  const auto body = moldau::test::from_hex(hex);
  RecordWalk walk{Bytes{body}};
  RecordFacts facts{};
  return walk.next(size_max, facts) ? Errc::none : walk.error().code();
}

TEST(RecordWalk, FindsWhatTheCursorFindsInKafkasBatches) {
  for (const auto& golden : golden_batches()) {
    const BatchView batch = BatchView::read(golden.bytes).value();
    if (golden.is_legacy() || batch.is_compressed()) continue;
    SCOPED_TRACE(golden.name);
    RecordWalk walk(batch.body());
    const Records records = Records::read(batch, k_body_max).value();
    for (const RecordView& record : records) {
      RecordFacts facts{};
      ASSERT_TRUE(walk.next(k_any_size, facts));
      EXPECT_EQ(facts.has_key, record.key.has_value());
      EXPECT_EQ(batch.base_offset() + facts.offset_delta, record.offset);
      if (batch.timestamp_type() == TimestampType::create_time) {
        EXPECT_EQ(batch.base_timestamp() + Milliseconds{facts.timestamp_delta}, record.timestamp);
      }
    }
    EXPECT_TRUE(walk.at_end());
  }
}

TEST(RecordWalk, CompressedBodiesAreWalkedPieceByPiece) {
  compress::Decompressor pieces;
  for (const auto& golden : golden_batches()) {
    const BatchView batch = BatchView::read(golden.bytes).value();
    if (golden.is_legacy() || !batch.is_compressed()) continue;
    pieces.open(*batch.codec(), batch.body());
    EXPECT_EQ(walked(batch, RecordWalk(pieces, k_body_max)).value(), batch.count()) << golden.name;
  }
}

TEST(RecordWalk, RecordsThatCrossPiecesAreReadRight) {
  // Snappy's framing gives a piece for each block: cut a body into blocks of one byte.
  std::vector<std::byte> cut = moldau::test::from_hex("82534e41505059000000000100000001");
  const auto body = moldau::test::from_hex("1c000000066b65790a76616c756500");
  for (const std::byte b : body) {
    for (const int x : {0, 0, 0, 3, 1, 0}) cut.push_back(static_cast<std::byte>(x));
    cut.push_back(b);  // a literal of one byte
  }
  compress::Decompressor pieces;
  pieces.open(compress::Codec::snappy, cut);
  RecordWalk walk(pieces, k_body_max);
  RecordFacts facts{};
  ASSERT_TRUE(walk.next(k_any_size, facts)) << walk.error().describe();
  EXPECT_TRUE(facts.has_key);
  EXPECT_TRUE(walk.at_end());
}

TEST(RecordWalk, MalformedRecordsAreInvalid) {
  EXPECT_EQ(error_of_body("0c000000010100"), Errc::none);
  EXPECT_EQ(error_of_body("10000000010102000100"), Errc::none);  // one header
  EXPECT_EQ(error_of_body(""), Errc::invalid_record);
  EXPECT_EQ(error_of_body("0c0000000101"), Errc::invalid_record);        // ends early
  EXPECT_EQ(error_of_body("01"), Errc::invalid_record);                  // negative size
  EXPECT_EQ(error_of_body("0c0000000c0100"), Errc::invalid_record);      // key past the record
  EXPECT_EQ(error_of_body("0a000000010100"), Errc::invalid_record);      // fields longer than it
  EXPECT_EQ(error_of_body("0e00000001010000"), Errc::invalid_record);    // fields shorter than it
  EXPECT_EQ(error_of_body("0c000000010101"), Errc::invalid_record);      // -1 headers
  EXPECT_EQ(error_of_body("100000000101020101"), Errc::invalid_record);  // a header's key of -1
  EXPECT_EQ(error_of_body("ffffffffff0100"), Errc::invalid_record);      // a varint of six bytes
}

TEST(RecordWalk, ARecordAboveTheLimitIsInvalidBeforeItIsSkipped) {
  EXPECT_EQ(error_of_body("1c000000066b65790a76616c756500", 14), Errc::none);
  EXPECT_EQ(error_of_body("1c000000066b65790a76616c756500", 13), Errc::invalid_record);
}

TEST(RecordWalk, ABodyThatGrowsAboveTheLimitIsTooLarge) {
  Writer record;
  const std::vector<std::byte> zeros(8U << 20U);
  record.varint(static_cast<std::int32_t>(zeros.size()) + 9);
  for (int i = 0; i < 3; ++i) record.i8(0);  // attributes and both deltas
  record.varint(-1);
  record.varint(static_cast<std::int32_t>(zeros.size()));
  record.bytes(zeros);
  record.varint(0);
  const Bytes body = record.view();
  for (const auto codec : {compress::Codec::gzip, compress::Codec::lz4, compress::Codec::zstd}) {
    const auto packed = compress::compress(codec, compress::preset_level(codec), body);
    compress::Decompressor pieces;
    RecordFacts facts{};
    pieces.open(codec, packed);
    RecordWalk narrow(pieces, 1U << 20U);
    EXPECT_FALSE(narrow.next(k_any_size, facts));
    EXPECT_EQ(narrow.error().code(), Errc::message_too_large) << compress::name_of(codec);
    pieces.open(codec, packed);
    RecordWalk wide(pieces, 16U << 20U);
    EXPECT_TRUE(wide.next(k_any_size, facts)) << wide.error().describe();
    EXPECT_TRUE(wide.at_end());
  }
}

TEST(RecordWalk, BytesThatCannotBeDecompressedAreInvalid) {
  compress::Decompressor pieces;
  pieces.open(compress::Codec::zstd, as_bytes("no frame"));
  RecordWalk walk(pieces, k_body_max);
  RecordFacts facts{};
  EXPECT_FALSE(walk.next(k_any_size, facts));
  EXPECT_EQ(walk.error().code(), Errc::invalid_record);
  EXPECT_FALSE(walk.at_end());
}

// Long enough that most records have room behind them, short enough that a change hits one.
std::vector<std::byte> mixed_batch() {
  BatchBuilder builder({});
  const HeaderView header{.key = "h", .value = std::nullopt};
  for (int i = 0; i < 16; ++i) {
    builder.append({.timestamp = timestamp_of(i * 70),
                    .key = i % 3 == 0 ? std::nullopt : std::optional{as_bytes("key")},
                    .value = i % 5 == 0 ? std::nullopt : std::optional{as_bytes("a value")},
                    .headers = {&header, i % 4 == 0 ? 1U : 0U}});
  }
  return builder.build();
}

RC_GTEST_PROP(RecordWalkProperty, AcceptsExactlyWhatTheCursorAcceptsAndFindsTheSame, ()) {
  auto bytes = mixed_batch();
  for (int i = *rc::gen::inRange(0, 3); i > 0; --i) {
    const auto position = *rc::gen::inRange<std::size_t>(at::k_records, bytes.size());
    // Small changes keep most of the lengths plausible.
    bytes[position] =
        static_cast<std::byte>(std::to_integer<int>(bytes[position]) + *rc::gen::inRange(-3, 4));
  }
  const BatchView batch = BatchView::read(bytes).value();
  const auto records = Records::read(batch, k_body_max);
  RC_CLASSIFY(records.has_value(), "readable");
  RecordWalk walk(batch.body());
  RecordFacts facts{};
  for (int i = 0; i < batch.count(); ++i) {
    if (!walk.next(k_any_size, facts)) {
      RC_ASSERT(!records.has_value());
      return;
    }
    if (!records) continue;
    const RecordView& record = records->all().at(static_cast<std::size_t>(i));
    RC_ASSERT(record.key.has_value() == facts.has_key);
    RC_ASSERT(record.offset.value() == facts.offset_delta);
    RC_ASSERT(to_millis(record.timestamp) == facts.timestamp_delta);
  }
  RC_ASSERT(walk.at_end() == records.has_value());
}

}  // namespace
}  // namespace moldau::record
