#include "base/topic_name.h"

#include <gtest/gtest.h>

namespace moldau {
namespace {

std::string refusal(std::string_view name) {
  const auto checked = check_topic_name(name);
  if (checked) return "";
  EXPECT_EQ(checked.error().code(), Errc::invalid_topic_exception);
  return std::string(checked.error().text());
}

TEST(TopicName, LegalOnesPass) {
  for (const auto* name : {"a", "A-b_c.9", "__consumer_offsets", "..."}) {
    EXPECT_EQ(refusal(name), "");
  }
  EXPECT_EQ(refusal(std::string(249, 'x')), "");
}

TEST(TopicName, IllegalOnesAreRefusedInKafkasWords) {
  EXPECT_EQ(refusal(""), "Topic name is invalid: the empty string is not allowed");
  EXPECT_EQ(refusal("."), "Topic name is invalid: '.' is not allowed");
  EXPECT_EQ(refusal(".."), "Topic name is invalid: '..' is not allowed");
  for (const std::string name : {"a b", "a/b", "caf\xC3\xA9"}) {
    EXPECT_EQ(refusal(name), "Topic name is invalid: '" + name +
                                 "' contains one or more characters other than ASCII "
                                 "alphanumerics, '.', '_' and '-'");
  }
  const std::string x(250, 'x');
  EXPECT_EQ(refusal(x), "Topic name is invalid: the length of '" + x +
                            "' is longer than the max allowed length 249");
}

}  // namespace
}  // namespace moldau
