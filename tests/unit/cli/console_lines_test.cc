#include "cli/console_lines.h"

#include <gtest/gtest.h>

namespace moldau::cli {
namespace {

std::string text(const std::optional<std::vector<std::byte>>& bytes) {
  return bytes ? std::string(as_text(*bytes)) : "(null)";
}
LineReader reader(const PropertyMap& properties) {
  Result<LineReader> made = LineReader::from(properties);
  EXPECT_TRUE(made.has_value());
  return *std::move(made);
}

TEST(LineReaderTest, ALineIsTheValueWhenNothingElseIsAskedFor) {
  const auto record = reader({}).read("a\tb");
  ASSERT_TRUE(record.has_value());
  EXPECT_EQ(text(record->key), "(null)");
  EXPECT_EQ(text(record->value), "a\tb");
}

TEST(LineReaderTest, HeadersKeyAndValueComeInThisOrder) {
  auto lines =
      reader({{"parse.key", "true"}, {"parse.headers", " TRUE "}, {"null.marker", "NULL"}});
  const auto record = lines.read("h1:a,h2:NULL\tk\tv");
  ASSERT_TRUE(record.has_value());
  EXPECT_EQ(text(record->key), "k");
  EXPECT_EQ(text(record->value), "v");
  ASSERT_EQ(record->headers.size(), 2U);
  EXPECT_EQ(record->headers[0].key, "h1");
  EXPECT_EQ(text(record->headers[0].value), "a");
  EXPECT_EQ(text(record->headers[1].value), "(null)");
}

TEST(LineReaderTest, AMissingSeparatorNamesTheLine) {
  auto lines = reader({{"parse.key", "true"}, {"key.separator", ":"}});
  ASSERT_TRUE(lines.read("k:v").has_value());
  const auto bad = lines.read("no separator here");
  ASSERT_FALSE(bad.has_value());
  EXPECT_EQ(bad.error().text(), "No key separator found on line number 2: 'no separator here'");
}

TEST(LineReaderTest, IgnoredErrorsLeaveTheLineAsValue) {
  const auto record = reader({{"parse.key", "true"}, {"ignore.error", "true"}}).read("whole");
  ASSERT_TRUE(record.has_value());
  EXPECT_EQ(text(record->key), "(null)");
  EXPECT_EQ(text(record->value), "whole");
}

TEST(LineReaderTest, EqualSeparatorsAreRefused) {
  const auto made = LineReader::from({{"headers.separator", "\t"}});
  ASSERT_FALSE(made.has_value());
  EXPECT_EQ(made.error().text(), "headers.delimiter and headers.separator may not be equal");
}

}  // namespace
}  // namespace moldau::cli
