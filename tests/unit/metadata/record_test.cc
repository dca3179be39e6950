#include "metadata/record.h"

#include <gtest/gtest.h>

#include "unit/metadata/kafka_log.h"
#include "unit/metadata/records.h"

namespace moldau::metadata {
namespace {

TEST(MetadataRecordFrame, IsVersionOneThenIdThenVersionThenBody) {
  const std::vector<std::byte> bytes = encode_record(test::feature_is("kraft.version", 1));
  ASSERT_GE(bytes.size(), 3U);
  EXPECT_EQ(bytes[0], std::byte{1});
  EXPECT_EQ(bytes[1], std::byte{12});  // FeatureLevelRecord
  EXPECT_EQ(bytes[2], std::byte{0});
}

TEST(MetadataRecordFrame, EveryRecordOfAKafkaLogSurvivesDecodingAndEncoding) {
  int seen = 0;
  for (const MetadataRecord& record : test::read_records("static/00000000000000000000.log")) {
    const auto again = decode_record(encode_record(record));
    ASSERT_TRUE(again.has_value());
    EXPECT_EQ(*again, record);
    ++seen;
  }
  EXPECT_GT(seen, 150);
}

TEST(MetadataRecordFrame, UnknownIdIsUnusable) {
  const std::vector<std::byte> bytes{std::byte{1}, std::byte{99}, std::byte{0}};
  const auto decoded = decode_record(bytes);
  ASSERT_FALSE(decoded.has_value());
  EXPECT_EQ(decoded.error().code(), Errc::unusable_record);
}

TEST(MetadataRecordFrame, TruncatedBodyIsUnusable) {
  std::vector<std::byte> bytes = encode_record(test::feature_is("kraft.version", 1));
  bytes.pop_back();
  EXPECT_FALSE(decode_record(bytes).has_value());
}

TEST(MetadataRecordFrame, NamesARecordAsTheSchemaDoes) {
  EXPECT_EQ(name_of(test::feature_is("a", 1).data), "FeatureLevelRecord");
}

}  // namespace
}  // namespace moldau::metadata
