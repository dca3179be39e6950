#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "protocol/api/produce.h"
#include "protocol/codec.h"
#include "protocol/data/config_record.h"
#include "protocol/data/partition_change_record.h"
#include "protojson/json.h"
#include "support/message_vectors.h"

namespace moldau::protojson {
namespace {

TEST(FromJson, EveryGoldenJsonGivesTheBytesOfItsVector) {
  for (const test::MessageVector& vector : test::message_vectors()) {
    if (vector.situation == "tagged") continue;  // unknown tags do not show in JSON
    const auto message = vector.facts->make();
    Storage storage;
    const auto read =
        from_json(*vector.facts, Json::parse(vector.json), vector.version, message.get(), storage);
    ASSERT_TRUE(read.has_value()) << vector.title() << ": " << read.error().describe();
    Writer out;
    protocol::encode(*vector.facts, message.get(), out, vector.version);
    EXPECT_EQ(test::to_hex(out.view()), test::to_hex(vector.bytes)) << vector.title();
  }
}

Errc error_of(const Result<protocol::ConfigRecord>& result) {
  return result ? Errc::none : result.error().code();
}
Result<protocol::ConfigRecord> config_of(const char* text) {
  Storage storage;
  return from_json<protocol::ConfigRecord>(Json::parse(text), ApiVersion{0}, storage);
}

TEST(FromJson, AFieldThatIsMissingIsNamed) {
  const auto read = config_of(R"({"resourceType":2,"resourceName":"t","name":"k"})");
  ASSERT_EQ(error_of(read), Errc::invalid_request);
  EXPECT_NE(read.error().text().find("value"), std::string_view::npos);
}

TEST(FromJson, ANumberOutOfRangeIsRefused) {
  EXPECT_EQ(
      error_of(config_of(R"({"resourceType":128,"resourceName":"t","name":"k","value":null})")),
      Errc::invalid_request);
}

TEST(FromJson, NullIsRefusedWhereItMayNotBe) {
  EXPECT_EQ(
      error_of(config_of(R"({"resourceType":2,"resourceName":null,"name":"k","value":null})")),
      Errc::invalid_request);
}

TEST(FromJson, TheWrongTypeIsRefused) {
  EXPECT_EQ(
      error_of(config_of(R"({"resourceType":"2","resourceName":"t","name":"k","value":null})")),
      Errc::invalid_request);
  EXPECT_EQ(error_of(config_of("[]")), Errc::invalid_request);
}

TEST(FromJson, AnUnknownNameIsPassedOver) {
  EXPECT_EQ(error_of(config_of(
                R"({"resourceType":2,"resourceName":"t","name":"k","value":"v","more":1})")),
            Errc::none);
}

TEST(FromJson, ATaggedFieldMayBeMissing) {
  Storage storage;
  const auto read = from_json<protocol::PartitionChangeRecord>(
      Json::parse(R"({"partitionId":3,"topicId":"AAAAAAAAAAAAAAAAAAAAAQ","leader":7})"),
      ApiVersion{0}, storage);
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->leader, BrokerId{7});
  EXPECT_EQ(read->isr, std::nullopt);
}

TEST(FromJson, ViewsPointIntoTheStorage) {
  Storage storage;
  const auto read = from_json<protocol::ProduceRequest>(
      Json::parse(R"({"transactionalId":null,"acks":1,"timeoutMs":5,"topicData":
        [{"name":"t","partitionData":[{"index":0,"records":"YWJj"}]}]})"),
      ApiVersion{9}, storage);
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->topic_data[0].name, "t");
  EXPECT_EQ(as_text(*read->topic_data[0].partition_data[0].records), "abc");
}

}  // namespace
}  // namespace moldau::protojson
