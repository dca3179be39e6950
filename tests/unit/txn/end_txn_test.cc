#include "txn/end_txn.h"

#include <gtest/gtest.h>

#include "unit/txn/host.h"

namespace moldau::txn {
namespace {

using test::Host;
using test::k_nobody;
using test::producer;
using test::Producer;

// Versions of the request of clients before and since transaction version 2.
constexpr int k_plain = 4;
constexpr int k_bumping = 5;

class EndTxnTest : public testing::Test {
 protected:
  Errc commit(Producer by, int version) { return host.end("a", by, true, version).error_code; }
  Errc abort(Producer by, int version) { return host.end("a", by, false, version).error_code; }
  void expect_next(const protocol::EndTxnResponse& response, Producer next) {
    EXPECT_EQ(response.error_code, Errc::none);
    EXPECT_EQ((Producer{response.producer_id, response.producer_epoch}), next);
  }
  void is(TransactionState state, int epoch = 5) {
    host.write("a", {.producer_id = ProducerId{7},
                     .previous_producer_id = ProducerId{7},
                     .epoch = ProducerEpoch{static_cast<std::int16_t>(epoch)},
                     .timeout = Milliseconds{60'000},
                     .state = state,
                     .started = host.wall(),
                     .updated = host.wall()});
  }
  const Producer current = producer(7, 5);
  const Producer before = producer(7, 4);
  Host host;
};

TEST_F(EndTxnTest, AnOpenTransactionIsCommittedOrAborted) {  // E1
  is(TransactionState::ongoing);
  expect_next(host.end("a", current, true, k_plain), k_nobody);
  EXPECT_EQ(host.state("a"), "CompleteCommit");
  EXPECT_EQ(host.describe("a").producer_epoch, ProducerEpoch{5});
  is(TransactionState::ongoing);
  EXPECT_EQ(abort(current, k_plain), Errc::none);
  EXPECT_EQ(host.state("a"), "CompleteAbort");
}

TEST_F(EndTxnTest, UnderVersion2TheProducerGoesOnWithTheNextEpoch) {  // E1
  is(TransactionState::ongoing);
  expect_next(host.end("a", current, true, k_bumping), producer(7, 6));
  EXPECT_EQ(host.orders.back().producer, producer(7, 6));
  EXPECT_EQ(host.orders.back().version, TransactionVersion::v2);
}

TEST_F(EndTxnTest, WhileItIsPreparedEveryEndWaits) {
  for (const auto state : {TransactionState::prepare_commit, TransactionState::prepare_abort}) {
    is(state);
    for (const int version : {k_plain, k_bumping}) {
      for (const Producer by : {before, current, producer(8, 0)}) {
        EXPECT_EQ(commit(by, version), Errc::concurrent_transactions);
        EXPECT_EQ(abort(by, version), Errc::concurrent_transactions);
      }
    }
  }
}

TEST_F(EndTxnTest, TheNextEndOfAProducerThatDoesNotWaitForTheMarkersComesAgain) {
  is(TransactionState::ongoing);
  host.hold_markers = true;
  expect_next(host.end("a", current, true, k_bumping), producer(7, 6));
  EXPECT_EQ(abort(producer(7, 6), k_bumping), Errc::concurrent_transactions);
  host.report();
  expect_next(host.end("a", producer(7, 6), false, k_bumping), producer(7, 7));
}

TEST_F(EndTxnTest, ACompleteOneAnswersTheSameEndAgain) {  // E2-E5
  is(TransactionState::complete_commit);
  EXPECT_EQ(commit(current, k_plain), Errc::none);
  EXPECT_EQ(abort(current, k_plain), Errc::invalid_txn_state);
  EXPECT_EQ(commit(before, k_plain), Errc::producer_fenced);
  is(TransactionState::complete_abort);
  EXPECT_EQ(abort(current, k_plain), Errc::none);
  EXPECT_EQ(commit(current, k_plain), Errc::invalid_txn_state);
}

TEST_F(EndTxnTest, ARetryUnderVersion2IsKnownByItsEpoch) {  // E5-E9
  is(TransactionState::complete_commit);
  expect_next(host.end("a", before, true, k_bumping), producer(7, 5));
  EXPECT_EQ(abort(before, k_bumping), Errc::invalid_txn_state);
  EXPECT_EQ(commit(current, k_bumping), Errc::invalid_txn_state);
  is(TransactionState::complete_abort);
  expect_next(host.end("a", before, false, k_bumping), producer(7, 5));
  EXPECT_EQ(commit(before, k_bumping), Errc::invalid_txn_state);
  EXPECT_EQ(commit(current, k_bumping), Errc::invalid_txn_state);
}

TEST_F(EndTxnTest, AnAbortOfNothingBumpsTheEpochUnderVersion2) {  // E10-E12
  for (const auto state : {TransactionState::complete_commit, TransactionState::complete_abort,
                           TransactionState::empty}) {
    is(state);
    expect_next(host.end("a", current, false, k_bumping), producer(7, 6));
    EXPECT_EQ(host.state("a"), "CompleteAbort");
  }
}

TEST_F(EndTxnTest, OfAnEmptyOneNothingElseEnds) {  // E13, E14
  is(TransactionState::empty);
  EXPECT_EQ(commit(current, k_bumping), Errc::invalid_txn_state);
  EXPECT_EQ(abort(before, k_bumping), Errc::producer_fenced);
  EXPECT_EQ(commit(current, k_plain), Errc::invalid_txn_state);
  EXPECT_EQ(abort(current, k_plain), Errc::invalid_txn_state);
}

TEST_F(EndTxnTest, OthersThanTheProducerAreRefused) {
  for (const int version : {k_plain, k_bumping}) {
    EXPECT_EQ(host.end("", current, true, version).error_code, Errc::invalid_request);
    EXPECT_EQ(host.end("b", current, true, version).error_code, Errc::invalid_producer_id_mapping);
    is(TransactionState::ongoing);
    EXPECT_EQ(commit(producer(8, 5), version), Errc::invalid_producer_id_mapping);
    EXPECT_EQ(commit(before, version), Errc::producer_fenced);
    EXPECT_EQ(commit(producer(7, 6), version), Errc::producer_fenced);
  }
}

TEST_F(EndTxnTest, TheLastEpochIsFollowedByANewProducer) {
  is(TransactionState::ongoing, 32766);
  host.hold_markers = true;
  expect_next(host.end("a", producer(7, 32766), true, k_bumping), producer(100, 0));
  EXPECT_EQ(host.orders.back().producer, producer(7, 32767));
  EXPECT_EQ(host.add("a", producer(100, 0)), Errc::concurrent_transactions);
  host.report();
  EXPECT_EQ(host.describe("a").producer_id, ProducerId{100});
  // The answer did not arrive.
  expect_next(host.end("a", producer(7, 32766), true, k_bumping), producer(100, 0));
  host.reload();
  expect_next(host.end("a", producer(7, 32766), true, k_bumping), producer(100, 0));
}

TEST_F(EndTxnTest, WithoutANewProducerTheLastEpochStays) {
  is(TransactionState::ongoing, 32766);
  host.hold_ids = true;
  const AskId ask = host.begin_end("a", producer(7, 32766), true, k_bumping);
  EXPECT_FALSE(host.answer<protocol::EndTxnResponse>(ask));
  host.grant(fail(Errc::coordinator_load_in_progress));
  EXPECT_EQ(host.answer<protocol::EndTxnResponse>(ask)->error_code,
            Errc::coordinator_load_in_progress);
  EXPECT_EQ(host.state("a"), "Ongoing");
}

TEST_F(EndTxnTest, PlainRecordsDoNotLoseTheNextProducer) {
  host.set_level(0);
  is(TransactionState::ongoing, 32766);
  expect_next(host.end("a", producer(7, 32766), true, k_bumping), producer(100, 0));
  EXPECT_EQ(host.describe("a").producer_id, ProducerId{100});
}

}  // namespace
}  // namespace moldau::txn
