#include "client/consumer_protocol.h"

#include <gtest/gtest.h>

#include "unit/client/kafkas_client_assignments.h"

namespace moldau::client {
namespace {

const std::vector<TopicPartition> k_two{{"t", PartitionIndex{0}}, {"u", PartitionIndex{3}}};

TEST(ConsumerProtocol, WhatAMemberSaysComesBack) {
  const auto bytes =
      write_subscription({"t", "u"}, k_two, GenerationId{7}, "rack", test::parse_hex("0a"));
  const MemberSubscription member = read_member("m", "i", bytes);
  EXPECT_EQ(member.id, "m");
  EXPECT_EQ(member.instance_id, "i");
  EXPECT_EQ(member.topics, (std::vector<std::string>{"t", "u"}));
  EXPECT_EQ(member.owned, k_two);
  EXPECT_EQ(member.generation, GenerationId{7});
  EXPECT_EQ(member.user_data, test::parse_hex("0a"));
  EXPECT_EQ(member.rack, "rack");
  EXPECT_FALSE(read_member("m", {}, write_subscription({}, {}, k_no_generation, "", {})).rack);
  EXPECT_EQ(*read_assignment(write_assignment(k_two)), k_two);
}

// Bytes of version 0 as Kafka's serializer writes them: topics and user data, no more.
TEST(ConsumerProtocol, OlderAndLaterVersionsAreRead) {
  const MemberSubscription old =
      read_member("m", {}, test::parse_hex("00000000000100017400000000"));
  EXPECT_EQ(old.topics, std::vector<std::string>{"t"});
  EXPECT_FALSE(old.generation);
  auto bytes = write_subscription({"t"}, {}, k_no_generation, {}, {});
  bytes[1] = std::byte{9};
  EXPECT_EQ(read_member("m", {}, bytes).topics, std::vector<std::string>{"t"});
}

TEST(ConsumerProtocol, MemberThatCannotBeReadWantsNothing) {
  EXPECT_TRUE(read_member("m", {}, test::parse_hex("00")).topics.empty());
  EXPECT_TRUE(read_member("m", {}, test::parse_hex("00037fffffff")).topics.empty());
  EXPECT_FALSE(read_assignment(test::parse_hex("ffff")));
}

}  // namespace
}  // namespace moldau::client
