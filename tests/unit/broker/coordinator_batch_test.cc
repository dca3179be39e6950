#include "broker/coordinator_batch.h"

#include <gtest/gtest.h>

#include "broker/coordinator_log.h"

namespace moldau::broker {
namespace {

std::vector<coordinator::Record> records(std::size_t count, std::size_t key_bytes) {
  const coordinator::Record one{.key = std::vector<std::byte>(key_bytes, std::byte{'k'}),
                                .value = std::vector<std::byte>(9, std::byte{'v'})};
  return std::vector<coordinator::Record>(count, one);
}

TEST(CoordinatorBatch, RecordsOfSeveralStepsGoToOffsetsBehindEachOther) {
  CoordinatorBatch batch;
  EXPECT_TRUE(batch.empty());
  batch.begin(Offset{7}, Instant{Milliseconds{3}});
  EXPECT_EQ(batch.next_offset(), Offset{7});
  batch.add(records(2, 1), 10);
  EXPECT_FALSE(batch.empty());
  EXPECT_EQ(batch.next_offset(), Offset{9});
  batch.add(records(1, 5), 10);
  EXPECT_EQ(batch.base(), Offset{7});
  EXPECT_EQ(batch.since(), Instant{Milliseconds{3}});
  ASSERT_EQ(batch.batch().records.size(), 3U);
  EXPECT_EQ(batch.batch().records.back().key.size(), 5U);
  EXPECT_FALSE(batch.batch().producer.has_value());
}

TEST(CoordinatorBatch, OnlyTheRecordsOfOneStepMayBeMoreThanItHasRoomFor) {
  CoordinatorBatch batch;
  EXPECT_TRUE(batch.has_room_for(1'000, 500));
  batch.begin(Offset{0}, Instant{});
  EXPECT_TRUE(batch.has_room_for(1'000, 500));
  batch.add(records(1, 1), 400);
  EXPECT_TRUE(batch.has_room_for(39, 500)) << "61 are the header's";
  EXPECT_FALSE(batch.has_room_for(40, 500));
}

TEST(CoordinatorBatch, WhatIsCountedIsNeverLessThanWhatIsWritten) {
  for (const std::size_t key_bytes : {std::size_t{0}, std::size_t{100}, std::size_t{100'000}}) {
    CoordinatorBatch batch;
    batch.begin(Offset{0}, Instant{});
    const std::size_t counted = CoordinatorBatch::bytes_of(records(200, key_bytes));
    batch.add(records(200, key_bytes), counted);
    const std::size_t written = encode_batch(batch.batch(), timestamp_of(1),
                                             compress::Compression::of(compress::Codec::none))
                                    .size();
    EXPECT_FALSE(batch.has_room_for(1, written));
  }
}

}  // namespace
}  // namespace moldau::broker
