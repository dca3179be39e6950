#include "group/consumer_update.h"

#include <gtest/gtest.h>

#include "unit/group/topics.h"

namespace moldau::group::consumer {
namespace {

constexpr Uuid k_t{7, 1};

class ConsumerUpdateTest : public testing::Test {
 protected:
  ConsumerUpdateTest() {
    machine.image = test::TopicsBuilder().topic("t", k_t, 2).build();
    group.metadata_is_stale = false;
  }
  static ConsumerMember member(std::set<std::string, std::less<>> topics = {"t"}) {
    return {.id = "a", .topics = std::move(topics)};
  }
  Machine machine;
  ConsumerGroup group;
  const std::string id = "g";
  const Now now{Instant{}, timestamp_of(1'000'000)};
};

TEST_F(ConsumerUpdateTest, WhatDoesNotChangeIsNotWritten) {
  group.put(member());
  Update update(machine, id, group, now);
  CHECK_OK(update.change_member(member(), member()));
  EXPECT_FALSE(update.topics_changed());
  update.change_epoch(false, member(), member());
  EXPECT_EQ(update.epoch(), 1);
  EXPECT_TRUE(update.records().empty());
}

TEST_F(ConsumerUpdateTest, OtherTopicsMoveTheGroupToTheNextEpoch) {
  group.put(member({}));
  Update update(machine, id, group, now);
  CHECK_OK(update.change_member(member({}), member()));
  EXPECT_TRUE(update.topics_changed());
  update.change_epoch(true, member({}), member());
  EXPECT_EQ(update.epoch(), 2);
  const auto target = update.make_target(member({}), member());
  EXPECT_EQ(target.epoch, 2);
  EXPECT_EQ(target.of_member.at(k_t).size(), 2U);
  EXPECT_EQ(update.records().size(), 4U);
}

TEST_F(ConsumerUpdateTest, TheLastTargetCountsUntilTheIntervalIsOver) {
  group.put(member());
  group.target_made = now.wall - Milliseconds{999};
  Update update(machine, id, group, now);
  update.change_epoch(true, member(), member());
  EXPECT_EQ(update.make_target(member(), member()).epoch, 1);
  group.target_made = now.wall - Milliseconds{1000};
  EXPECT_EQ(update.make_target(member(), member()).epoch, 2);
}

TEST_F(ConsumerUpdateTest, TheTopicsThatOldVersionsWroteDownGoWithTheNextEpoch) {
  group.has_topics_record = true;
  Update update(machine, id, group, now);
  update.change_epoch(true, member({}), member({}));
  EXPECT_EQ(update.records().size(), 2U);
}

TEST_F(ConsumerUpdateTest, AnUpdateThatIsGivenUpChangesNothing) {
  {
    Update update(machine, id, group, now);
    CHECK_OK(update.change_member(member({}), member()));
  }
  EXPECT_TRUE(group.is_empty());
  EXPECT_EQ(machine.timers.count(), 0U);
}

}  // namespace
}  // namespace moldau::group::consumer
