#include "controller/topic_names.h"

#include <gtest/gtest.h>

#include "unit/metadata/records.h"

namespace moldau::controller {
namespace {

std::string refusal(std::string_view name) {
  const auto checked = check_topic_name(name);
  return checked ? "" : std::string(checked.error().text());
}

TEST(TopicNames, LegalOnesPass) {
  for (const auto* name : {"a", "A-b_c.9", "__consumer_offsets"}) EXPECT_EQ(refusal(name), "");
  EXPECT_EQ(refusal(std::string(249, 'x')), "");
}

TEST(TopicNames, IllegalOnesAreRefusedInKafkasWords) {
  EXPECT_EQ(refusal(""), "Topic name is invalid: the empty string is not allowed");
  EXPECT_EQ(refusal("."), "Topic name is invalid: '.' is not allowed");
  EXPECT_EQ(refusal(".."), "Topic name is invalid: '..' is not allowed");
  EXPECT_EQ(refusal("a b"),
            "Topic name is invalid: 'a b' contains one or more characters other than ASCII "
            "alphanumerics, '.', '_' and '-'");
  const std::string x(250, 'x');
  EXPECT_EQ(refusal(x), "Topic name is invalid: the length of '" + x +
                            "' is longer than the max allowed length 249");
}

TEST(TopicNames, DotAndUnderscoreCollide) {
  const auto image =
      metadata::test::image_of({metadata::test::topic_is("a.b", metadata::test::k_topic_a),
                                metadata::test::topic_is("plain", metadata::test::k_topic_b)});
  EXPECT_EQ(colliding_topic(image->topics, "a_b")->name, "a.b");
  EXPECT_EQ(colliding_topic(image->topics, "a.b")->name, "a.b");
  EXPECT_EQ(colliding_topic(image->topics, "a_c"), nullptr);
  EXPECT_EQ(colliding_topic(image->topics, "a_bb"), nullptr);
  EXPECT_EQ(colliding_topic(image->topics, "plain"), nullptr);
}

}  // namespace
}  // namespace moldau::controller
