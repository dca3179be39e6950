#include "protojson/json_text.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace moldau::protojson {
namespace {

using Json = nlohmann::ordered_json;

TEST(JsonText, KeepsTheOrderOfNamesOnOneLine) {
  EXPECT_EQ(json_text(Json{{"z", 1}, {"a", "b"}}), R"({"z":1,"a":"b"})");
}

TEST(JsonText, IndentsWhenAsked) {
  EXPECT_EQ(json_lines(Json::array({1})), "[\n 1\n]");
  EXPECT_EQ(json_lines(Json::array({1}), 2), "[\n  1\n]");
}

TEST(JsonText, BytesThatAreNotUtf8AreReplacedAndNotThrownOn) {
  EXPECT_EQ(json_text(Json("a\xff")), "\"a\xef\xbf\xbd\"");
}

}  // namespace
}  // namespace moldau::protojson
