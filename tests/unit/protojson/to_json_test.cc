#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "protocol/api/fetch.h"
#include "protocol/codec.h"
#include "protocol/data/client_quota_record.h"
#include "protojson/json.h"
#include "support/message_vectors.h"

namespace moldau::protojson {
namespace {

TEST(ToJson, EveryGoldenVectorDecodesToTheJsonOfKafkasConverterInItsOrder) {
  ASSERT_EQ(test::message_vectors().size(), 2945);
  for (const test::MessageVector& vector : test::message_vectors()) {
    const auto message = vector.facts->make();
    const auto decoded =
        protocol::decode_into(*vector.facts, vector.bytes, vector.version, message.get());
    ASSERT_TRUE(decoded.has_value()) << vector.title() << ": " << decoded.error().describe();
    const Json json = to_json(*vector.facts, message.get(), vector.version);
    EXPECT_EQ(json, Json::parse(vector.json)) << vector.title();
  }
}

TEST(ToJson, RecordsAsSizesAreNamedSo) {
  protocol::FetchResponse response;
  auto& partition = response.responses.emplace_back().partitions.emplace_back();
  partition.records = protocol::Records(SharedBytes::copy_of(as_bytes("abc")));
  const Json json = to_json(response, ApiVersion{13}, RecordsAs::size_in_bytes);
  const Json& shown = json["responses"][0]["partitions"][0];
  EXPECT_EQ(shown["recordsSizeInBytes"], 3);
  EXPECT_FALSE(shown.contains("records"));
}

TEST(ToJson, ASpliceIsShownAsItsSize) {
  protocol::FetchResponse response;
  auto& partition = response.responses.emplace_back().partitions.emplace_back();
  partition.records = protocol::Records::splice(70'000);
  const Json json = to_json(response, ApiVersion{13});
  EXPECT_EQ(json["responses"][0]["partitions"][0]["recordsSizeInBytes"], 70'000);
}

TEST(ToJson, MalformedUtf8BecomesReplacementCharacters) {
  protocol::ClientQuotaRecord record;
  record.key = "a\xff";
  EXPECT_EQ(to_json(record, ApiVersion{0})["key"], "a\xef\xbf\xbd");
}

}  // namespace
}  // namespace moldau::protojson
