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

TEST(ReadProperties, WhatIsNotUtf8IsLatin1) {
  EXPECT_EQ(*read_properties_map("a=caf\xC3\xA9")->find("a"), "caf\xC3\xA9");
  EXPECT_EQ(*read_properties_map("a=caf\xE9")->find("a"), "caf\xC3\xA9");
  for (const char* wrong : {"a=\xC0\x80", "a=\xE0\x80\x80", "a=\xED\xA0\x80", "a=\xF4\x90\x80\x80",
                            "a=\xF0\x80\x80\x80", "a=\xE2\x82", "a=\x80", "a=\xFF"}) {
    EXPECT_TRUE(read_properties_map(wrong)->find("a")->starts_with("\xC3") ||
                read_properties_map(wrong)->find("a")->starts_with("\xC2"))
        << wrong;
  }
  EXPECT_EQ(*read_properties_map("a=\xF0\x9F\x98\x80\xE2\x82\xAC")->find("a"),
            "\xF0\x9F\x98\x80\xE2\x82\xAC");
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
