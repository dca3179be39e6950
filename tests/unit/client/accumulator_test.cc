#include "client/accumulator.h"

#include <gtest/gtest.h>

#include "record/batch.h"

namespace moldau::client {
namespace {

class AccumulatorTest : public testing::Test {
 protected:
  AccumulatorTest() { accumulator.set_producer(ProducerId{9}, ProducerEpoch{0}); }
  void append(int count) {
    for (int i = 0; i < count; ++i) {
      OutgoingRecord record;
      record.value = std::vector<std::byte>(100);
      record.timestamp = timestamp_of(1000);
      accumulator.append({"t", PartitionIndex{0}}, record, DeliveryToken{++token}, now);
    }
  }
  std::vector<SendableBatch> drain() {
    return accumulator.drain(now, [](const TopicPartition&) { return true; });
  }
  static record::BatchView view(const SendableBatch& batch) {
    return *record::BatchView::read(batch.bytes);
  }
  void after(Milliseconds time) { now += time; }

  AccumulatorSettings settings{.batch_bytes = 1000, .linger = Milliseconds{5}};
  Accumulator accumulator{settings};
  Instant now{std::chrono::seconds{1}};
  std::uint64_t token = 0;
};

TEST_F(AccumulatorTest, BatchWaitsForItsLingerUnlessItIsFull) {
  append(1);
  EXPECT_TRUE(drain().empty());
  EXPECT_EQ(accumulator.next_deadline(), now + Milliseconds{5});
  after(Milliseconds{5});
  EXPECT_EQ(drain().size(), 1U);
  append(20);
  EXPECT_EQ(drain().size(), 2U);
}

TEST_F(AccumulatorTest, SequencesFollowEachOtherInAPartition) {
  append(20);
  const auto batches = drain();
  ASSERT_GE(batches.size(), 2U);
  EXPECT_EQ(view(batches[0]).base_sequence(), Sequence{0});
  EXPECT_EQ(view(batches[1]).base_sequence(), Sequence{view(batches[0]).count()});
}

TEST_F(AccumulatorTest, RetriedBatchGoesFirstWithTheSameBytes) {
  append(20);
  const auto first = drain();
  ASSERT_EQ(first.size(), 2U);
  const Error retriable(Errc::not_leader_or_follower);
  EXPECT_TRUE(accumulator.failed(first[1].ticket, retriable, now).empty());
  EXPECT_TRUE(accumulator.failed(first[0].ticket, retriable, now).empty());
  EXPECT_TRUE(drain().empty());
  after(Milliseconds{100});
  const auto second = drain();
  ASSERT_FALSE(second.empty());
  EXPECT_EQ(second[0].bytes, first[0].bytes);
}

TEST_F(AccumulatorTest, FinalErrorReachesEverySender) {
  append(3);
  accumulator.flush();
  const auto outcomes =
      accumulator.failed(drain().at(0).ticket, Error(Errc::message_too_large), now);
  ASSERT_EQ(outcomes.size(), 3U);
  EXPECT_EQ(outcomes[0].result.error().code(), Errc::message_too_large);
  EXPECT_TRUE(accumulator.empty());
  EXPECT_EQ(accumulator.bytes_held(), 0U);
}

TEST_F(AccumulatorTest, DuplicateIsADelivery) {
  append(1);
  accumulator.flush();
  const auto outcomes =
      accumulator.failed(drain().at(0).ticket, Error(Errc::duplicate_sequence_number), now);
  ASSERT_EQ(outcomes.size(), 1U);
  EXPECT_TRUE(outcomes[0].result.has_value());
}

TEST_F(AccumulatorTest, OffsetsCountFromTheBaseOffset) {
  append(2);
  accumulator.flush();
  const auto outcomes = accumulator.delivered(drain().at(0).ticket, Offset{40}, std::nullopt);
  ASSERT_EQ(outcomes.size(), 2U);
  EXPECT_EQ(outcomes[1].result->offset, Offset{41});
  EXPECT_EQ(outcomes[1].result->timestamp, timestamp_of(1000));
}

TEST_F(AccumulatorTest, LostSequencesStopSendingUntilANewProducerId) {
  append(20);
  const auto batches = drain();
  ASSERT_EQ(batches.size(), 2U);
  append(1);
  (void)accumulator.failed(batches[0].ticket, Error(Errc::unknown_producer_id), now);
  EXPECT_TRUE(accumulator.needs_new_producer());
  after(Milliseconds{200});
  EXPECT_TRUE(drain().empty());
  EXPECT_TRUE(
      accumulator.failed(batches[1].ticket, Error(Errc::not_leader_or_follower), now).empty());
  accumulator.set_producer(ProducerId{10}, ProducerEpoch{0});
  after(Milliseconds{100});
  const auto again = drain();
  ASSERT_FALSE(again.empty());
  EXPECT_EQ(view(again[0]).producer_id(), ProducerId{10});
  EXPECT_EQ(view(again[0]).base_sequence(), Sequence{0});
  EXPECT_TRUE(view(again[0]).crc_matches());
}

TEST_F(AccumulatorTest, UnsentBatchExpiresAfterTheDeliveryTimeout) {
  append(2);
  after(settings.delivery_timeout);
  const auto outcomes = accumulator.expire(now);
  ASSERT_EQ(outcomes.size(), 2U);
  EXPECT_EQ(outcomes[0].result.error().code(), Errc::timed_out);
}

TEST_F(AccumulatorTest, MemoryIsBoundedButOneLargeRecordIsLetIn) {
  EXPECT_TRUE(accumulator.has_room(1U << 30U));
  append(1);
  EXPECT_FALSE(accumulator.has_room(1U << 30U));
}

}  // namespace
}  // namespace moldau::client
