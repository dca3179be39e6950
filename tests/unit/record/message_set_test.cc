#include "record/message_set.h"

#include <gtest/gtest.h>
#include <isa-l/crc.h>

#include "bytes/writer.h"
#include "unit/record/golden_batches.h"

namespace moldau::record {
namespace {

using test::golden_batch;
using test::golden_batches;

constexpr std::size_t k_body_max = std::size_t{1} << 20U;

struct Message {
  std::int64_t offset = 0;
  int magic = 1;
  int attributes = 0;
  std::optional<Bytes> value = Bytes{};
};

std::vector<std::byte> encoded(const Message& message) {
  Writer summed;
  summed.i8(static_cast<std::int8_t>(message.magic));
  summed.i8(static_cast<std::int8_t>(message.attributes));
  if (message.magic == 1) summed.i64(1'700'000'000'000);
  summed.i32(-1);
  summed.i32(message.value ? static_cast<std::int32_t>(message.value->size()) : -1);
  if (message.value) summed.bytes(*message.value);
  Writer out;
  out.i64(message.offset);
  out.i32(static_cast<std::int32_t>(summed.size() + 4));
  out.u32(crc32_gzip_refl(0, reinterpret_cast<const unsigned char*>(summed.view().data()),
                          summed.size()));
  out.bytes(summed.view());
  return out.take();
}

std::vector<std::byte> wrapped(std::int64_t offset, const std::vector<Message>& inner,
                               int codec = 1, int magic = 1) {
  std::vector<std::byte> body;
  for (const Message& message : inner) {
    const auto bytes = encoded(message);
    body.insert(body.end(), bytes.begin(), bytes.end());
  }
  const auto packed = compress::compress(static_cast<compress::Codec>(codec),
                                         compress::preset_level(compress::Codec(codec)), body);
  return encoded({.offset = offset, .magic = magic, .attributes = codec, .value = packed});
}

Result<std::vector<std::int64_t>> offsets_of(const std::vector<std::byte>& bytes) {
  TRY(const LegacyRecords read, read_legacy_records(BatchView::read(bytes).value(), k_body_max));
  std::vector<std::int64_t> offsets;
  for (const RecordView& record : read.records) offsets.push_back(record.offset.value());
  return offsets;
}

TEST(MessageSet, EveryFieldOfKafkasMessagesIsReadAsKafkaReadsIt) {
  int read = 0;
  for (const auto& golden : golden_batches()) {
    if (!golden.is_legacy()) continue;
    SCOPED_TRACE(golden.name);
    BatchesView run(golden.bytes);
    for (const auto& json : golden.entries) {
      const BatchView batch = run.next().value().value();
      const LegacyEntry entry = LegacyEntry::read(batch).value();
      EXPECT_EQ(batch.size(), json["sizeInBytes"]);
      EXPECT_EQ(entry.size(), batch.size());
      EXPECT_EQ(entry.magic().value(), json["magic"]);
      EXPECT_EQ(batch.last_offset().value(), json["lastOffset"]);
      EXPECT_EQ(entry.crc(), json["crc"]);
      EXPECT_TRUE(entry.crc_matches());
      EXPECT_EQ(compress::name_of(entry.codec().value()), json["compression"].get<std::string>());
      EXPECT_EQ(to_millis(entry.timestamp()), json["maxTimestamp"]);
      EXPECT_EQ(entry.timestamp_type() == TimestampType::log_append_time,
                json["timestampType"] == "LogAppendTime");
      const auto records = read_legacy_records(batch, k_body_max).value();
      EXPECT_EQ(records.records.front().offset.value(), json["baseOffset"]);
      ++read;
    }
  }
  EXPECT_GT(read, 12);
}

TEST(MessageSet, AWrongByteIsNoticed) {
  auto bytes = golden_batch("v1-one").bytes;
  bytes.back() ^= std::byte{1};
  EXPECT_FALSE(LegacyEntry::read(BatchView::read(bytes).value())->crc_matches());
}

TEST(MessageSet, SizesThatRunPastTheEndAreCorrupt) {
  auto bytes = golden_batch("v0-one").bytes;
  bytes[21] = std::byte{0x7f};  // the key's size
  EXPECT_EQ(LegacyEntry::read(BatchView::read(bytes).value()).error().code(),
            Errc::corrupt_message);
}

TEST(MessageSet, RelativeOffsetsOfMagic1CountBackFromTheWrappers) {
  EXPECT_EQ(offsets_of(wrapped(102, {{.offset = 0}, {.offset = 1}, {.offset = 2}})).value(),
            (std::vector<std::int64_t>{100, 101, 102}));
  EXPECT_EQ(offsets_of(wrapped(110, {{.offset = 0}, {.offset = 4}})).value(),
            (std::vector<std::int64_t>{106, 110}));
}

TEST(MessageSet, AWrapperOffsetOfZeroFromOldLibrdkafkaCountsFromZero) {
  EXPECT_EQ(offsets_of(wrapped(0, {{.offset = 0}, {.offset = 1}})).value(),
            (std::vector<std::int64_t>{0, 1}));
}

TEST(MessageSet, AbsoluteOffsetsOfMagic0StayAsTheyAre) {
  EXPECT_EQ(
      offsets_of(wrapped(9, {{.offset = 7, .magic = 0}, {.offset = 9, .magic = 0}}, 2, 0)).value(),
      (std::vector<std::int64_t>{7, 9}));
}

TEST(MessageSet, WrappersThatCannotBeAreInvalid) {
  EXPECT_EQ(offsets_of(wrapped(1, {{.offset = 5}})).error().code(), Errc::invalid_record);
  EXPECT_EQ(offsets_of(wrapped(1, {})).error().code(), Errc::invalid_record);
  EXPECT_EQ(offsets_of(wrapped(1, {{.offset = 0}}, 4)).error().code(), Errc::invalid_record);
  EXPECT_EQ(offsets_of(wrapped(1, {{.offset = 0, .attributes = 1}})).error().code(),
            Errc::invalid_record);
  EXPECT_EQ(offsets_of(encoded({.attributes = 1, .value = std::nullopt})).error().code(),
            Errc::invalid_record);
  EXPECT_EQ(offsets_of(encoded({.attributes = 1, .value = as_bytes("no gzip")})).error().code(),
            Errc::corrupt_message);
}

TEST(MessageSet, TheLz4HeaderSumIsCheckedOnlyInMagic1) {
  auto broken = compress::compress(compress::Codec::lz4, compress::Level{9}, encoded({.magic = 0}));
  broken[6] = std::byte{0x1a};
  EXPECT_TRUE(offsets_of(encoded({.magic = 0, .attributes = 3, .value = broken})).has_value());
  EXPECT_EQ(offsets_of(encoded({.magic = 1, .attributes = 3, .value = broken})).error().code(),
            Errc::corrupt_message);
}

}  // namespace
}  // namespace moldau::record
