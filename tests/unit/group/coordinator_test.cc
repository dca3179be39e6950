#include "group/coordinator.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "group/classic_group.h"
#include "group/consumer_records.h"
#include "support/golden.h"
#include "unit/group/host.h"

namespace moldau::group {
namespace {

using test::Host;

TEST(Coordinator, ARecordThatCannotBeReadIsAnError) {
  Host host;
  const coordinator::Record bad{test::bytes_of(std::string_view("\0\2\0\1", 4)), std::nullopt};
  const auto result = host.machine().replay(Offset{0}, bad, std::nullopt);
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code(), Errc::corrupt_data);
}

TEST(Coordinator, ARecordOfAnUnknownTypeIsSkipped) {
  Host host;
  const coordinator::Record unknown{test::bytes_of(std::string_view("\x7f\0", 2)), std::nullopt};
  EXPECT_TRUE(host.machine().replay(Offset{0}, unknown, std::nullopt).has_value());
}

TEST(Coordinator, WhenLoadingTheLastRecordOfAGroupCounts) {
  Host host;
  const std::string id = host.stable_member();
  host.join({.member = id});  // the leader: generation 2, not in the log yet
  host.reload();
  EXPECT_EQ(host.heartbeat(id, 1), Errc::none);
  host.write(group_metadata_tombstone("g"));
  host.reload();
  EXPECT_TRUE(host.list().empty());
}

TEST(Coordinator, AlwaysHasADeadlineOnceItIsLoaded) {
  Coordinator fresh({}, [] { return Uuid{1, 1}; });
  EXPECT_EQ(fresh.next_deadline(), std::nullopt);
  Step step;
  fresh.loaded({Instant{}, timestamp_of(0)}, step);
  EXPECT_EQ(fresh.next_deadline(), Instant{} + Milliseconds{600'000});
  EXPECT_TRUE(step.empty());
}

TEST(Coordinator, NewSettingsCountFromThenOn) {
  Host host;
  host.machine().configure({.offset_metadata_max_bytes = 1});
  EXPECT_EQ(host.commit({.metadata = "ab"}), Errc::offset_metadata_too_large);
}

// What Kafka 4.4.0 wrote: tests/data/group/README.md.
struct KafkasRecord {
  Offset offset;
  std::optional<coordinator::Producer> producer;
  bool is_control;
  coordinator::Record record;
};
std::vector<KafkasRecord> kafkas_records() {
  std::vector<KafkasRecord> all;
  for (const auto& row : moldau::test::read_tsv_gz("group/consumer_offsets.tsv.gz")) {
    auto& added = all.emplace_back();
    added.offset = Offset{std::stoll(row.at(0))};
    added.is_control = row.at(2) == "control";
    if (row.at(2) != "plain") {
      added.producer = {ProducerId{std::stoll(row.at(1))}, ProducerEpoch{0}};
    }
    added.record.key = moldau::test::from_hex(row.at(3));
    if (row.at(4) != "-") added.record.value = moldau::test::from_hex(row.at(4));
  }
  return all;
}

// The same record as this code writes it.
coordinator::Record rewritten(const std::monostate& /*entry*/) { return {}; }
coordinator::Record rewritten(const OffsetCommitEntry& entry) {
  const auto& key = entry.key;
  return entry.value ? offset_commit_record(key, *entry.value)
                     : offset_commit_tombstone(key.group, key.topic, key.partition);
}
coordinator::Record rewritten(const GroupMetadataEntry& entry) {
  if (!entry.value) return group_metadata_tombstone(entry.key.group);
  const auto group = ClassicGroup::restore(*entry.value);
  std::map<std::string, Assignment, std::less<>> assignments;
  for (const auto& [id, member] : group.members()) assignments.emplace(id, member.assignment);
  // Members come in the order of their ids here, in Kafka in that of a hash map.
  auto sorted = *entry.value;
  std::ranges::sort(sorted.members, {}, [](const auto& member) { return member.member_id; });
  EXPECT_EQ(group.to_record(assignments), sorted);
  return group_metadata_record(entry.key.group, *entry.value);
}
coordinator::Record rewritten(const ConsumerMetadataEntry& entry) {
  if (!entry.value) return coordinator::make_tombstone(entry.key);
  return consumer_epoch_record(entry.key.group_id, entry.value->epoch, entry.value->metadata_hash);
}
coordinator::Record rewritten(const ConsumerPartitionMetadataEntry& entry) {
  return topics_tombstone(entry.key.group_id);
}
coordinator::Record rewritten(const ConsumerMemberEntry& entry) {
  if (!entry.value) return coordinator::make_tombstone(entry.key);
  return consumer_member_record(
      entry.key.group_id, with_record(ConsumerMember{.id = entry.key.member_id}, *entry.value));
}
coordinator::Record rewritten(const ConsumerTargetMetadataEntry& entry) {
  if (!entry.value) return coordinator::make_tombstone(entry.key);
  return target_epoch_record(entry.key.group_id, entry.value->assignment_epoch,
                             entry.value->assignment_timestamp);
}
coordinator::Record rewritten(const ConsumerTargetMemberEntry& entry) {
  if (!entry.value) return coordinator::make_tombstone(entry.key);
  return target_record(entry.key.group_id, entry.key.member_id, target_of(*entry.value));
}
coordinator::Record rewritten(const ConsumerCurrentAssignmentEntry& entry) {
  if (!entry.value) return coordinator::make_tombstone(entry.key);
  return current_assignment_record(
      entry.key.group_id, with_record(ConsumerMember{.id = entry.key.member_id}, *entry.value));
}
coordinator::Record rewritten(const ConsumerRegexEntry& entry) {
  const auto& value = entry.value.value();
  return regex_record(entry.key.group_id, entry.key.regular_expression,
                      {.topics = {value.topics.begin(), value.topics.end()},
                       .version = Offset{value.version},
                       .resolved = value.timestamp});
}

TEST(Coordinator, EveryRecordOfARunningKafkaIsWrittenBackByteForByte) {
  int checked = 0;
  for (const KafkasRecord& kafkas : kafkas_records()) {
    if (kafkas.is_control) continue;
    const auto read = read_record(kafkas.record);
    ASSERT_TRUE(read.has_value()) << kafkas.offset.value();
    EXPECT_EQ(std::visit([](const auto& entry) { return rewritten(entry); }, *read), kafkas.record)
        << kafkas.offset.value();
    ++checked;
  }
  EXPECT_EQ(checked, 63);
}

TEST(Coordinator, TakesTheGroupsOfARunningKafkaOver) {
  Host host;
  for (const KafkasRecord& kafkas : kafkas_records()) {
    if (kafkas.is_control) {
      const bool committed = kafkas.record.key == moldau::test::from_hex("00000001");
      host.end_transaction(kafkas.producer.value().id, committed);
    } else {
      host.write(kafkas.record, kafkas.producer);
    }
  }
  host.reload();
  std::map<std::string, std::string> groups;
  for (const auto& group : host.list()) {
    groups[group.group_id] = group.group_type + " " + group.group_state;
  }
  const std::map<std::string, std::string> expected{
      {"alone", "classic Empty"},    {"classic", "classic Stable"},  {"mixed", "classic Stable"},
      {"modern", "consumer Stable"}, {"pattern", "consumer Stable"}, {"tx", "classic Empty"}};
  EXPECT_EQ(groups, expected);
  host.group = "modern";
  const auto modern = host.describe_consumers();
  EXPECT_EQ(modern.group_epoch, 3);
  EXPECT_EQ(modern.assignor_name, "range");
  EXPECT_EQ(modern.members.size(), 2U);
  host.group = "classic";
  EXPECT_EQ(host.describe().members.at(0).group_instance_id, "one");
  EXPECT_EQ(host.committed("orders"), 7);
  host.group = "tx";
  EXPECT_EQ(host.committed("orders"), 11);
}

}  // namespace
}  // namespace moldau::group
