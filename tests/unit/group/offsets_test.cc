#include "group/offsets.h"

#include <gtest/gtest.h>

namespace moldau::group {
namespace {

constexpr PartitionIndex k_p0{0};
constexpr PartitionIndex k_p1{1};
constexpr ProducerId k_producer{11};
constexpr ProducerId k_other{12};

CommittedOffset committed(std::int64_t offset, std::int64_t record = 0, Uuid topic_id = {}) {
  return {.offset = Offset{offset}, .topic_id = topic_id, .record_offset = Offset{record}};
}

class OffsetsTest : public testing::Test {
 protected:
  [[nodiscard]] std::int64_t of(PartitionIndex partition) const {
    const CommittedOffset* found = offsets.find("g", "t", partition);
    return found == nullptr ? -1 : found->offset.value();
  }
  Offsets offsets;
};

TEST_F(OffsetsTest, TheLastOneCounts) {
  offsets.put("g", "t", k_p0, committed(1));
  offsets.put("g", "t", k_p0, committed(2));
  EXPECT_EQ(of(k_p0), 2);
  EXPECT_EQ(of(k_p1), -1);
  EXPECT_EQ(offsets.of("other"), nullptr);
}

TEST_F(OffsetsTest, ThoseThatArePendingCountWhenTheTransactionCommits) {
  offsets.put_pending(k_producer, "g", "t", k_p0, committed(5, 3));
  EXPECT_EQ(of(k_p0), -1);
  EXPECT_TRUE(offsets.is_pending("g", "t", k_p0));
  EXPECT_FALSE(offsets.is_pending("g", "t", k_p1));
  offsets.end_transaction(k_other, true);
  EXPECT_EQ(of(k_p0), -1);
  offsets.end_transaction(k_producer, true);
  EXPECT_EQ(of(k_p0), 5);
  EXPECT_FALSE(offsets.is_pending("g"));
}

TEST_F(OffsetsTest, ThoseThatArePendingGoWhenTheTransactionAborts) {
  offsets.put("g", "t", k_p0, committed(1));
  offsets.put_pending(k_producer, "g", "t", k_p0, committed(5, 3));
  offsets.end_transaction(k_producer, false);
  EXPECT_EQ(of(k_p0), 1);
  EXPECT_FALSE(offsets.is_pending("g"));
}

TEST_F(OffsetsTest, AnOffsetWrittenAfterThePendingOneCountsThoughItsTransactionCommitsLater) {
  offsets.put_pending(k_producer, "g", "t", k_p0, committed(5, 3));
  offsets.put("g", "t", k_p0, committed(9, 4));
  offsets.end_transaction(k_producer, true);
  EXPECT_EQ(of(k_p0), 9);
}

TEST_F(OffsetsTest, APartitionStaysPendingWhileOneOfItsTransactionsIsOpen) {
  offsets.put_pending(k_producer, "g", "t", k_p0, committed(5, 3));
  offsets.put_pending(k_other, "g", "t", k_p0, committed(6, 4));
  offsets.end_transaction(k_producer, false);
  EXPECT_TRUE(offsets.is_pending("g", "t", k_p0));
}

TEST_F(OffsetsTest, DroppingTakesWhatIsPendingToo) {
  offsets.put("g", "t", k_p0, committed(1));
  offsets.put_pending(k_producer, "g", "t", k_p0, committed(5, 3));
  offsets.put_pending(k_producer, "g", "t", k_p1, committed(6, 4));
  offsets.drop("g", "t", k_p0);
  EXPECT_FALSE(offsets.is_pending("g", "t", k_p0));
  offsets.end_transaction(k_producer, true);
  EXPECT_EQ(of(k_p0), -1);
  EXPECT_EQ(of(k_p1), 6);
}

TEST_F(OffsetsTest, TheHoldersOfATopicAreThoseWithPendingOffsetsToo) {
  const Uuid id{1, 2};
  offsets.put("g", "t", k_p0, committed(1, 0, id));
  offsets.put("g", "other", k_p0, committed(1));
  offsets.put_pending(k_producer, "h", "t", k_p1, committed(5, 3));
  const auto holders = offsets.holders_of("t");
  ASSERT_EQ(holders.size(), 2U);
  EXPECT_EQ(holders[0].group, "g");
  EXPECT_EQ(holders[0].topic_id, id);
  EXPECT_EQ(holders[1].group, "h");
  EXPECT_EQ(holders[1].partition, k_p1);
  const auto pending = offsets.pending_of("h");
  ASSERT_EQ(pending.size(), 1U);
  EXPECT_EQ(pending[0], (std::pair<std::string, PartitionIndex>("t", k_p1)));
}

}  // namespace
}  // namespace moldau::group
