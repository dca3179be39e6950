#include "client/accumulator.h"

#include <gtest/gtest.h>

#include "client/record_size.h"
#include "record/batch.h"

namespace moldau::client {
namespace {

class AccumulatorTest : public testing::Test {
 protected:
  explicit AccumulatorTest(bool transactional = false)
      : settings{.batch_bytes = 1000, .linger = Milliseconds{5}, .transactional = transactional} {
    accumulator.set_producer({ProducerId{9}, ProducerEpoch{0}});
  }
  void append(int count) { append_to(0, count); }
  void append_to(std::int32_t partition, int count) {
    for (int i = 0; i < count; ++i) {
      OutgoingRecord record;
      record.value = std::vector<std::byte>(100);
      record.timestamp = timestamp_of(1000);
      accumulator.append({"t", PartitionIndex{partition}}, record, DeliveryToken{++token}, now);
    }
  }
  std::vector<SendableBatch> drain() {
    return accumulator.drain(now, [](const TopicPartition&) { return true; });
  }
  std::optional<Instant> next_deadline(bool may_send) {
    return accumulator.next_deadline(now, [may_send](const TopicPartition&) { return may_send; });
  }
  static record::BatchView view(const SendableBatch& batch) {
    return *record::BatchView::read(batch.bytes);
  }
  void after(Milliseconds time) { now += time; }

  AccumulatorSettings settings;
  Accumulator accumulator{settings};
  Instant now{std::chrono::seconds{1}};
  std::uint64_t token = 0;
};

class TransactionalAccumulatorTest : public AccumulatorTest {
 protected:
  TransactionalAccumulatorTest() : AccumulatorTest(true) {}
};

TEST_F(AccumulatorTest, BatchWaitsForItsLingerUnlessItIsFull) {
  append(1);
  EXPECT_TRUE(drain().empty());
  EXPECT_EQ(next_deadline(true), now + Milliseconds{5});
  EXPECT_EQ(next_deadline(false), now + Milliseconds{5});
  after(Milliseconds{5});
  EXPECT_EQ(next_deadline(true), now);
  EXPECT_EQ(next_deadline(false), std::nullopt) << "what is missing is not time";
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

TEST_F(AccumulatorTest, LostSequencesStartAgainUnderTheNextEpochOnceNothingIsInFlight) {
  append(20);
  const auto batches = drain();
  ASSERT_EQ(batches.size(), 2U);
  append(1);
  (void)accumulator.failed(batches[0].ticket, Error(Errc::out_of_order_sequence_number), now);
  EXPECT_TRUE(accumulator.needs_bump());
  after(Milliseconds{200});
  EXPECT_TRUE(drain().empty());
  EXPECT_TRUE(
      accumulator.failed(batches[1].ticket, Error(Errc::not_leader_or_follower), now).empty());
  accumulator.bump();
  after(Milliseconds{100});
  const auto again = drain();
  ASSERT_EQ(again.size(), 1U);  // the younger ones wait for it
  EXPECT_EQ(view(again[0]).producer_id(), ProducerId{9});
  EXPECT_EQ(view(again[0]).producer_epoch(), ProducerEpoch{1});
  EXPECT_EQ(view(again[0]).base_sequence(), Sequence{0});
  EXPECT_TRUE(view(again[0]).crc_matches());
}

TEST_F(AccumulatorTest, OtherPartitionsKeepTheirEpochUntilAllThatWasSentIsAnswered) {
  append_to(1, 1);
  append(1);
  accumulator.flush();
  auto batches = drain();
  ASSERT_EQ(batches.size(), 2U);
  if (batches[0].partition.partition != PartitionIndex{0}) std::swap(batches[0], batches[1]);
  // Of partition 1 nobody knows whether it arrived: with another epoch it could be there twice.
  (void)accumulator.failed(batches[1].ticket, Error(Errc::request_timed_out), now);
  (void)accumulator.failed(batches[0].ticket, Error(Errc::out_of_order_sequence_number), now);
  accumulator.bump();
  after(Milliseconds{100});
  for (const SendableBatch& batch : drain()) {
    const bool lost = batch.partition.partition == PartitionIndex{0};
    EXPECT_EQ(view(batch).producer_epoch(),
              ProducerEpoch{lost ? std::int16_t{1} : std::int16_t{0}});
    (void)accumulator.delivered(batch.ticket, Offset{1}, std::nullopt);
  }
  append_to(1, 1);
  accumulator.flush();
  const auto last = drain();
  ASSERT_EQ(last.size(), 1U);
  EXPECT_EQ(view(last[0]).producer_epoch(), ProducerEpoch{1});
  EXPECT_EQ(view(last[0]).base_sequence(), Sequence{0});
}

TEST_F(AccumulatorTest, OutOfOrderBehindABatchThatIsTriedAgainIsOnlyTriedAgain) {
  append(20);
  const auto batches = drain();
  ASSERT_EQ(batches.size(), 2U);
  (void)accumulator.failed(batches[0].ticket, Error(Errc::not_leader_or_follower), now);
  (void)accumulator.failed(batches[1].ticket, Error(Errc::out_of_order_sequence_number), now);
  EXPECT_FALSE(accumulator.needs_bump());
  after(Milliseconds{100});
  const auto again = drain();
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(again[0].bytes, batches[0].bytes);
}

TEST_F(AccumulatorTest, ExpiredBatchThatHadArrivedLeavesNoHole) {
  append(1);
  accumulator.flush();
  auto batches = drain();
  append(1);
  accumulator.flush();
  batches.push_back(drain().at(0));
  after(settings.delivery_timeout);
  // The answer was lost, the batch was not: the one behind it fits.
  EXPECT_FALSE(accumulator.failed(batches[0].ticket, Error(Errc::request_timed_out), now).empty());
  (void)accumulator.delivered(batches[1].ticket, Offset{9}, std::nullopt);
  append(1);
  accumulator.flush();
  const auto next = drain();
  ASSERT_EQ(next.size(), 1U);
  EXPECT_EQ(view(next[0]).base_sequence(), Sequence{2});
}

TEST_F(AccumulatorTest, ExpiredBatchThatNobodyCanAnswerForEndsItsEpoch) {
  append(1);
  accumulator.flush();
  const auto batches = drain();
  after(settings.delivery_timeout);
  EXPECT_FALSE(accumulator.failed(batches[0].ticket, Error(Errc::request_timed_out), now).empty());
  append(1);
  accumulator.flush();
  EXPECT_TRUE(drain().empty());
  ASSERT_TRUE(accumulator.needs_bump());
  accumulator.bump();
  const auto next = drain();
  ASSERT_EQ(next.size(), 1U);
  EXPECT_EQ(view(next[0]).producer_epoch(), ProducerEpoch{1});
  EXPECT_EQ(view(next[0]).base_sequence(), Sequence{0});
}

TEST_F(AccumulatorTest, LastEpochIsFollowedByAnotherProducer) {
  accumulator.set_producer({ProducerId{9}, ProducerEpoch{32'767}});
  append(1);
  accumulator.flush();
  (void)accumulator.failed(drain().at(0).ticket, Error(Errc::unknown_producer_id), now);
  accumulator.bump();
  EXPECT_FALSE(accumulator.producer().is_valid());
  accumulator.set_producer({ProducerId{10}, ProducerEpoch{0}});
  after(Milliseconds{100});
  EXPECT_EQ(view(drain().at(0)).producer_id(), ProducerId{10});
}

TEST_F(TransactionalAccumulatorTest, BatchesAreMarkedAndAHoleRefusesWhatIsBehindIt) {
  append(1);
  accumulator.flush();
  auto batches = drain();
  append(1);
  accumulator.flush();
  batches.push_back(drain().at(0));
  EXPECT_TRUE(view(batches[0]).is_transactional());
  EXPECT_FALSE(accumulator.failed(batches[0].ticket, Error(Errc::invalid_record), now).empty());
  EXPECT_FALSE(accumulator.failed(batches[1].ticket, Error(Errc::out_of_order_sequence_number), now)
                   .empty());
  EXPECT_FALSE(accumulator.needs_bump());
  EXPECT_TRUE(accumulator.empty());
}

TEST_F(TransactionalAccumulatorTest, WhatWasNeverSentCanBeRefused) {
  append(1);
  accumulator.flush();
  const auto sent = drain();
  append(3);
  const auto outcomes = accumulator.refuse_unsent(Error(Errc::transaction_abortable));
  EXPECT_EQ(outcomes.size(), 3U);
  EXPECT_FALSE(accumulator.empty());
  // What is on its way may be there already: it is tried until that is known.
  EXPECT_TRUE(accumulator.failed(sent[0].ticket, Error(Errc::request_timed_out), now).empty());
  after(Milliseconds{100});
  ASSERT_EQ(drain().size(), 1U);
}

TEST_F(TransactionalAccumulatorTest, FencedProducerTriesNothingAgain) {
  append(1);
  accumulator.flush();
  const auto sent = drain();
  append(2);
  EXPECT_EQ(accumulator.refuse_all(Error(Errc::producer_fenced)).size(), 2U);
  const auto last = accumulator.failed(sent[0].ticket, Error(Errc::request_timed_out), now);
  ASSERT_EQ(last.size(), 1U);
  EXPECT_EQ(last[0].result.error().code(), Errc::producer_fenced);
  EXPECT_TRUE(accumulator.empty());
  EXPECT_EQ(accumulator.bytes_held(), 0U);
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

TEST_F(AccumulatorTest, HeadersTakeMemoryToo) {
  OutgoingRecord record;
  EXPECT_EQ(record_size_max(record), 24U) << "no key, no value, no headers";
  record.value.emplace(100);
  record.headers = {{"abc", std::vector<std::byte>(1000)}, {"", std::nullopt}};
  EXPECT_EQ(record_size_max(record), 24U + 1 + 100 + 4 + 2 + 1000 + 2);
  accumulator.append({"t", PartitionIndex{0}}, record, DeliveryToken{1}, now);
  EXPECT_EQ(accumulator.bytes_held(), record_size_max(record));
}

}  // namespace
}  // namespace moldau::client
