#include "log/producer_state.h"

#include <gtest/gtest.h>

#include "base/limits.h"

namespace moldau::log {
namespace {

class ProducerStateTest : public ::testing::Test {
 protected:
  // Sequences [first, first + count) at the end of the log.
  ProducerBatch data(std::int64_t id, std::int16_t epoch, int first, int count = 1,
                     bool transactional = false) {
    const Offset at = state.end_offset();
    return {.producer_id = ProducerId{id},
            .producer_epoch = ProducerEpoch{epoch},
            .base_sequence = Sequence{first},
            .last_sequence = Sequence{static_cast<int>((-1LL + first + count) % 2'147'483'648LL)},
            .first_offset = at,
            .last_offset = at + (count - 1),
            .max_timestamp = timestamp_of(1000 + at.value()),
            .transactional = transactional};
  }
  ProducerBatch marker(std::int64_t id, std::int16_t epoch, bool commit, int coordinator = 0) {
    ProducerBatch batch = data(id, epoch, -1, 1, true);
    batch.control = true;
    batch.marker = TxnMarker{commit, coordinator};
    return batch;
  }
  Errc write(const ProducerBatch& batch, AppendOrigin origin = AppendOrigin::client,
             std::int16_t txn_version = 0) {
    const auto checked_result =
        state.check({&batch, 1}, origin, checked, {.txn_version = txn_version});
    if (!checked_result) return checked_result.error().code();
    if (checked.duplicate) return Errc::duplicate_sequence_number;
    state.apply(checked);
    state.set_end_offset(batch.last_offset.next());
    return Errc::none;
  }
  VerificationGuard begin(std::int64_t id, std::int16_t epoch, int sequence = 0,
                          bool supports_epoch_bump = false) {
    const auto guard = state.begin_verification({.producer_id = ProducerId{id},
                                                 .producer_epoch = ProducerEpoch{epoch},
                                                 .base_sequence = Sequence{sequence},
                                                 .supports_epoch_bump = supports_epoch_bump},
                                                timestamp_of(0));
    EXPECT_TRUE(guard.has_value());
    return guard.value_or(k_no_guard);
  }
  Errc write_verified(const ProducerBatch& batch, VerificationGuard guard,
                      AppendOrigin origin = AppendOrigin::client) {
    const auto done = state.check({&batch, 1}, origin, checked, {.verify = true, .guard = guard});
    if (!done) return done.error().code();
    state.apply(checked);
    state.set_end_offset(batch.last_offset.next());
    return Errc::none;
  }
  ProducerState state;
  ProducerState::Checked checked;
};

TEST_F(ProducerStateTest, UnknownProducerMayBeginWithAnySequence) {  // row S1
  EXPECT_EQ(write(data(1, 0, 77)), Errc::none);
}

TEST_F(ProducerStateTest, SequenceMustFollowTheLast) {  // rows S4, S5
  EXPECT_EQ(write(data(1, 0, 0, 5)), Errc::none);
  EXPECT_EQ(write(data(1, 0, 5)), Errc::none);
  EXPECT_EQ(write(data(1, 0, 7)), Errc::out_of_order_sequence_number);
  EXPECT_EQ(write(data(1, 0, 4)), Errc::out_of_order_sequence_number);
}

TEST_F(ProducerStateTest, SequenceWrapsFromTheLargestToZero) {
  EXPECT_EQ(write(data(1, 0, 2'147'483'646, 2)), Errc::none);
  EXPECT_EQ(write(data(1, 0, 0)), Errc::none);
}

TEST_F(ProducerStateTest, BatchAcrossTheWrapIsRecognisedAsDuplicate) {
  const ProducerBatch across = data(1, 0, 2'147'483'647, 3);
  EXPECT_EQ(across.last_sequence, Sequence{1});
  EXPECT_EQ(write(across), Errc::none);
  EXPECT_EQ(write(across), Errc::duplicate_sequence_number);
}

TEST_F(ProducerStateTest, NewEpochBeginsAtZero) {  // rows S2, S3
  EXPECT_EQ(write(data(1, 0, 0, 5)), Errc::none);
  EXPECT_EQ(write(data(1, 1, 5)), Errc::out_of_order_sequence_number);
  EXPECT_EQ(write(data(1, 1, 0)), Errc::none);
}

TEST_F(ProducerStateTest, OlderEpochIsFenced) {  // row P2
  EXPECT_EQ(write(data(1, 3, 0)), Errc::none);
  EXPECT_EQ(write(data(1, 2, 1)), Errc::invalid_producer_epoch);
  EXPECT_EQ(write(data(1, 2, 1), AppendOrigin::replication), Errc::none);
}

TEST_F(ProducerStateTest, OneOfTheLastFiveBatchesIsADuplicateWithItsOffsets) {
  for (int i = 0; i < 6; ++i) EXPECT_EQ(write(data(1, 0, 2 * i, 2)), Errc::none);
  EXPECT_EQ(write(data(1, 0, 2, 2)), Errc::duplicate_sequence_number);
  EXPECT_EQ(checked.duplicate->first_offset(), Offset{2});
  EXPECT_EQ(checked.duplicate->last_offset, Offset{3});
  EXPECT_EQ(checked.duplicate->timestamp, timestamp_of(1002));
  EXPECT_EQ(write(data(1, 0, 0, 2)), Errc::out_of_order_sequence_number);
  EXPECT_EQ(write(data(1, 0, 2, 1)), Errc::out_of_order_sequence_number);
}

TEST_F(ProducerStateTest, RefusedAppendChangesNothing) {
  EXPECT_EQ(write(data(1, 0, 0)), Errc::none);
  const std::vector both{data(2, 0, 0), data(1, 0, 9)};
  EXPECT_FALSE(state.check(both, AppendOrigin::client, checked).has_value());
  EXPECT_EQ(state.find(ProducerId{2}), nullptr);
  EXPECT_TRUE(checked.updated.empty());
}

TEST_F(ProducerStateTest, TwoBatchesOfOneAppendFollowEachOther) {
  ProducerBatch second = data(1, 0, 1);
  second.first_offset = second.last_offset = Offset{1};
  const std::vector both{data(1, 0, 0), second};
  ASSERT_TRUE(state.check(both, AppendOrigin::client, checked).has_value());
  state.apply(checked);
  EXPECT_EQ(state.find(ProducerId{1})->last_sequence(), Sequence{1});
}

TEST_F(ProducerStateTest, OpenTransactionHoldsTheFirstUnstableOffset) {
  EXPECT_EQ(write(data(9, 0, 0)), Errc::none);
  EXPECT_EQ(write(data(1, 0, 0, 1, true)), Errc::none);
  EXPECT_EQ(write(data(2, 0, 0, 1, true)), Errc::none);
  EXPECT_EQ(state.first_unstable_offset(), Offset{1});
  EXPECT_EQ(write(marker(1, 0, true), AppendOrigin::coordinator), Errc::none);
  EXPECT_EQ(checked.completed.front().last_stable_offset, Offset{2});
  EXPECT_EQ(state.first_unstable_offset(), Offset{1});  // until it is replicated
  state.on_high_watermark(Offset{4});
  EXPECT_EQ(state.first_unstable_offset(), Offset{2});
}

TEST_F(ProducerStateTest, LastTransactionThatEndsMakesAllUpToItsMarkerStable) {
  EXPECT_EQ(write(data(1, 0, 0, 1, true)), Errc::none);
  EXPECT_EQ(write(marker(1, 0, false), AppendOrigin::coordinator), Errc::none);
  ASSERT_EQ(checked.completed.size(), 1U);
  EXPECT_TRUE(checked.completed.front().aborted);
  EXPECT_EQ(checked.completed.front().last_stable_offset, Offset{2});
  state.on_high_watermark(Offset{2});
  EXPECT_EQ(state.first_unstable_offset(), std::nullopt);
}

TEST_F(ProducerStateTest, PlainBatchInsideATransactionIsRefused) {
  EXPECT_EQ(write(data(1, 0, 0, 1, true)), Errc::none);
  EXPECT_EQ(write(data(1, 0, 1)), Errc::invalid_txn_state);
}

TEST_F(ProducerStateTest, MarkerWithoutTransactionCompletesNone) {
  EXPECT_EQ(write(marker(1, 0, true), AppendOrigin::coordinator), Errc::none);
  EXPECT_TRUE(checked.completed.empty());
  EXPECT_EQ(state.find(ProducerId{1})->last_sequence(), k_no_sequence);
}

TEST_F(ProducerStateTest, MarkerOfVersion2MustHaveANewerEpoch) {  // rows P3 to P7
  EXPECT_EQ(write(data(1, 5, 0, 1, true)), Errc::none);
  const auto coordinator = AppendOrigin::coordinator;
  EXPECT_EQ(write(marker(1, 5, true), coordinator, 2), Errc::invalid_producer_epoch);  // P6
  EXPECT_EQ(write(marker(1, 4, true), coordinator, 2), Errc::invalid_producer_epoch);  // P7
  EXPECT_EQ(write(marker(1, 6, true), coordinator, 2), Errc::none);                    // P3
  EXPECT_EQ(write(marker(1, 6, true), coordinator, 2), Errc::none);                    // P4
  EXPECT_EQ(write(data(2, 32'767, 0, 1, true)), Errc::none);
  EXPECT_EQ(write(marker(2, 32'767, true), coordinator, 2), Errc::none);  // P5
}

TEST_F(ProducerStateTest, MarkerOfAnOldCoordinatorIsFenced) {
  EXPECT_EQ(write(marker(1, 0, true, 7), AppendOrigin::coordinator), Errc::none);
  EXPECT_EQ(write(marker(1, 0, true, 6), AppendOrigin::coordinator),
            Errc::transaction_coordinator_fenced);
  EXPECT_EQ(write(marker(1, 0, true, 6), AppendOrigin::replication), Errc::none);
}

TEST_F(ProducerStateTest, IdleProducersExpireUnlessATransactionIsOpen) {
  EXPECT_EQ(write(data(1, 0, 0)), Errc::none);
  EXPECT_EQ(write(data(2, 0, 0, 1, true)), Errc::none);
  state.expire(timestamp_of(2000), Milliseconds{1000});
  EXPECT_EQ(state.find(ProducerId{1}), nullptr);
  EXPECT_NE(state.find(ProducerId{2}), nullptr);
}

TEST_F(ProducerStateTest, EntriesComeInTheOrderOfJavasHashMap) {
  for (const std::int64_t id : {17L, 1L, 5'000'000'000L, 3L, 16L}) {
    EXPECT_EQ(write(data(id, 0, 0)), Errc::none);
  }
  std::vector<std::int64_t> ids;
  for (const ProducerEntry& entry : state.entries()) ids.push_back(entry.producer_id.value());
  // As a HashMap of Java 17 prints its keys.
  EXPECT_EQ(ids, (std::vector<std::int64_t>{16, 17, 1, 3, 5'000'000'000}));
}

TEST_F(ProducerStateTest, RestoredTransactionIsOpenAgain) {
  EXPECT_EQ(write(data(1, 0, 0, 1, true)), Errc::none);
  ProducerState other;
  other.restore(state.entries(), state.end_offset());
  EXPECT_EQ(other.first_unstable_offset(), Offset{0});
  EXPECT_EQ(other.end_offset(), Offset{1});
}

TEST_F(ProducerStateTest, TransactionBeginsWithTheGuardOfItsVerificationAlone) {
  EXPECT_EQ(write_verified(data(1, 0, 0, 1, true), k_no_guard), Errc::invalid_txn_state);
  const VerificationGuard guard = begin(1, 0);
  EXPECT_NE(guard, k_no_guard);
  EXPECT_EQ(begin(1, 0), guard);  // asked again meanwhile
  EXPECT_NE(begin(2, 0), guard);
  EXPECT_EQ(write_verified(data(1, 0, 0, 1, true), guard.next()), Errc::invalid_txn_state);
  EXPECT_EQ(write_verified(data(1, 0, 0, 1, true), guard), Errc::none);
  EXPECT_EQ(begin(1, 0), k_no_guard);  // open now
  EXPECT_EQ(write_verified(data(1, 0, 1, 1, true), k_no_guard), Errc::none);
}

TEST_F(ProducerStateTest, AnswerThatComesAfterTheEndOpensNothing) {
  const VerificationGuard guard = begin(1, 0);
  EXPECT_EQ(write(marker(1, 0, false), AppendOrigin::coordinator), Errc::none);
  EXPECT_EQ(write_verified(data(1, 0, 0, 1, true), guard), Errc::invalid_txn_state);
  EXPECT_NE(begin(1, 0), guard);
}

TEST_F(ProducerStateTest, MarkerOfVersion2LeavesTheVerificationOfTheNextTransaction) {
  EXPECT_EQ(write(data(1, 0, 0, 1, true)), Errc::none);
  const VerificationGuard guard = begin(1, 1, 0, true);  // the marker of the first is on its way
  EXPECT_EQ(write(marker(1, 1, true), AppendOrigin::coordinator, 2), Errc::none);
  EXPECT_EQ(write_verified(data(1, 1, 0, 1, true), guard), Errc::none);
}

TEST_F(ProducerStateTest, VerificationIsOnlyForTransactionsThatAreWrittenHere) {
  EXPECT_EQ(write_verified(data(1, 0, 0), k_no_guard), Errc::none);
  EXPECT_EQ(write_verified(data(2, 0, 0, 1, true), k_no_guard, AppendOrigin::coordinator),
            Errc::invalid_txn_state);
  EXPECT_EQ(write_verified(data(2, 0, 0, 1, true), k_no_guard, AppendOrigin::replication),
            Errc::none);
  EXPECT_EQ(write_verified(marker(3, 0, true), k_no_guard, AppendOrigin::coordinator), Errc::none);
}

TEST_F(ProducerStateTest, OlderEpochIsToldItsEpochAndNotToVerify) {
  EXPECT_EQ(write(data(1, 5, 0)), Errc::none);
  EXPECT_EQ(write_verified(data(1, 4, 0, 1, true), k_no_guard), Errc::invalid_producer_epoch);
  const auto refused = state.begin_verification(
      {.producer_id = ProducerId{1}, .producer_epoch = ProducerEpoch{4}}, timestamp_of(0));
  EXPECT_EQ(refused.error().code(), Errc::invalid_producer_epoch);
}

TEST_F(ProducerStateTest, Version2BeginsWithSequenceZero) {  // row V1
  VerificationGuard guard = begin(1, 0, 4, true);
  EXPECT_EQ(write_verified(data(1, 0, 4, 1, true), guard), Errc::out_of_order_sequence_number);
  guard = begin(2, 0, 4, false);
  EXPECT_EQ(write_verified(data(2, 0, 4, 1, true), guard), Errc::none);
}

TEST_F(ProducerStateTest, LaterBatchWaitsForAnEarlierOneThatWasRefused) {  // row V2
  const VerificationGuard guard = begin(1, 0, 0);
  EXPECT_EQ(begin(1, 0, 3), guard);
  EXPECT_EQ(write_verified(data(1, 0, 3, 1, true), guard), Errc::out_of_order_sequence_number);
  EXPECT_EQ(begin(1, 1, 7), guard);  // a newer epoch counts anew
  EXPECT_EQ(write_verified(data(1, 1, 8, 1, true), guard), Errc::out_of_order_sequence_number);
  EXPECT_EQ(write_verified(data(1, 1, 7, 1, true), guard), Errc::none);
}

TEST_F(ProducerStateTest, VerificationsAreBoundedAndExpire) {
  const VerificationGuard first = begin(0, 0);
  for (std::int64_t id = 1; id <= k_verifications_per_log_max.value; ++id) (void)begin(id, 0);
  EXPECT_EQ(state.verifications(), static_cast<std::size_t>(k_verifications_per_log_max.value));
  EXPECT_NE(begin(0, 0), first) << "the oldest went";
  state.expire(timestamp_of(1000), Milliseconds{1000});
  EXPECT_EQ(state.verifications(), 0U);
}

TEST_F(ProducerStateTest, BeyondTheBudgetWhoWroteLongestAgoIsForgotten) {
  ProducerBudget budget(3);
  state.share(&budget);
  EXPECT_EQ(write(data(1, 0, 0, 1, true)), Errc::none);  // its transaction stays open
  EXPECT_EQ(write(data(2, 0, 0)), Errc::none);
  EXPECT_EQ(write(data(3, 0, 0)), Errc::none);
  EXPECT_EQ(write(data(2, 0, 1)), Errc::none);
  EXPECT_EQ(write(data(4, 0, 0)), Errc::none);
  EXPECT_EQ(state.find(ProducerId{3}), nullptr);
  EXPECT_NE(state.find(ProducerId{1}), nullptr);
  EXPECT_NE(state.find(ProducerId{2}), nullptr);
  for (std::int64_t id = 5; id < 1000; ++id) EXPECT_EQ(write(data(id, 0, 0)), Errc::none);
  EXPECT_EQ(budget.count(), 3);
  EXPECT_NE(state.find(ProducerId{1}), nullptr);
  EXPECT_NE(state.find(ProducerId{999}), nullptr);
}

TEST_F(ProducerStateTest, BudgetIsSharedAndGivenBack) {
  ProducerBudget budget(100);
  state.share(&budget);
  EXPECT_EQ(write(data(1, 0, 0)), Errc::none);
  {
    ProducerState other;
    other.restore(state.entries(), Offset{1});
    other.share(&budget);
    EXPECT_EQ(budget.count(), 2);
  }
  EXPECT_EQ(budget.count(), 1);
  state.expire(timestamp_of(1'000'000), Milliseconds{1000});
  EXPECT_EQ(budget.count(), 0);
  EXPECT_EQ(write(data(1, 0, 0)), Errc::none);
  state.reset(Offset{0});
  EXPECT_EQ(budget.count(), 0);
}

}  // namespace
}  // namespace moldau::log
