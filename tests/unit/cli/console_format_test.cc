#include "cli/console_format.h"

#include <gtest/gtest.h>

namespace moldau::cli {
namespace {

constexpr std::string_view k_default = "org.apache.kafka.tools.consumer.DefaultMessageFormatter";

client::IncomingRecord record_of(std::optional<std::string_view> key,
                                 std::optional<std::string_view> value) {
  client::IncomingRecord record{.offset = Offset{4}, .timestamp = timestamp_of(1795243001881)};
  if (key) record.key = SharedBytes::copy_of(as_bytes(*key));
  if (value) record.value = SharedBytes::copy_of(as_bytes(*value));
  return record;
}
std::string written(const PropertyMap& properties, const client::IncomingRecord& record) {
  const auto formatter = MessageFormatter::from(k_default, properties);
  EXPECT_TRUE(formatter.has_value());
  std::string out;
  EXPECT_TRUE(formatter->write(record, PartitionIndex{1}, out).has_value());
  return out;
}

TEST(MessageFormatterTest, AllColumnsComeInKafkasOrder) {
  const PropertyMap all{{"print.timestamp", "true"}, {"print.key", "true"},
                        {"print.offset", "true"},    {"print.partition", "true"},
                        {"print.headers", "true"},   {"print.epoch", "true"}};
  EXPECT_EQ(written(all, record_of("k1", "v1")),
            "CreateTime:1795243001881\tPartition:1\tOffset:4\tEpoch:NOT_PRESENT\tNO_HEADERS\tk1\t"
            "v1\n");
}

TEST(MessageFormatterTest, TheLastColumnEndsTheLine) {
  const PropertyMap keys{{"print.key", "true"}, {"print.value", "false"}, {"null.literal", "<n>"}};
  EXPECT_EQ(written(keys, record_of("k", "v")), "k\n");
  EXPECT_EQ(written(keys, record_of(std::nullopt, "v")), "<n>\n");
}

TEST(MessageFormatterTest, AValueOfTheWrongSizeIsRefused) {
  const auto formatter = MessageFormatter::from(
      k_default,
      {{"value.deserializer", "org.apache.kafka.common.serialization.LongDeserializer"}});
  ASSERT_TRUE(formatter.has_value());
  std::string out;
  const auto done = formatter->write(record_of(std::nullopt, "v1"), PartitionIndex{0}, out);
  ASSERT_FALSE(done.has_value());
  EXPECT_EQ(done.error().text(), "Size of data received by LongDeserializer is not 8");
}

TEST(MessageFormatterTest, OldClassNamesWorkAndUnknownOnesAreNamed) {
  EXPECT_TRUE(MessageFormatter::from("kafka.tools.DefaultMessageFormatter", {}).has_value());
  const auto unknown = MessageFormatter::from("no.such.Formatter", {});
  ASSERT_FALSE(unknown.has_value());
  EXPECT_EQ(unknown.error().text(), "no.such.Formatter");
}

Result<std::string> as(std::string_view deserializer, std::string_view value) {
  const auto formatter = MessageFormatter::from(
      k_default, {{"value.deserializer",
                   "org.apache.kafka.common.serialization." + std::string(deserializer)}});
  EXPECT_TRUE(formatter.has_value());
  std::string out;
  TRY_OK(formatter->write(record_of(std::nullopt, value), PartitionIndex{0}, out));
  return out;
}

TEST(MessageFormatterTest, AUuidIsReadAndWrittenAsJavas) {
  EXPECT_EQ(*as("UUIDDeserializer", "ABCDEF01-2345-6789-abcd-ef0123456789"),
            "abcdef01-2345-6789-abcd-ef0123456789\n");
  EXPECT_EQ(*as("UUIDDeserializer", "1-2-3-4-5"), "00000001-0002-0003-0004-000000000005\n");
  for (const char* text : {"v1", "", "1-2-3-4", "1-2-3-4-5-6", "1-2-3-4-", "1-2-3-4-g",
                           "00000000-0000-0000-0000-0000000000000", "ffffffffffffffff-2-3-4-5"}) {
    const auto refused = as("UUIDDeserializer", text);
    ASSERT_FALSE(refused.has_value()) << text;
    EXPECT_EQ(refused.error().code(), Errc::invalid_record);
    EXPECT_EQ(refused.error().text(), "Error parsing data into UUID");
  }
}

TEST(MessageFormatterTest, BytesAreWrittenAsJavasClassesDo) {
  EXPECT_EQ(*as("BytesDeserializer", "a ~\\\x01\xff"), "a ~\\x5C\\x01\\xFF\n");
  EXPECT_EQ(*as("ByteBufferDeserializer", "v1"), "java.nio.HeapByteBuffer[pos=0 lim=2 cap=2]\n");
  EXPECT_EQ(*as("ByteArrayDeserializer", "v1"), "v1\n");
  const auto refused = as("VoidDeserializer", "v1");
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code(), Errc::invalid_request) << "an IllegalArgumentException";
  EXPECT_EQ(refused.error().text(), "Data should be null for a VoidDeserializer.");
}

}  // namespace
}  // namespace moldau::cli
