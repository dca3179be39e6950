#include "cli/property_warnings.h"

#include <gtest/gtest.h>

namespace moldau::cli {
namespace {

using config::Scope;
using Lines = std::vector<std::string>;

TEST(PropertyWarnings, UnknownKeyIsNamedWithTheNearestKnownOne) {
  EXPECT_EQ(warnings_about({Scope::consumer}, {{"client.rak", "a"}}),
            Lines{"client.rak is not a known key and has no effect. The nearest known key is "
                  "client.rack."});
  EXPECT_EQ(warnings_about({Scope::consumer}, {{"zzzzzzzzzzzz", "a"}}),
            Lines{"zzzzzzzzzzzz is not a known key and has no effect."});
}

TEST(PropertyWarnings, KeyWithoutEffectIsNamedUnlessItAsksForNothingElse) {
  EXPECT_EQ(warnings_about({Scope::consumer}, {{"reconnect.backoff.ms", "70"}}),
            Lines{"reconnect.backoff.ms is known, but without effect in this version."});
  EXPECT_TRUE(warnings_about({Scope::consumer}, {{"reconnect.backoff.ms", "50"}}).empty());
}

TEST(PropertyWarnings, NothingIsSaidOfWhatCountsOrOfWhatKafkasToolsOverrule) {
  EXPECT_TRUE(warnings_about({Scope::consumer}, {{"client.rack", "a"},
                                                 {"group.id", "g"},
                                                 {"fetch.min.bytes", "7"},
                                                 {"key.deserializer", "x"},
                                                 {"sasl.jaas.config", "x"},
                                                 {"ssl.truststore.location", "x"}})
                  .empty());
}

TEST(PropertyWarnings, OneOfTwoClientsIsEnough) {
  const PropertyMap properties{{"acks", "1"}, {"group.id", "g"}};
  EXPECT_EQ(warnings_about({Scope::consumer}, properties).size(), 1U);
  EXPECT_TRUE(warnings_about({Scope::producer, Scope::consumer}, properties).empty());
}

TEST(PropertyWarnings, FileOfNonsenseIsCutShort) {
  PropertyMap properties;
  for (int i = 0; i < 60; ++i) properties["nonsense" + std::to_string(i)] = "x";
  const Lines lines = warnings_about({Scope::consumer}, properties);
  ASSERT_EQ(lines.size(), 51U);
  EXPECT_EQ(lines.back(), "10 more keys are not known and have no effect.");
}

}  // namespace
}  // namespace moldau::cli
