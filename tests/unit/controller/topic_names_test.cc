#include "controller/topic_names.h"

#include <gtest/gtest.h>

#include "unit/metadata/records.h"

namespace moldau::controller {
namespace {

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
