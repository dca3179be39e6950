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

}  // namespace
}  // namespace moldau::cli
