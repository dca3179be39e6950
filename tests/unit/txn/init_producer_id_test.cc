#include "txn/init_producer_id.h"

#include <gtest/gtest.h>

#include "unit/txn/host.h"

namespace moldau::txn {
namespace {

using test::Host;
using test::k_nobody;
using test::producer;
using test::Producer;

class InitProducerIdTest : public testing::Test {
 protected:
  // The answer's error, or the producer that it names.
  void expect(const protocol::InitProducerIdResponse& response, Producer who) {
    EXPECT_EQ(response.error_code, Errc::none);
    EXPECT_EQ((Producer{response.producer_id, response.producer_epoch}), who);
  }
  void expect(const protocol::InitProducerIdResponse& response, Errc error) {
    EXPECT_EQ(response.error_code, error);
    EXPECT_EQ((Producer{response.producer_id, response.producer_epoch}), k_nobody);
  }
  // A producer of `id` has this epoch, and no transaction is open.
  Producer has(int epoch, TransactionState state = TransactionState::empty) {
    host.write("a", {.producer_id = ProducerId{7},
                     .previous_producer_id = ProducerId{7},
                     .epoch = ProducerEpoch{static_cast<std::int16_t>(epoch)},
                     .timeout = Milliseconds{60'000},
                     .state = state,
                     .started = host.wall(),
                     .updated = host.wall()});
    return producer(7, epoch);
  }
  Host host;
};

TEST_F(InitProducerIdTest, AnUnknownIdGetsAProducerOfItsOwn) {
  expect(host.init("a"), producer(100, 0));
  expect(host.init("b"), producer(101, 0));
  EXPECT_EQ(host.state("a"), "Empty");
}

TEST_F(InitProducerIdTest, EachBeginningBumpsTheEpoch) {
  expect(host.init("a"), producer(100, 0));
  expect(host.init("a"), producer(100, 1));
  host.reload();
  expect(host.init("a"), producer(100, 2));
  EXPECT_EQ(host.asked_for_ids, 1);
}

TEST_F(InitProducerIdTest, AProducerGoesOnAfterAnError) {  // KIP-360
  host.begin("a");
  expect(host.init("a", producer(100, 0)), producer(100, 1));
  // The answer did not arrive: asked again, it is the same.
  expect(host.init("a", producer(100, 0)), producer(100, 1));
  expect(host.init("a", producer(100, 1)), producer(100, 2));
}

TEST_F(InitProducerIdTest, AnotherProducerInBetweenFences) {
  host.begin("a");
  host.begin("a");
  expect(host.init("a", producer(100, 0)), Errc::producer_fenced);
  expect(host.init("a", producer(99, 1)), Errc::producer_fenced);
  expect(host.init("a", producer(100, 2)), Errc::producer_fenced);
}

TEST_F(InitProducerIdTest, AnUnknownIdTakesAnybodyWhoSaysItHadAProducer) {
  expect(host.init("a", producer(9, 9)), producer(100, 0));
}

TEST_F(InitProducerIdTest, AnExhaustedProducerGetsANewId) {
  has(32766);
  expect(host.init("a"), producer(100, 0));
}

TEST_F(InitProducerIdTest, AnExhaustedProducerThatGoesOnMayAskAgain) {
  expect(host.init("a", has(32766)), producer(100, 0));
  expect(host.init("a", producer(7, 32766)), producer(100, 0));
  EXPECT_EQ(host.asked_for_ids, 1);
}

TEST_F(InitProducerIdTest, AFencedOldIdIsNotTakenForARetry) {
  has(32766);
  host.begin("a");
  expect(host.init("a", producer(7, 5)), Errc::producer_fenced);
  expect(host.init("a", producer(7, 32766)), Errc::producer_fenced);
}

TEST_F(InitProducerIdTest, AnOpenTransactionIsAbortedFirst) {
  const Producer first = host.begin("a");
  host.add("a", first);
  host.hold_markers = true;
  expect(host.init("a"), Errc::concurrent_transactions);
  EXPECT_EQ(host.state("a"), "PrepareAbort");
  EXPECT_EQ(host.orders.back().producer, producer(100, 1));
  expect(host.init("a"), Errc::concurrent_transactions);
  host.report();
  EXPECT_EQ(host.state("a"), "CompleteAbort");
  expect(host.init("a"), producer(100, 2));
}

TEST_F(InitProducerIdTest, APreparedTransactionIsWaitedFor) {
  const Producer first = host.begin("a");
  host.add("a", first);
  host.hold_markers = true;
  host.end("a", first, true, 4);
  expect(host.init("a"), Errc::concurrent_transactions);
  host.report();
  expect(host.init("a"), producer(100, 1));
}

TEST_F(InitProducerIdTest, TheFenceOfAnExhaustedProducerTakesANewIdUnderVersion2) {
  has(32766, TransactionState::ongoing);
  expect(host.init("a"), Errc::concurrent_transactions);
  expect(host.init("a"), producer(100, 1));
}

TEST_F(InitProducerIdTest, TheFenceOfAnExhaustedProducerTakesTheGreatestEpochBeforeVersion2) {
  host.set_level(1);
  has(32766, TransactionState::ongoing);
  expect(host.init("a"), Errc::concurrent_transactions);
  EXPECT_EQ(host.describe("a").producer_epoch, k_greatest_epoch);
  expect(host.init("a"), producer(100, 0));
}

TEST_F(InitProducerIdTest, WhatNoCoordinatorWouldTakeIsRefused) {
  expect(host.init(""), Errc::invalid_request);
  expect(host.init("a", k_nobody, Milliseconds{0}), Errc::invalid_transaction_timeout);
  expect(host.init("a", k_nobody, Milliseconds{900'001}), Errc::invalid_transaction_timeout);
  EXPECT_TRUE(host.log().empty());
}

TEST_F(InitProducerIdTest, TwoPhaseCommitIsAnsweredAsKafkaAnswersIt) {
  protocol::InitProducerIdRequest request;
  request.transactional_id = "a";
  request.enable2_pc = true;
  expect(host.init(request), Errc::transactional_id_authorization_failed);
  Host enabled(2, {.two_phase_commit = true});
  expect(enabled.init(request), producer(100, 0));
  EXPECT_EQ(enabled.describe("a").transaction_timeout_ms, Milliseconds{INT32_MAX});
  request.keep_prepared_txn = true;
  expect(enabled.init(request), Errc::unsupported_version);
}

}  // namespace
}  // namespace moldau::txn
