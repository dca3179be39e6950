#include "protocol/access.h"

#include <gtest/gtest.h>

#include "protocol/api/fetch.h"
#include "protocol/api/produce.h"
#include "protocol/codec.h"
#include "protocol/data/partition_record.h"
#include "support/message_vectors.h"

namespace moldau::protocol {
namespace {

TEST(Access, MessagesOfEqualBytesAreEqualAndOthersAreNot) {
  const test::MessageVector* before = nullptr;
  std::unique_ptr<void, void (*)(void*)> previous(nullptr, nullptr);
  for (const test::MessageVector& vector : test::message_vectors()) {
    auto a = vector.facts->make();
    const auto b = vector.facts->make();
    ASSERT_TRUE(decode_into(*vector.facts, vector.bytes, vector.version, a.get()));
    ASSERT_TRUE(decode_into(*vector.facts, vector.bytes, vector.version, b.get()));
    EXPECT_TRUE(equal(*vector.facts->body, a.get(), b.get())) << vector.title();
    const bool comparable = before != nullptr && before->facts == vector.facts &&
                            before->version == vector.version && before->bytes != vector.bytes;
    if (comparable)
      EXPECT_FALSE(equal(*vector.facts->body, a.get(), previous.get())) << vector.title();
    before = &vector;
    previous = std::move(a);
  }
}

TEST(Access, RecordsAreEqualByContent) {
  ProduceRequest a;
  a.topic_data.emplace_back().partition_data.emplace_back().records = as_bytes("abc");
  ProduceRequest b = a;
  const std::string other = "abc";
  b.topic_data[0].partition_data[0].records = as_bytes(other);
  EXPECT_EQ(a, b);
  b.topic_data[0].partition_data[0].records = as_bytes("abd");
  EXPECT_NE(a, b);
  b.topic_data[0].partition_data[0].records.reset();
  EXPECT_NE(a, b);
}

TEST(Access, NullBytesAndSplicesDiffer) {
  EXPECT_NE(Records{}, Records::none());
  EXPECT_NE(Records::splice(0), Records::none());
  EXPECT_EQ(Records::splice(3), Records::splice(3));
  EXPECT_NE(Records::splice(3), Records::splice(4));
}

TEST(Access, UnknownTagsCountInEquality) {
  PartitionRecord a;
  PartitionRecord b;
  b.unknown_tags.push_back({.tag = 5, .data = {}});
  EXPECT_NE(a, b);
  a = b;
  EXPECT_EQ(a, b);
}

TEST(Access, EveryFieldOfADefaultMessageIsAtItsDefault) {
  for (const MessageFacts* facts : all_messages()) {
    const auto message = facts->make();
    for (const FieldFacts& field : facts->body->fields)
      EXPECT_TRUE(is_default(field, message.get())) << facts->name << " " << field.name;
  }
}

TEST(Access, ErrorCodesThatWeDoNotKnowStayTheNumberTheyAre) {
  for (const int code : {-1, 0, 3, 137, 203, 999, 32'767, -32'768})
    EXPECT_EQ(wire_of_errc(errc_of_wire(static_cast<std::int16_t>(code))), code);
}

TEST(Access, OurOwnConditionsNeverTravel) {
  EXPECT_EQ(errc_of_wire(static_cast<std::int16_t>(Errc::bad_frame)), Errc::unknown_server_error);
  EXPECT_EQ(wire_of_errc(Errc::bad_frame), facts(Errc::bad_frame).wire);
}

}  // namespace
}  // namespace moldau::protocol
