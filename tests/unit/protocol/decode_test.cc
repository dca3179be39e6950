#include <gtest/gtest.h>

#include "base/rng.h"
#include "bytes/writer.h"
#include "protocol/api/create_topics.h"
#include "protocol/api/fetch.h"
#include "protocol/api/leave_group.h"
#include "protocol/api/metadata.h"
#include "protocol/api/produce.h"
#include "protocol/api/sasl_handshake.h"
#include "protocol/codec.h"
#include "protocol/data/consumer_group_member_metadata_value.h"
#include "protocol/data/partition_change_record.h"
#include "protocol/data/topic_record.h"
#include "support/message_vectors.h"

namespace moldau::protocol {
namespace {

Result<void> decode_erased(const MessageFacts& facts, Bytes bytes, ApiVersion version) {
  const auto message = facts.make();
  return decode_into(facts, bytes, version, message.get());
}

template <class T>
void expect_refused(const std::string& hex, ApiVersion version, const char* because) {
  const auto decoded = T::decode(test::from_hex(hex), version);
  ASSERT_FALSE(decoded.has_value()) << hex;
  EXPECT_EQ(decoded.error().code(), Errc::bad_frame);
  EXPECT_NE(decoded.error().text().find(because), std::string_view::npos)
      << decoded.error().describe();
}

TEST(Decode, EveryGoldenVectorCutShortIsRefused) {
  for (const test::MessageVector& vector : test::message_vectors()) {
    const Bytes bytes = vector.bytes;
    // Long vectors in steps, so that all of them take a second.
    const std::size_t step = bytes.size() / 64 + 1;
    for (std::size_t size = 0; size < bytes.size(); size += step)
      EXPECT_FALSE(decode_erased(*vector.facts, bytes.first(size), vector.version).has_value())
          << vector.title() << " cut to " << size;
  }
}

TEST(Decode, EveryGoldenVectorWithAByteBehindItIsRefused) {
  for (const test::MessageVector& vector : test::message_vectors()) {
    std::vector<std::byte> bytes = vector.bytes;
    bytes.push_back(std::byte{0});
    EXPECT_FALSE(decode_erased(*vector.facts, bytes, vector.version).has_value()) << vector.title();
  }
}

TEST(Decode, AVersionThatDoesNotExistIsUnsupported) {
  for (const MessageFacts* facts : all_messages()) {
    for (const ApiVersion version : {ApiVersion{-1}, facts->versions.last.next()}) {
      const auto decoded = decode_erased(*facts, {}, version);
      ASSERT_FALSE(decoded.has_value()) << facts->name;
      EXPECT_EQ(decoded.error().code(), Errc::unsupported_version) << facts->name;
    }
  }
}

// SaslHandshake v0, response: int16 error, array of strings.
TEST(Decode, AListLongerThanTheBytesThatRemainTakesNoMemory) {
  expect_refused<SaslHandshakeResponse>(
      "0000"
      "7fffffff"
      "000161",
      ApiVersion{0}, "runs past the end");
  expect_refused<SaslHandshakeResponse>(
      "0000"
      "00000003"
      "000161",
      ApiVersion{0}, "longer than the bytes that remain");
}

TEST(Decode, AListOfMoreThanAMillionElementsIsRefused) {
  Writer out;
  out.i16(0);
  out.i32(1'000'001);
  for (int i = 0; i < 1'000'001; ++i) out.i16(0);
  const auto refused = SaslHandshakeResponse::decode(out.view(), ApiVersion{0});
  ASSERT_FALSE(refused.has_value());
  EXPECT_NE(refused.error().text().find("more elements"), std::string_view::npos);

  std::vector<std::byte> bytes = out.take();
  bytes.resize(bytes.size() - 2);
  store_big(bytes.data() + 2, std::int32_t{1'000'000});
  const auto taken = SaslHandshakeResponse::decode(bytes, ApiVersion{0});
  ASSERT_TRUE(taken.has_value());
  EXPECT_EQ(taken->mechanisms.size(), 1'000'000);
}

// LeaveGroup version 5, request: members of 4 bytes, 120 in memory.
std::vector<std::byte> leave_group_of(std::uint32_t members) {
  Writer out;
  out.uvarint(1);
  out.uvarint(members + 1);
  for (std::uint32_t i = 0; i < members; ++i) out.u32(0x01000000);
  out.uvarint(0);
  return out.take();
}

TEST(Decode, ListsThatWouldTakeManyTimesTheirBytesAreRefused) {
  EXPECT_TRUE(LeaveGroupRequest::decode(leave_group_of(500'000), ApiVersion{5}).has_value());
  const auto refused = LeaveGroupRequest::decode(leave_group_of(900'000), ApiVersion{5});
  ASSERT_FALSE(refused.has_value());
  EXPECT_NE(refused.error().text().find("memory"), std::string_view::npos);
}

TEST(Decode, AStringLongerThan32767BytesIsRefused) {
  for (const std::uint32_t size : {32'767U, 32'768U}) {
    Writer out;
    out.uvarint(size + 1);
    for (std::uint32_t i = 0; i < size; ++i) out.i8('x');
    out.uuid({});
    out.uvarint(0);
    const auto decoded = TopicRecord::decode(out.view(), ApiVersion{0});
    EXPECT_EQ(decoded.has_value(), size == 32'767U) << size;
  }
}

std::vector<std::byte> topic_record_with_tags(std::uint32_t announced, std::uint32_t written) {
  Writer out;
  out.uvarint(2);
  out.text("t");
  out.uuid({});
  out.uvarint(announced);
  for (std::uint32_t tag = 0; tag < written; ++tag) {
    out.uvarint(tag);
    out.uvarint(0);
  }
  return out.take();
}

TEST(Decode, MoreThan10000TaggedFieldsInAStructAreRefused) {
  EXPECT_TRUE(TopicRecord::decode(topic_record_with_tags(10'000, 10'000), ApiVersion{0}));
  EXPECT_FALSE(TopicRecord::decode(topic_record_with_tags(10'001, 10'001), ApiVersion{0}));
  EXPECT_FALSE(TopicRecord::decode(topic_record_with_tags(2, 1), ApiVersion{0}));
}

TEST(Decode, NullWhereItIsNotAllowedIsRefused) {
  expect_refused<SaslHandshakeRequest>("ffff", ApiVersion{0}, "null");
  // Metadata v0 had no null list of topics; since v1 it means all of them.
  expect_refused<MetadataRequest>("ffffffff", ApiVersion{0}, "null");
  const auto all = MetadataRequest::decode(test::from_hex("ffffffff"), ApiVersion{1});
  ASSERT_TRUE(all.has_value());
  EXPECT_EQ(all->topics, std::nullopt);
}

TEST(Decode, AnyNegativeLengthIsNullAsInKafka) {
  const auto all = MetadataRequest::decode(test::from_hex("80000000"), ApiVersion{1});
  ASSERT_TRUE(all.has_value());
  EXPECT_EQ(all->topics, std::nullopt);
}

// PartitionChangeRecord v0: int32, uuid, then tags: 0 isr, 1 leader.
const std::string k_change =
    "00000003"
    "00000000000000000000000000000001";

TEST(Decode, TaggedFieldsInAnyOrderAreTaken) {
  const auto changed = PartitionChangeRecord::decode(test::from_hex(k_change + "02"
                                                                               "010400000007"
                                                                               "000502"
                                                                               "00000009"),
                                                     ApiVersion{0});
  ASSERT_TRUE(changed.has_value());
  EXPECT_EQ(changed->leader, BrokerId{7});
  EXPECT_EQ(changed->isr, std::vector{BrokerId{9}});
}

TEST(Decode, OfATaggedFieldThatComesTwiceTheLastOneCounts) {
  const auto changed = PartitionChangeRecord::decode(test::from_hex(k_change + "02"
                                                                               "010400000007"
                                                                               "010400000008"),
                                                     ApiVersion{0});
  ASSERT_TRUE(changed.has_value());
  EXPECT_EQ(changed->leader, BrokerId{8});
}

TEST(Decode, ATaggedStructThatComesTwiceStartsAnew) {
  // Fetch v12, request: everything empty, then replica_state is v15+. Tag 1 twice; the second one
  // has no unknown tag, which the first one had.
  Writer out;
  out.i32(0);      // max_wait_ms
  out.i32(0);      // min_bytes
  out.i32(0);      // max_bytes
  out.i8(0);       // isolation_level
  out.i32(0);      // session_id
  out.i32(0);      // session_epoch
  out.uvarint(1);  // topics
  out.uvarint(1);  // forgotten topics
  out.uvarint(1);  // rack
  out.uvarint(2);  // tags
  for (const bool first : {true, false}) {
    out.uvarint(1);
    out.uvarint(first ? 15 : 13);
    out.i32(first ? 5 : 6);
    out.i64(9);
    out.uvarint(first ? 1 : 0);
    if (first) out.uvarint(30);
    if (first) out.uvarint(0);
  }
  const auto fetch = FetchRequest::decode(out.view(), ApiVersion{15});
  ASSERT_TRUE(fetch.has_value()) << fetch.error().describe();
  EXPECT_EQ(fetch->replica_state.replica_id, BrokerId{6});
  EXPECT_TRUE(fetch->replica_state.unknown_tags.empty());
}

TEST(Decode, ATaggedFieldThatIsNotAsLongAsItSaysIsRefused) {
  expect_refused<PartitionChangeRecord>(k_change +
                                            "01"
                                            "010500000007"
                                            "00",
                                        ApiVersion{0}, "not as long");
  expect_refused<PartitionChangeRecord>(k_change +
                                            "01"
                                            "017f00000007",
                                        ApiVersion{0}, "runs past the end");
}

TEST(Decode, ATaggedFieldOfALaterVersionIsRefusedAsInKafka) {
  // Directories, tag 8, are v1+.
  expect_refused<PartitionChangeRecord>(k_change +
                                            "01"
                                            "080101",
                                        ApiVersion{0}, "this version does not have");
}

TEST(Decode, UnknownTagsAreKept) {
  const auto topic = TopicRecord::decode(topic_record_with_tags(3, 3), ApiVersion{0});
  ASSERT_TRUE(topic.has_value());
  EXPECT_EQ(topic->unknown_tags.size(), 3);
}

TEST(Decode, ANullTaggedStructHasAnUvarintForItsMark) {
  const auto absent = ConsumerGroupMemberMetadataValue::decode(test::from_hex("01"
                                                                              "01"
                                                                              "01"
                                                                              "01"
                                                                              "01"
                                                                              "01"
                                                                              "ffffffff"
                                                                              "01"
                                                                              "00"),
                                                               ApiVersion{0});
  ASSERT_TRUE(absent.has_value()) << absent.error().describe();
  EXPECT_TRUE(absent->classic_member_metadata.has_value());  // Kafka's default: empty, not null

  const auto null = ConsumerGroupMemberMetadataValue::decode(test::from_hex("01"
                                                                            "01"
                                                                            "01"
                                                                            "01"
                                                                            "01"
                                                                            "01"
                                                                            "ffffffff"
                                                                            "01"
                                                                            "01"
                                                                            "000100"),
                                                             ApiVersion{0});
  ASSERT_TRUE(null.has_value()) << null.error().describe();
  EXPECT_EQ(null->classic_member_metadata, std::nullopt);
}

std::vector<std::byte> produce_of(std::string_view records) {
  ProduceRequest request;
  auto& topic = request.topic_data.emplace_back();
  topic.name = "t";
  topic.partition_data.emplace_back().records = as_bytes(records);
  Writer out;
  request.encode(out, ApiVersion{9});
  return out.take();
}

TEST(Decode, RecordsOfARequestAreAViewOfTheBytesGiven) {
  const std::vector<std::byte> bytes = produce_of("records");
  const auto request = ProduceRequest::decode(bytes, ApiVersion{9});
  ASSERT_TRUE(request.has_value());
  const Bytes records = *request->topic_data[0].partition_data[0].records;
  EXPECT_EQ(as_text(records), "records");
  EXPECT_GE(records.data(), bytes.data());
  EXPECT_LE(records.data() + records.size(), bytes.data() + bytes.size());
}

TEST(Decode, RecordsOfAResponseShareTheOwnerOfTheBytesGiven) {
  FetchResponse response;
  response.responses.emplace_back().partitions.emplace_back().records =
      Records(SharedBytes::copy_of(as_bytes("records")));
  Writer out;
  response.encode(out, ApiVersion{13});
  Records kept;
  {
    const SharedBytes frame = SharedBytes::take(out.take());
    auto decoded = FetchResponse::decode(frame, ApiVersion{13});
    ASSERT_TRUE(decoded.has_value());
    kept = decoded->responses[0].partitions[0].records;
  }
  EXPECT_EQ(as_text(kept.bytes().view()), "records");
}

TEST(Decode, BytesTurnedAtRandomNeverDecodeToWhatDoesNotEncode) {
  Rng rng(7);
  for (const test::MessageVector& vector : test::message_vectors()) {
    std::vector<std::byte> bytes = vector.bytes;
    if (bytes.empty()) continue;
    for (int i = 0; i < 3; ++i) bytes[rng.below(bytes.size())] ^= std::byte{1} << rng.below(8);
    const auto message = vector.facts->make();
    if (!decode_into(*vector.facts, bytes, vector.version, message.get())) continue;
    EXPECT_TRUE(measure(*vector.facts, message.get(), vector.version)) << vector.title();
  }
}

}  // namespace
}  // namespace moldau::protocol
