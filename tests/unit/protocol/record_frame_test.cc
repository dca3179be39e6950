#include "protocol/record_frame.h"

#include <gtest/gtest.h>

#include "support/message_vectors.h"

namespace moldau::protocol {
namespace {

// Each golden vector of a family with its stored form, through decode, which must give it back.
template <class F>
int for_each_stored(std::string_view family, std::string_view suffix, F&& check) {
  int seen = 0;
  for (const test::MessageVector& vector : test::message_vectors()) {
    if (vector.facts->family != family || !vector.facts->name.ends_with(suffix)) continue;
    EXPECT_FALSE(vector.framed.empty()) << vector.title();
    check(vector, test::from_hex(vector.framed));
    ++seen;
  }
  return seen;
}

TEST(RecordFrame, GoldenMetadataRecordsAreReadAndWrittenBack) {
  const int seen =
      for_each_stored("metadata", "Record", [](const test::MessageVector& vector, Bytes stored) {
        const auto framed = decode_metadata_record(stored);
        ASSERT_TRUE(framed.has_value()) << vector.title() << framed.error().describe();
        EXPECT_EQ(framed->version, vector.version);
        EXPECT_EQ(id_of(framed->record), vector.facts->id);
        EXPECT_EQ(name_of(framed->record), vector.facts->name);
        Writer out;
        encode_metadata_record(out, framed->record, framed->version);
        EXPECT_EQ(test::to_hex(out.view()), vector.framed) << vector.title();
        EXPECT_EQ(metadata_record_size(framed->record, framed->version), stored.size());
      });
  EXPECT_GT(seen, 100);
}

TEST(RecordFrame, GoldenTieredStorageRecordsAreReadAndWrittenBack) {
  const int seen =
      for_each_stored("tiered", "Record", [](const test::MessageVector& vector, Bytes stored) {
        const auto framed = decode_tiered_record(stored);
        ASSERT_TRUE(framed.has_value()) << vector.title();
        Writer out;
        encode_tiered_record(out, framed->record, framed->version);
        EXPECT_EQ(test::to_hex(out.view()), vector.framed) << vector.title();
      });
  EXPECT_GT(seen, 10);
}

template <class F>
int expect_keys(std::string_view family, F&& decode) {
  return for_each_stored(family, "Key", [&](const test::MessageVector& vector, Bytes stored) {
    const auto key = decode(stored);
    ASSERT_TRUE(key.has_value()) << vector.title() << key.error().describe();
    EXPECT_EQ(id_of(*key), vector.facts->id);
    Writer out;
    encode_key(out, *key);
    EXPECT_EQ(test::to_hex(out.view()), vector.framed) << vector.title();
  });
}

TEST(RecordFrame, GoldenCoordinatorKeysAreReadAndWrittenBack) {
  EXPECT_GT(expect_keys("group", decode_group_key), 40);
  EXPECT_GT(expect_keys("share", decode_share_key), 4);
  EXPECT_GT(expect_keys("transaction", decode_transaction_key), 2);
}

template <class F>
int expect_values(std::string_view family, F&& decode) {
  return for_each_stored(family, "Value", [&](const test::MessageVector& vector, Bytes stored) {
    const auto value = decode(vector.facts->id, stored);
    ASSERT_TRUE(value.has_value()) << vector.title() << value.error().describe();
    EXPECT_EQ(value->version, vector.version);
    Writer out;
    encode_value(out, value->record, value->version);
    EXPECT_EQ(test::to_hex(out.view()), vector.framed) << vector.title();
  });
}

TEST(RecordFrame, GoldenCoordinatorValuesAreReadAndWrittenBack) {
  EXPECT_GT(expect_values("group", decode_group_value), 80);
  EXPECT_GT(expect_values("share", decode_share_value), 4);
  EXPECT_GT(expect_values("transaction", decode_transaction_value), 4);
}

Errc error_of_metadata(const char* hex) {
  const auto framed = decode_metadata_record(test::from_hex(hex));
  return framed ? Errc::none : framed.error().code();
}

TEST(RecordFrame, AMetadataRecordThatCannotBeReadIsCorrupt) {
  EXPECT_EQ(error_of_metadata(""), Errc::corrupt_message);
  EXPECT_EQ(error_of_metadata("021400"
                              "00"),
            Errc::corrupt_message);  // frame version 2
  EXPECT_EQ(error_of_metadata("016300"
                              "00"),
            Errc::corrupt_message);  // id 99
  EXPECT_EQ(error_of_metadata("011401"
                              "00"),
            Errc::corrupt_message);  // NoOpRecord has no v1
  EXPECT_EQ(error_of_metadata("011400"
                              "0000"),
            Errc::corrupt_message);  // a byte left over
  EXPECT_EQ(error_of_metadata("011400"
                              "00"),
            Errc::none);
}

TEST(RecordFrame, AKeyOfANewerReleaseIsUnsupportedAndABrokenOneCorrupt) {
  EXPECT_EQ(decode_group_key(test::from_hex("03e7")).error().code(), Errc::unsupported_version);
  EXPECT_EQ(decode_group_key(test::from_hex("03")).error().code(), Errc::corrupt_message);
  EXPECT_EQ(decode_group_key(test::from_hex("0002"
                                            "0005"))
                .error()
                .code(),
            Errc::corrupt_message);
}

TEST(RecordFrame, AValueOfANewerReleaseIsUnsupported) {
  EXPECT_EQ(decode_group_value(2, test::from_hex("0063")).error().code(),
            Errc::unsupported_version);
  EXPECT_EQ(decode_group_value(99, test::from_hex("0000")).error().code(),
            Errc::unsupported_version);
}

}  // namespace
}  // namespace moldau::protocol
