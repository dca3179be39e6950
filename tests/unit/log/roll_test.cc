#include "log/roll.h"

#include <gtest/gtest.h>

namespace moldau::log {
namespace {

class RollTest : public ::testing::Test {
 protected:
  std::optional<RollReason> decide() const { return should_roll(segment, append, config, now); }
  LogConfig config{.segment_bytes = 1000,
                   .segment_time = Milliseconds{100},
                   .index_bytes_max = 120};  // 15 offset entries, 10 time entries
  RollState segment{.base = Offset{50},
                    .size = 500,
                    .first_timestamp = timestamp_of(5000),
                    .created = timestamp_of(9000)};
  RollAppend append{.size = 100, .last_offset = Offset{60}, .max_timestamp = timestamp_of(5010)};
  Timestamp now = timestamp_of(1'000'000);
};

TEST_F(RollTest, StaysWhileThereIsRoom) {
  EXPECT_EQ(decide(), std::nullopt);
  append.size = 500;
  EXPECT_EQ(decide(), std::nullopt);
}

TEST_F(RollTest, AppendThatDoesNotFitRolls) {
  append.size = 501;
  EXPECT_EQ(decide(), RollReason::size);
}

TEST_F(RollTest, TimeIsThatOfTheRecords) {
  append.max_timestamp = timestamp_of(5100);
  EXPECT_EQ(decide(), std::nullopt);
  append.max_timestamp = timestamp_of(5101);
  EXPECT_EQ(decide(), RollReason::time);
}

TEST_F(RollTest, WithoutTimestampsTimeIsThatOfTheClock) {
  segment.first_timestamp = k_no_timestamp;
  now = timestamp_of(9100);
  EXPECT_EQ(decide(), std::nullopt);
  now = timestamp_of(9101);
  EXPECT_EQ(decide(), RollReason::time);
}

TEST_F(RollTest, JitterRollsEarlier) {
  segment.jitter = Milliseconds{95};
  EXPECT_EQ(decide(), RollReason::time);
}

TEST_F(RollTest, EmptySegmentDoesNotRollByTime) {
  segment.size = 0;
  append.max_timestamp = timestamp_of(900'000);
  EXPECT_EQ(decide(), std::nullopt);
}

TEST_F(RollTest, FullIndexRolls) {
  segment.offset_entries = 15;
  EXPECT_EQ(decide(), RollReason::offset_index_full);
  segment.offset_entries = 14;
  segment.time_entries = 8;
  EXPECT_EQ(decide(), std::nullopt);
  segment.time_entries = 9;  // the tenth is for the roll itself
  EXPECT_EQ(decide(), RollReason::time_index_full);
}

TEST_F(RollTest, OffsetTooFarAboveTheBaseRolls) {
  append.last_offset = Offset{50 + 2'147'483'648LL};
  EXPECT_EQ(decide(), RollReason::offset_range);
}

}  // namespace
}  // namespace moldau::log
