#include "record/builder.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "unit/record/golden_batches.h"

namespace moldau::record {
namespace {

using test::golden_batch;
using test::golden_batches;

constexpr std::size_t k_body_max = std::size_t{1} << 20U;

BatchFields fields_of(const BatchView& batch) {
  return {.base_offset = batch.base_offset(),
          .leader_epoch = batch.leader_epoch(),
          .compression = compress::Compression::of(*batch.codec()),
          .timestamp_type = batch.timestamp_type(),
          .log_append_time = batch.max_timestamp(),
          .producer_id = batch.producer_id(),
          .producer_epoch = batch.producer_epoch(),
          .base_sequence = batch.base_sequence(),
          .is_transactional = batch.is_transactional(),
          .is_control = batch.is_control(),
          .delete_horizon = batch.delete_horizon()};
}

// Reads the batch and writes its records anew under the same fields.
std::vector<std::byte> written_back(Bytes bytes) {
  const BatchView batch = BatchView::read(bytes).value();
  if (batch.count() == 0) {
    return empty_batch(fields_of(batch), batch.last_offset(), batch.max_timestamp());
  }
  // With append time the records' own times are only in their deltas: read them as create time.
  std::vector<std::byte> plain(bytes.begin(), bytes.end());
  plain[at::k_attributes + 1] &= ~std::byte{Attributes::k_timestamp_type};
  const Records records = Records::read(BatchView::read(plain).value(), k_body_max).value();
  BatchBuilder builder(fields_of(batch));
  for (const RecordView& record : records) builder.append_copy(record);
  builder.override_last_offset(batch.last_offset());
  return builder.build();
}

TEST(BatchBuilder, KafkasBatchesAreWrittenBackByteForByte) {
  int compared = 0;
  for (const auto& golden : golden_batches()) {
    if (golden.is_legacy() || BatchView::read(golden.bytes)->is_compressed()) continue;
    EXPECT_EQ(moldau::test::to_hex(written_back(golden.bytes)), moldau::test::to_hex(golden.bytes))
        << golden.name;
    ++compared;
  }
  EXPECT_GT(compared, 20);
}

TEST(BatchBuilder, CompressedBatchesOfKafkaAreWrittenBackWithTheSameRecords) {
  for (const auto& golden : golden_batches()) {
    const BatchView batch = BatchView::read(golden.bytes).value();
    if (golden.is_legacy() || !batch.is_compressed()) continue;
    SCOPED_TRACE(golden.name);
    const auto bytes = written_back(golden.bytes);
    const BatchView again = BatchView::read(bytes).value();
    EXPECT_TRUE(again.crc_matches());
    // All of the header but the length and the CRC.
    EXPECT_TRUE(std::ranges::equal(again.bytes().first(8), batch.bytes().first(8)));
    EXPECT_TRUE(std::ranges::equal(again.bytes().subspan(12, 5), batch.bytes().subspan(12, 5)));
    EXPECT_TRUE(std::ranges::equal(again.bytes().subspan(21, 40), batch.bytes().subspan(21, 40)));
    const Records records = Records::read(again, k_body_max).value();
    for (std::size_t i = 0; i < records.all().size(); ++i) {
      test::expect_same_record(records.all()[i], golden.entries[0]["records"][i]);
    }
  }
}

TEST(BatchBuilder, UncompressedSizeIsTheSizeOfTheBatchAndIsForeseen) {
  BatchBuilder builder({});
  EXPECT_EQ(builder.uncompressed_size(), k_batch_header_size);
  const HeaderView header{.key = "h", .value = as_bytes("v")};
  const NewRecord record{.timestamp = timestamp_of(1'700'000'000'000),
                         .key = as_bytes("key"),
                         .value = std::nullopt,
                         .headers = {&header, 1}};
  for (int i = 0; i < 200; ++i) {
    const std::size_t foreseen = builder.uncompressed_size_with(record);
    builder.append(record);
    EXPECT_EQ(builder.uncompressed_size(), foreseen);
  }
  const std::size_t size = builder.uncompressed_size();
  EXPECT_EQ(builder.build().size(), size);
}

TEST(BatchBuilder, ProducerMayBeSetWhenTheBatchIsSent) {
  BatchBuilder builder({});
  builder.append({.timestamp = timestamp_of(1), .key = std::nullopt, .value = as_bytes("v")});
  builder.set_producer(ProducerId{7}, ProducerEpoch{2}, Sequence{40}, true);
  const auto bytes = builder.build();
  const BatchView batch = BatchView::read(bytes).value();
  EXPECT_EQ(batch.producer_id(), ProducerId{7});
  EXPECT_EQ(batch.base_sequence(), Sequence{40});
  EXPECT_TRUE(batch.is_transactional());
  EXPECT_TRUE(batch.crc_matches());
}

TEST(BatchBuilderDeathTest, OffsetsThatDoNotRiseAreOurOwnMistake) {
  BatchBuilder builder({.base_offset = Offset{5}});
  const NewRecord record{.timestamp = timestamp_of(1)};
  builder.append_at(Offset{7}, record);
  EXPECT_DEATH(builder.append_at(Offset{7}, record), "offset >= next_offset_");
}

struct Draw {
  std::int64_t timestamp;
  std::optional<std::string> key;
  std::optional<std::string> value;
  std::vector<std::pair<std::string, std::optional<std::string>>> headers;
  int gap;
};

rc::Gen<std::optional<std::string>> maybe_text() {
  return rc::gen::map(rc::gen::arbitrary<std::pair<bool, std::string>>(),
                      [](const std::pair<bool, std::string>& draw) {
                        return draw.first ? std::optional{draw.second} : std::nullopt;
                      });
}

std::vector<Draw> draw_records() {
  std::vector<Draw> draws;
  for (int left = *rc::gen::inRange(1, 30); left > 0; --left) {
    Draw draw{.timestamp = *rc::gen::inRange<std::int64_t>(-1, 4'000'000'000'000),
              .key = *maybe_text(),
              .value = *maybe_text(),
              .headers = {},
              .gap = *rc::gen::inRange(0, 3)};
    for (int headers = *rc::gen::inRange(0, 3); headers > 0; --headers) {
      draw.headers.emplace_back(*rc::gen::arbitrary<std::string>(), *maybe_text());
    }
    draws.push_back(std::move(draw));
  }
  return draws;
}

std::optional<Bytes> view_of(const std::optional<std::string>& text) {
  return text ? std::optional{as_bytes(*text)} : std::nullopt;
}

RC_GTEST_PROP(BatchBuilderProperty, WhatIsBuiltIsReadBack, ()) {
  const std::vector<Draw> draws = draw_records();
  const auto codec = static_cast<compress::Codec>(*rc::gen::inRange(0, 5));
  const Offset base{*rc::gen::inRange<std::int64_t>(0, std::int64_t{1} << 40U)};
  BatchBuilder builder({.base_offset = base, .compression = compress::Compression::of(codec)});
  std::vector<Offset> offsets;
  for (const Draw& draw : draws) {
    std::vector<HeaderView> headers;
    for (const auto& [key, value] : draw.headers) headers.push_back({key, view_of(value)});
    offsets.push_back(builder.next_offset() + draw.gap);
    builder.append_at(offsets.back(), {timestamp_of(draw.timestamp), view_of(draw.key),
                                       view_of(draw.value), headers});
  }
  const auto bytes = builder.build();
  const BatchView batch = BatchView::read(bytes).value();
  RC_ASSERT(batch.crc_matches());
  RC_ASSERT(batch.count() == static_cast<int>(draws.size()));
  RC_ASSERT(batch.last_offset() == offsets.back());
  const Records records = Records::read(batch, std::size_t{1} << 24U).value();
  for (std::size_t i = 0; i < draws.size(); ++i) {
    const RecordView& record = records.all().at(i);
    RC_ASSERT(record.offset == offsets[i]);
    RC_ASSERT(to_millis(record.timestamp) == draws[i].timestamp);
    RC_ASSERT(test::text_of(record.key) == draws[i].key);
    RC_ASSERT(test::text_of(record.value) == draws[i].value);
    RC_ASSERT(record.headers.count() == draws[i].headers.size());
    RC_ASSERT(batch.max_timestamp() >= record.timestamp);
  }
}

}  // namespace
}  // namespace moldau::record
