#include "txn/transaction.h"

#include <gtest/gtest.h>

namespace moldau::txn {
namespace {

constexpr Timestamp k_then = timestamp_of(1000);
constexpr Timestamp k_now = timestamp_of(2000);
const Partitions k_one{{"t", {PartitionIndex{1}}}};

Transaction ongoing(int epoch = 5) {
  return {.producer_id = ProducerId{7},
          .epoch = ProducerEpoch{static_cast<std::int16_t>(epoch)},
          .last_epoch = ProducerEpoch{4},
          .timeout = Milliseconds{60'000},
          .state = TransactionState::ongoing,
          .partitions = k_one,
          .started = k_then,
          .updated = k_then};
}

TEST(Transaction, StatesHaveKafkasNamesAndNumbers) {
  EXPECT_EQ(name_of(TransactionState::prepare_epoch_fence), "PrepareEpochFence");
  EXPECT_EQ(state_named("CompleteAbort"), TransactionState::complete_abort);
  EXPECT_EQ(state_named("completeabort"), std::nullopt);
  EXPECT_EQ(state_of_record(3), TransactionState::prepare_abort);
  EXPECT_EQ(state_of_record(6), std::nullopt);
  EXPECT_EQ(state_of_record(-1), std::nullopt);
}

TEST(Transaction, ALevelOfALaterVersionCountsAsTheLatestKnown) {
  EXPECT_EQ(version_of_level(9), TransactionVersion::v2);
  EXPECT_EQ(version_of_level(1), TransactionVersion::v1);
  EXPECT_EQ(version_of_level(-1), TransactionVersion::v0);
}

TEST(Transaction, TheFirstPartitionsStartItAndMoreDoNot) {
  Transaction from = ongoing();
  from.state = TransactionState::complete_commit;
  from.partitions.clear();
  const Transaction first = with_partitions(from, k_one, TransactionVersion::v0, k_now);
  EXPECT_EQ(first.started, k_now);
  const Transaction more =
      with_partitions(first, {{"t", {PartitionIndex{2}}}}, TransactionVersion::v0, timestamp_of(9));
  EXPECT_EQ(more.started, k_now);
  EXPECT_EQ(more.partitions.at("t").size(), 2U);
}

TEST(Transaction, AnEndUnderVersion2BumpsTheEpoch) {  // KIP-890
  const Transaction two =
      prepared(ongoing(), true, TransactionVersion::v2, k_no_producer_id, k_now);
  EXPECT_EQ(two.epoch, ProducerEpoch{6});
  EXPECT_EQ(two.last_epoch, ProducerEpoch{5});
  const Transaction one =
      prepared(ongoing(), true, TransactionVersion::v0, k_no_producer_id, k_now);
  EXPECT_EQ(one.epoch, ProducerEpoch{5});
  EXPECT_EQ(one.last_epoch, ProducerEpoch{4});
}

TEST(Transaction, AnAbortOfNothingStartsNow) {
  Transaction empty = ongoing();
  empty.state = TransactionState::empty;
  empty.started = k_no_timestamp;
  EXPECT_EQ(prepared(empty, false, TransactionVersion::v2, k_no_producer_id, k_now).started, k_now);
  EXPECT_EQ(prepared(ongoing(), false, TransactionVersion::v2, k_no_producer_id, k_now).started,
            k_then);
}

TEST(Transaction, AFenceBumpsTheEpochUnderEveryVersion) {
  for (const auto version :
       {TransactionVersion::v0, TransactionVersion::v1, TransactionVersion::v2}) {
    const Transaction next = fenced(ongoing(), version, k_no_producer_id, k_now);
    EXPECT_EQ(next.epoch, ProducerEpoch{6});
    EXPECT_EQ(next.state, TransactionState::prepare_abort);
    EXPECT_EQ(next.last_epoch, bumps_epoch(version) ? ProducerEpoch{5} : k_no_producer_epoch);
  }
}

TEST(Transaction, TheGreatestEpochIsNotBumped) {
  EXPECT_EQ(fenced(ongoing(32767), TransactionVersion::v0, k_no_producer_id, k_now).epoch,
            k_greatest_epoch);
  EXPECT_EQ(fenced(ongoing(32767), TransactionVersion::v2, ProducerId{8}, k_now).epoch,
            k_greatest_epoch);
}

TEST(Transaction, AnEndThatUsedTheLastEpochGoesOnUnderTheNextId) {
  const Transaction end = completed(
      prepared(ongoing(32766), true, TransactionVersion::v2, ProducerId{8}, k_then), k_now);
  EXPECT_EQ(end.producer_id, ProducerId{8});
  EXPECT_EQ(end.epoch, ProducerEpoch{0});
  EXPECT_EQ(end.previous_producer_id, ProducerId{7});
  EXPECT_EQ(end.next_producer_id, k_no_producer_id);
  EXPECT_EQ(end.last_epoch, ProducerEpoch{32766});
  EXPECT_TRUE(end.partitions.empty());
}

TEST(Transaction, ANewBeginningForgetsWhatWas) {
  Transaction from = ongoing();
  from.state = TransactionState::complete_abort;
  const Transaction next =
      with_epoch(from, ProducerEpoch{6}, k_no_producer_epoch, Milliseconds{5}, k_now);
  EXPECT_EQ(next.state, TransactionState::empty);
  EXPECT_EQ(next.started, k_no_timestamp);
  EXPECT_EQ(next.timeout, Milliseconds{5});
  const Transaction other =
      with_new_producer(from, ProducerId{8}, ProducerEpoch{5}, Milliseconds{5}, k_now);
  EXPECT_EQ(other.epoch, ProducerEpoch{0});
  EXPECT_EQ(other.previous_producer_id, ProducerId{7});
}

}  // namespace
}  // namespace moldau::txn
