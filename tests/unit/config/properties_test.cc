#include "config/properties.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/java_properties.h"
#include "unit/config/answers.h"

namespace moldau::config {
namespace {

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\')
      out += "\\\\";
    else if (c == '\t')
      out += "\\t";
    else if (c == '\n')
      out += "\\n";
    else if (c == '\r')
      out += "\\r";
    else if (c == '\f')
      out += "\\f";
    else
      out += c;
  }
  return out;
}

// docs/format/properties.md
TEST(ReadProperties, ReadsWhatJavaReads) {
  const auto cases = test::answers("properties");
  ASSERT_GT(cases.size(), 40U);
  for (const test::Answer& answer : cases) {
    const auto map = read_properties_map(answer.cells.size() > 1 ? answer.cells[1] : "");
    ASSERT_EQ(map.has_value(), answer.ok) << answer.line;
    if (!map) continue;
    std::string shown;
    for (const auto& [key, value] : *map) shown += escaped(key) + "=>" + escaped(value) + ";";
    EXPECT_EQ(shown, answer.text) << answer.line;
  }
}

TEST(WriteProperties, CommentsAreOnTop) {
  EXPECT_EQ(write_properties({{"k", "v"}}, {"made by a test"}), "# made by a test\nk=v\n");
}

RC_GTEST_PROP(PropertiesProperty, WhatIsWrittenReadsBackEqual,
              (std::map<std::string, std::string> in)) {
  ConfigMap map;
  const auto ascii = [](std::string text) {
    std::erase_if(text, [](char c) { return static_cast<unsigned char>(c) >= 0x7F || c == '\0'; });
    return text;
  };
  for (const auto& [key, value] : in)
    if (!ascii(key).empty()) map.set(ascii(key), ascii(value));
  const auto back = read_properties_map(write_properties(map));
  RC_ASSERT(back.has_value());
  RC_ASSERT(*back == map);
}

RC_GTEST_PROP(PropertiesProperty, AnyBytesAreReadOrRefused, (std::string in)) {
  const auto found = read_properties(in);
  if (found)
    for (const Property& property : *found) RC_ASSERT(property.line >= 1);
}

}  // namespace
}  // namespace moldau::config
