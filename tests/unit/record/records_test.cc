#include "record/records.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "unit/record/golden_batches.h"

namespace moldau::record {
namespace {

using test::golden_batch;
using test::golden_batches;

constexpr std::size_t k_body_max = std::size_t{1} << 20U;

Errc error_of(const std::vector<std::byte>& bytes) {
  return Records::read(BatchView::read(bytes).value(), k_body_max).error().code();
}

TEST(Records, EveryRecordOfKafkasBatchesIsReadAsKafkaReadsIt) {
  for (const auto& golden : golden_batches()) {
    SCOPED_TRACE(golden.name);
    BatchesView run(golden.bytes);
    for (const auto& json : golden.entries) {
      const BatchView batch = run.next().value().value();
      const Records records = Records::read(batch, k_body_max).value();
      ASSERT_EQ(records.all().size(), json["records"].size());
      for (std::size_t i = 0; i < records.all().size(); ++i) {
        test::expect_same_record(records.all()[i], json["records"][i]);
      }
    }
    EXPECT_TRUE(run.rest().empty());
  }
}

TEST(Records, HeadersAreFoundByKeyAndTheLastOfSeveralWins) {
  const auto golden = golden_batch("headers");
  const auto records = Records::read(BatchView::read(golden.bytes).value(), k_body_max).value();
  const HeadersView headers = records.all().at(0).headers;
  EXPECT_EQ(headers.count(), 4U);
  EXPECT_EQ(test::text_of(headers.last_of("h1")->value), "again");
  EXPECT_EQ(headers.last_of("null")->value, std::nullopt);
  EXPECT_FALSE(headers.last_of("h2").has_value());
}

TEST(Records, MovingThemKeepsTheirViewsGood) {
  const auto golden = golden_batch("three-zstd");
  auto first = Records::read(BatchView::read(golden.bytes).value(), k_body_max).value();
  const Records moved = std::move(first);
  EXPECT_EQ(test::text_of(moved.all().at(2).key), "c");
}

TEST(Records, SizesThatRunPastTheRecordAreInvalid) {
  const auto bytes = golden_batch("one").bytes;
  // length, attributes, timestamp delta, offset delta, key size, key (3), value size, …
  for (const auto [position, value] : {std::pair{61, 0x7f},
                                       {61, 0x1a},
                                       {61, 0x1e},
                                       {61, 0x01},
                                       {65, 0x7e},
                                       {69, 0x7e},
                                       {75, 0x02},
                                       {75, 0x01}}) {
    auto changed = bytes;
    changed[static_cast<std::size_t>(position)] = static_cast<std::byte>(value);
    EXPECT_EQ(error_of(changed), Errc::invalid_record) << position << " " << value;
  }
}

TEST(Records, ACountAboveOrBelowTheRecordsIsInvalid) {
  const auto bytes = golden_batch("three-none").bytes;
  for (const std::int32_t count : {-1, 1, 2, 4, 1'000'000'000}) {
    auto changed = bytes;
    store_big(changed.data() + at::k_count, count);
    EXPECT_EQ(error_of(changed), Errc::invalid_record) << count;
  }
}

TEST(Records, ABodyAboveTheLimitIsTooLarge) {
  const auto golden = golden_batch("large-gzip");
  EXPECT_EQ(Records::read(BatchView::read(golden.bytes).value(), 1'000).error().code(),
            Errc::message_too_large);
}

TEST(Records, ACodecThatDoesNotExistIsCorrupt) {
  auto bytes = golden_batch("one").bytes;
  bytes[22] = std::byte{5};
  EXPECT_EQ(error_of(bytes), Errc::corrupt_message);
}

RC_GTEST_PROP(RecordsProperty, MutatedBatchesNeverCrash, ()) {
  static const auto k_all = golden_batches();
  auto bytes = k_all[*rc::gen::inRange<std::size_t>(0, k_all.size())].bytes;
  for (int i = *rc::gen::inRange(1, 6); i > 0; --i) {
    const auto position =
        *rc::gen::inRange<std::size_t>(0, std::min<std::size_t>(bytes.size(), 200));
    bytes[position] = std::byte{*rc::gen::arbitrary<std::uint8_t>()};
  }
  BatchesView run(bytes);
  for (;;) {
    const auto batch = run.next();
    if (!batch || !*batch) break;
    const auto records = Records::read(**batch, k_body_max);
    if (!records) continue;
    for (const RecordView& record : *records) (void)record.headers.all();
  }
}

}  // namespace
}  // namespace moldau::record
