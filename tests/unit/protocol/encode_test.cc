#include <gtest/gtest.h>

#include "bytes/writer.h"
#include "protocol/api/create_topics.h"
#include "protocol/api/fetch.h"
#include "protocol/api/metadata.h"
#include "protocol/api/offset_commit.h"
#include "protocol/api/produce.h"
#include "protocol/codec.h"
#include "protocol/data/partition_change_record.h"
#include "protocol/data/topic_record.h"
#include "support/message_vectors.h"

namespace moldau::protocol {
namespace {

template <class T>
std::string encoded(const T& message, ApiVersion version) {
  Writer out;
  message.encode(out, version);
  return test::to_hex(out.view());
}

TEST(Encode, EveryGoldenVectorIsWrittenAsItWasReadAndMeasuredRight) {
  for (const test::MessageVector& vector : test::message_vectors()) {
    const auto message = vector.facts->make();
    ASSERT_TRUE(decode_into(*vector.facts, vector.bytes, vector.version, message.get()))
        << vector.title();
    Writer out;
    encode(*vector.facts, message.get(), out, vector.version);
    EXPECT_EQ(test::to_hex(out.view()), test::to_hex(vector.bytes)) << vector.title();
    const auto size = measure(*vector.facts, message.get(), vector.version);
    ASSERT_TRUE(size.has_value()) << vector.title();
    EXPECT_EQ(*size, vector.bytes.size()) << vector.title();
  }
}

TEST(Encode, ADefaultMessageIsKafkasDefault) {
  for (const test::MessageVector& vector : test::message_vectors()) {
    if (vector.situation != "default") continue;
    Writer out;
    encode(*vector.facts, vector.facts->make().get(), out, vector.version);
    EXPECT_EQ(test::to_hex(out.view()), test::to_hex(vector.bytes)) << vector.title();
  }
}

TEST(Encode, AnIgnorableFieldIsDroppedWhereTheVersionLacksIt) {
  CreateTopicsResponse response;
  response.topics.emplace_back().topic_id = Uuid{1, 2};  // v7+
  EXPECT_TRUE(response.encodable(ApiVersion{6}).has_value());
  EXPECT_EQ(encoded(response, ApiVersion{6}).find("0000000000000001"), std::string::npos);
  EXPECT_NE(encoded(response, ApiVersion{7}).find("0000000000000001"), std::string::npos);
}

TEST(Encode, AnotherFieldNotAtItsDefaultIsNotEncodableWhereTheVersionLacksIt) {
  OffsetCommitRequest request;
  request.group_instance_id = "i";  // v7+, not ignorable
  EXPECT_TRUE(request.encodable(ApiVersion{7}).has_value());
  const auto refused = request.encodable(ApiVersion{6});
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code(), Errc::invalid_request);
  EXPECT_NE(refused.error().text().find("groupInstanceId"), std::string_view::npos);
}

TEST(Encode, NullIsNotEncodableWhereTheVersionHasNone) {
  MetadataRequest request;
  request.topics = std::nullopt;
  EXPECT_FALSE(request.encodable(ApiVersion{0}).has_value());
  EXPECT_EQ(encoded(request, ApiVersion{1}), "ffffffff");
}

TEST(Encode, AStringThatIsTooLongIsNotEncodable) {
  TopicRecord record;
  record.name.assign(32'768, 'x');
  EXPECT_FALSE(record.encodable(ApiVersion{0}).has_value());
  record.name.pop_back();
  EXPECT_TRUE(record.encodable(ApiVersion{0}).has_value());
}

TEST(Encode, AnErrorTextThatIsTooLongIsCutOffBetweenCharacters) {
  CreateTopicsResponse response;
  std::string text(32'766, 'x');
  text += "é";  // two bytes, of which only one would fit
  response.topics.emplace_back().error_message = text;
  Writer out;
  response.encode(out, ApiVersion{5});
  const auto read = CreateTopicsResponse::decode(out.view(), ApiVersion{5});
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->topics[0].error_message, text.substr(0, 32'766));
}

TEST(Encode, ASpliceIsCountedAndLeftOut) {
  FetchResponse response;
  auto& partitions = response.responses.emplace_back().partitions;
  partitions.emplace_back().records = Records::splice(1'000);
  partitions.emplace_back().records = Records::none();
  Writer out;
  response.encode(out, ApiVersion{13});
  ASSERT_EQ(out.splices().size(), 1);
  EXPECT_EQ(out.splices()[0].size, 1'000);
  EXPECT_EQ(out.total_size(), response.size(ApiVersion{13}));
  EXPECT_EQ(out.size() + 1'000, out.total_size());
}

TEST(Encode, EmptyRecordsAreNotNull) {
  FetchResponse response;
  response.responses.emplace_back().partitions.emplace_back();
  const std::string null = encoded(response, ApiVersion{4});
  response.responses[0].partitions[0].records = Records::none();
  const std::string empty = encoded(response, ApiVersion{4});
  EXPECT_TRUE(null.ends_with("ffffffff"));
  EXPECT_TRUE(empty.ends_with("00000000"));
}

TEST(Encode, UnknownTagsStandAmongTheKnownOnesInOrder) {
  PartitionChangeRecord record;
  record.leader = BrokerId{7};  // tag 1
  record.unknown_tags.push_back({.tag = 20, .data = {}});
  record.unknown_tags.push_back({.tag = 9, .data = {std::byte{0xaa}}});
  EXPECT_TRUE(encoded(record, ApiVersion{0})
                  .ends_with("03"
                             "010400000007"
                             "0901aa"
                             "1400"));
  EXPECT_EQ(record.size(ApiVersion{0}) * 2, encoded(record, ApiVersion{0}).size());
}

TEST(Encode, UnknownTagsAreDroppedInVersionsWithoutTags) {
  MetadataRequest request;
  request.unknown_tags.push_back({.tag = 20, .data = {}});
  EXPECT_EQ(encoded(request, ApiVersion{0}), "00000000");
}

TEST(Encode, ATaggedFieldAtItsDefaultIsLeftOut) {
  const PartitionChangeRecord record;
  EXPECT_TRUE(encoded(record, ApiVersion{2}).ends_with("00"));
  EXPECT_EQ(record.size(ApiVersion{2}), 4 + 16 + 1);
}

TEST(Encode, NothingIsAllocatedBehindTheOneReservation) {
  ProduceRequest request;
  const std::string records(10'000, 'r');
  auto& topic = request.topic_data.emplace_back();
  topic.name = "t";
  for (int i = 0; i < 10; ++i) topic.partition_data.emplace_back().records = as_bytes(records);
  Writer out;
  request.encode(out, ApiVersion{9});
  EXPECT_EQ(out.take().capacity(), request.size(ApiVersion{9}));
}

TEST(EncodeDeathTest, WhatIsNotEncodableIsOurOwnFault) {
  TopicRecord record;
  record.name.assign(40'000, 'x');
  Writer out;
  EXPECT_DEATH(record.encode(out, ApiVersion{0}), "cannot say this value of name");
}

}  // namespace
}  // namespace moldau::protocol
