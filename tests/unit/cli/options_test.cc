#include "cli/options.h"

#include <gtest/gtest.h>

#include <array>

namespace moldau::cli {
namespace {

constexpr auto k_options = std::to_array<Option>({
    {.name = "topic", .value = "String: topic", .help = "The topic."},
    {.name = "config", .value = "key=value", .help = "A setting.", .repeatable = true},
    {.name = "list", .help = "List all."},
    {.name = "entity-default", .value = "name", .value_is_optional = true},
    {.name = "broker-list", .value = "servers", .instead_of = "bootstrap-server"},
    {.name = "bootstrap-server", .value = "servers"},
    {.name = "c", .value = "file"},
});

Result<Given> parse(std::vector<std::string> words) { return parse_options(k_options, words); }

TEST(Options, ValuesComeBehindOrAfterAnEqualsSign) {
  const auto given = parse({"--topic", "a", "--config=x=1", "--config", "y=2", "-c", "f", "rest"});
  ASSERT_TRUE(given.has_value());
  EXPECT_EQ(given->one("topic"), "a");
  EXPECT_EQ(given->all("config"), (std::vector<std::string>{"x=1", "y=2"}));
  EXPECT_EQ(given->one("c"), "f");
  EXPECT_EQ(given->positional(), std::vector<std::string>{"rest"});
  EXPECT_FALSE(given->has("list"));
}

TEST(Options, UnknownOneNamesTheNearest) {
  EXPECT_EQ(parse({"--topik", "a"}).error().text(),
            "topik is not a recognized option\nDid you mean --topic?");
  EXPECT_EQ(parse({"--zzzzzzzz"}).error().text(), "zzzzzzzz is not a recognized option");
}

TEST(Options, MissingSuperfluousAndRepeatedValuesAreRefused) {
  EXPECT_EQ(parse({"--topic"}).error().text(), "Option topic requires an argument");
  EXPECT_TRUE(parse({"--list=1"})->has("list"));
  EXPECT_FALSE(parse({"--topic", "a", "--topic", "b"})->repeated().empty());
  EXPECT_TRUE(parse({"--entity-default", "--list"})->has("list"));
}

TEST(Options, OlderSpellingWorksWithANote) {
  const auto given = parse({"--broker-list", "h:1"});
  EXPECT_EQ(given->one("bootstrap-server"), "h:1");
  EXPECT_EQ(given->notes().size(), 1U);
}

TEST(MissingArgument, NamesTheFirstThatWasNotGiven) {
  constexpr auto k_needed = std::to_array<std::string_view>({"topic", "list", "config"});
  const auto given = parse({"--topic", "a"});
  EXPECT_EQ(missing_argument(*given, k_needed), "Missing required argument \"[list]\"");
  EXPECT_EQ(missing_argument(*given, std::span(k_needed).first(1)), "");
}

TEST(SplitAt, EmptyPartsAreKept) {
  EXPECT_EQ(split_at("a::b:", ':'), (std::vector<std::string_view>{"a", "", "b", ""}));
  EXPECT_EQ(split_at("", ':'), std::vector<std::string_view>{""});
}

TEST(SplitCommas, EmptyPartsAreLeftOutAndSpacesKept) {
  EXPECT_EQ(split_commas(",a,, b,"), (std::vector<std::string>{"a", " b"}));
  EXPECT_TRUE(split_commas("").empty());
}

TEST(KeyValues, ListsInBracketsKeepTheirCommas) {
  const auto pairs = parse_key_values("a=1,b=[x,y],c=");
  ASSERT_EQ(pairs->size(), 3U);
  EXPECT_EQ((*pairs)[1].value, "x,y");
  EXPECT_EQ((*pairs)[2].value, "");
  EXPECT_FALSE(parse_key_values("nonsense").has_value());
}

// Which texts Apache Kafka's tool took, and as what.
TEST(KeyValues, SeparatorsOutsideOfBracketsMayHaveSpaces) {
  const auto pairs = parse_key_values(" a = [x,y] , b =1, c= [k=v] ");
  ASSERT_TRUE(pairs.has_value());
  ASSERT_EQ(pairs->size(), 3U);
  EXPECT_EQ((*pairs)[0].key, "a");
  EXPECT_EQ((*pairs)[0].value, "x,y");
  EXPECT_EQ((*pairs)[1].key, "b");
  EXPECT_EQ((*pairs)[1].value, "1");
  EXPECT_EQ((*pairs)[2].value, "k=v");
  EXPECT_EQ(parse_key_values("a=[compact")->front().value, "compact");
  EXPECT_EQ(parse_key_values("=5")->front().key, "");
  EXPECT_EQ(parse_key_values("a=1,,")->size(), 1U);
  EXPECT_EQ(parse_key_values("a=1,a=2")->front().value, "2");
  for (const std::string_view wrong :
       {"", "a=1=2", "a=1,,b=5", "match=foo=bar", "m=[a,b],match=id=x", ",a=1"}) {
    EXPECT_FALSE(parse_key_values(wrong).has_value()) << wrong;
  }
}

}  // namespace
}  // namespace moldau::cli
