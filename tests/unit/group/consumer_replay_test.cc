#include "group/consumer_replay.h"

#include <gtest/gtest.h>

#include "group/consumer_records.h"

namespace moldau::group {
namespace {

class ConsumerReplayTest : public testing::Test {
 protected:
  Result<void> replay(const coordinator::Record& record) {
    auto read = read_record(record);
    CHECK_OK(read);
    return replay_consumer_record(machine, *read);
  }
  void replay_all(const Records& records) {
    for (const auto& record : records) CHECK_OK(replay(record));
  }
  static ConsumerMember member() {
    ConsumerMember member{.id = "a", .epoch = 2, .topics = {"t"}};
    member.assigned[Uuid{7, 1}][PartitionIndex{0}] = 2;
    return member;
  }
  Machine machine;
};

TEST_F(ConsumerReplayTest, AGroupIsBuiltOfItsRecordsAndGoneAfterItsTombstones) {
  ConsumerGroup group;
  group.epoch = group.target_epoch = 2;
  group.put(member());
  group.set_target("a", {{Uuid{7, 1}, {PartitionIndex{0}}}});
  Records records;
  append_group("g", group, records);
  records.push_back(regex_record("g", "x", {.topics = {"y"}}));
  replay_all(records);
  const ConsumerGroup* built = machine.consumer("g");
  ASSERT_NE(built, nullptr);
  EXPECT_EQ(*built->member("a"), member());
  EXPECT_EQ(built->target("a"), group.target("a"));
  EXPECT_EQ(built->epoch, 2);
  EXPECT_TRUE(built->subscribes("y"));
  Records tombstones;
  append_consumer_group_tombstones("g", *built, tombstones);
  replay_all(tombstones);
  EXPECT_TRUE(machine.groups.empty());
}

TEST_F(ConsumerReplayTest, TombstonesOfWhatIsNotThereSayNothing) {
  Records tombstones;
  append_member_tombstones("g", "a", tombstones);
  tombstones.push_back(regex_tombstone("g", "x"));
  tombstones.push_back(topics_tombstone("g"));
  replay_all(tombstones);
  EXPECT_TRUE(machine.groups.empty());
}

TEST_F(ConsumerReplayTest, ASimpleGroupGivesWayAndAClassicOneDoesNot) {
  machine.ensure_group("g", timestamp_of(1));
  CHECK_OK(replay(consumer_epoch_record("g", 3, 0)));
  EXPECT_EQ(machine.consumer("g")->epoch, 3);
  machine.groups.insert_or_assign(
      "h", ClassicGroup::restore({.protocol_type = "consumer", .generation = 1}));
  const auto refused = replay(consumer_epoch_record("h", 3, 0));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code(), Errc::corrupt_data);
}

TEST_F(ConsumerReplayTest, AMemberThatHasLeftHoldsNothing) {
  CHECK_OK(replay(consumer_member_record("g", member())));
  CHECK_OK(replay(current_assignment_record("g", member())));
  EXPECT_EQ(machine.consumer("g")->partition_epoch(Uuid{7, 1}, PartitionIndex{0}), 2);
  Records tombstones;
  append_member_tombstones("g", "a", tombstones);
  CHECK_OK(replay(tombstones.front()));
  EXPECT_EQ(machine.consumer("g")->member("a")->epoch, k_epoch_to_leave);
  EXPECT_EQ(machine.consumer("g")->partition_epoch(Uuid{7, 1}, PartitionIndex{0}), -1);
}

TEST_F(ConsumerReplayTest, TheTopicsThatOldVersionsWroteDownAreNoted) {
  CHECK_OK(replay_consumer_record(
      machine, ConsumerPartitionMetadataEntry{
                   .key = {.group_id = "g"},
                   .value = std::make_optional<protocol::ConsumerGroupPartitionMetadataValue>()}));
  EXPECT_TRUE(machine.consumer("g")->has_topics_record);
  CHECK_OK(replay(topics_tombstone("g")));
  EXPECT_FALSE(machine.consumer("g")->has_topics_record);
}

}  // namespace
}  // namespace moldau::group
