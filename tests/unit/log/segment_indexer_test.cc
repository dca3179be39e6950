#include "log/segment_indexer.h"

#include <gtest/gtest.h>

namespace moldau::log {
namespace {

BatchFacts batch(std::int64_t last_offset, std::size_t size, std::int64_t millis) {
  return {.base_offset = Offset{last_offset},
          .last_offset = Offset{last_offset},
          .size = size,
          .max_timestamp = timestamp_of(millis),
          .magic = record::k_magic_2};
}

TEST(SegmentIndexer, EntryStandsBeforeTheBatchThatComesAfterTheInterval) {
  SegmentIndexer indexer(100, {}, k_no_timestamp);
  EXPECT_FALSE(indexer.add(batch(0, 60, 10), 0).offset);
  EXPECT_FALSE(indexer.add(batch(1, 40, 11), 60).offset);   // 60 so far
  EXPECT_FALSE(indexer.add(batch(2, 40, 12), 100).offset);  // exactly 100: not yet
  const auto entries = indexer.add(batch(3, 40, 13), 140);
  EXPECT_EQ(entries.offset, (OffsetEntry{Offset{3}, 140}));
  EXPECT_EQ(entries.time, (TimeEntry{timestamp_of(13), Offset{3}}));
  EXPECT_FALSE(indexer.add(batch(4, 40, 14), 180).offset);
}

TEST(SegmentIndexer, TimeEntryNamesTheFirstBatchWithTheGreatestTimestamp) {
  SegmentIndexer indexer(10, {}, k_no_timestamp);
  (void)indexer.add(batch(0, 60, 50), 0);
  (void)indexer.add(batch(1, 60, 50), 60);
  EXPECT_EQ(indexer.max(), (TimeEntry{timestamp_of(50), Offset{0}}));
  // No newer timestamp since the last time entry: only the offset index grows.
  const auto entries = indexer.add(batch(2, 60, 40), 120);
  EXPECT_TRUE(entries.offset);
  EXPECT_FALSE(entries.time);
}

TEST(SegmentIndexer, FinishAddsTheGreatestTimestampOnce) {
  SegmentIndexer indexer(1000, {}, k_no_timestamp);
  EXPECT_FALSE(indexer.finish());
  (void)indexer.add(batch(7, 60, 50), 0);
  EXPECT_EQ(indexer.finish(), (TimeEntry{timestamp_of(50), Offset{7}}));
  EXPECT_FALSE(indexer.finish());
}

TEST(SegmentIndexer, GoesOnFromTheLastTimeEntry) {
  SegmentIndexer indexer(1000, {timestamp_of(50), Offset{7}}, timestamp_of(50));
  (void)indexer.add(batch(8, 60, 45), 100);
  EXPECT_FALSE(indexer.finish());
  EXPECT_EQ(indexer.max(), (TimeEntry{timestamp_of(50), Offset{7}}));
}

}  // namespace
}  // namespace moldau::log
