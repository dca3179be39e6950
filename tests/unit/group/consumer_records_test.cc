#include "group/consumer_records.h"

#include <gtest/gtest.h>

#include "support/golden.h"

namespace moldau::group {
namespace {

using coordinator::Record;

constexpr Uuid k_t{7, 1};

ConsumerMember full_member() {
  ConsumerMember member{.id = "a",
                        .epoch = 5,
                        .previous_epoch = 4,
                        .state = MemberState::unrevoked_partitions,
                        .instance_id = "one",
                        .rack = "r",
                        .rebalance_timeout = Milliseconds{7},
                        .client_id = "c",
                        .client_host = "/h",
                        .topics = {"t", "u"},
                        .regex = "x.*",
                        .assignor = "range"};
  member.assigned[k_t] = {{PartitionIndex{1}, 3}, {PartitionIndex{2}, 5}};
  member.to_revoke[k_t] = {{PartitionIndex{0}, 2}};
  member.classic.emplace();
  member.classic->session_timeout_ms = Milliseconds{9};
  return member;
}

template <class E>
E read(const Record& record) {
  auto read = read_record(record);
  CHECK_OK(read);
  return std::get<E>(std::move(*read));
}

TEST(ConsumerRecords, AMemberIsReadAsItWasWritten) {
  const ConsumerMember member = full_member();
  ConsumerMember again{.id = "a"};
  again = with_record(again, *read<ConsumerMemberEntry>(consumer_member_record("g", member)).value);
  again = with_record(
      again, *read<ConsumerCurrentAssignmentEntry>(current_assignment_record("g", member)).value);
  EXPECT_EQ(again, member);
}

TEST(ConsumerRecords, AMemberWithoutClassicProtocolSaysSo) {
  ConsumerMember member = full_member();
  member.classic.reset();
  const auto entry = read<ConsumerMemberEntry>(consumer_member_record("g", member));
  EXPECT_FALSE(entry.value.value().classic_member_metadata.has_value());
}

TEST(ConsumerRecords, WithoutEpochsOfTheirOwnPartitionsHaveTheMembers) {
  protocol::ConsumerGroupCurrentMemberAssignmentValue value{.member_epoch = -2, .state = 3};
  auto& topic = value.assigned_partitions.emplace_back();
  topic.topic_id = k_t;
  topic.partitions = {PartitionIndex{1}};
  topic.assignment_epochs = std::nullopt;
  const ConsumerMember member = with_record(ConsumerMember{}, value);
  EXPECT_EQ(member.assigned.at(k_t).at(PartitionIndex{1}), 0);
  EXPECT_EQ(member.state, MemberState::unknown);
}

TEST(ConsumerRecords, TombstonesOfAGroupAreOneForEachRecord) {
  ConsumerGroup group;
  group.put(full_member());
  group.set_resolved("x.*", {});
  Records records;
  append_consumer_group_tombstones("g", group, records);
  EXPECT_EQ(records.size(), 7U);
  for (const Record& record : records) EXPECT_FALSE(record.value.has_value());
}

// The value of the golden record `name` with every field set, as it is stored.
std::vector<std::byte> golden(const std::string& name, const std::string& wanted = "full") {
  for (const auto& row : moldau::test::read_tsv_gz("golden/records.tsv.gz")) {
    if (row.at(0) == name && row.at(5) == wanted) return moldau::test::from_hex(row.at(6));
  }
  ADD_FAILURE() << name;
  return {};
}
template <class E, class Key>
auto value_of(const Key& key, const std::vector<std::byte>& value) {
  return read<E>(Record{coordinator::encode_key(key), value}).value.value();
}

TEST(ConsumerRecords, KafkasMembersAreWrittenBackByteForByte) {
  const protocol::ConsumerGroupMemberMetadataKey key{.group_id = "g", .member_id = "a"};
  for (const char* wanted : {"full", "nulls"}) {
    const auto bytes = golden("ConsumerGroupMemberMetadataValue", wanted);
    const auto member =
        with_record(ConsumerMember{.id = "a"}, value_of<ConsumerMemberEntry>(key, bytes));
    EXPECT_EQ(consumer_member_record("g", member), (Record{coordinator::encode_key(key), bytes}));
  }
}

TEST(ConsumerRecords, KafkasEpochsAndTargetsAreWrittenBackByteForByte) {
  const auto epoch = value_of<ConsumerMetadataEntry>(
      protocol::ConsumerGroupMetadataKey{.group_id = "g"}, golden("ConsumerGroupMetadataValue"));
  EXPECT_EQ(consumer_epoch_record("g", epoch.epoch, epoch.metadata_hash).value,
            golden("ConsumerGroupMetadataValue"));
  const auto made = value_of<ConsumerTargetMetadataEntry>(
      protocol::ConsumerGroupTargetAssignmentMetadataKey{.group_id = "g"},
      golden("ConsumerGroupTargetAssignmentMetadataValue"));
  EXPECT_EQ(target_epoch_record("g", made.assignment_epoch, made.assignment_timestamp).value,
            golden("ConsumerGroupTargetAssignmentMetadataValue"));
  const auto target = value_of<ConsumerTargetMemberEntry>(
      protocol::ConsumerGroupTargetAssignmentMemberKey{.group_id = "g", .member_id = "a"},
      golden("ConsumerGroupTargetAssignmentMemberValue"));
  EXPECT_EQ(target_record("g", "a", target_of(target)).value,
            golden("ConsumerGroupTargetAssignmentMemberValue"));
}

TEST(ConsumerRecords, KafkasRegularExpressionsAreWrittenBackByteForByte) {
  const auto value = value_of<ConsumerRegexEntry>(
      protocol::ConsumerGroupRegularExpressionKey{.group_id = "g", .regular_expression = "x"},
      golden("ConsumerGroupRegularExpressionValue"));
  const ResolvedRegex resolved{.topics = {value.topics.begin(), value.topics.end()},
                               .version = Offset{value.version},
                               .resolved = value.timestamp};
  EXPECT_EQ(regex_record("g", "x", resolved).value, golden("ConsumerGroupRegularExpressionValue"));
}

}  // namespace
}  // namespace moldau::group
