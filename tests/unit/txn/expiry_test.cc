#include "txn/expiry.h"

#include <gtest/gtest.h>

#include "unit/txn/host.h"

namespace moldau::txn {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using test::Host;
using test::producer;
using test::Producer;

TEST(Expiry, ATransactionThatIsOpenForTooLongIsAborted) {
  Host host;
  const Producer who = host.begin("a");
  host.add("a", who);
  host.pass(seconds{60});
  EXPECT_EQ(host.state("a"), "Ongoing");
  host.pass(seconds{10});
  EXPECT_EQ(host.state("a"), "CompleteAbort");
  // Its producer does not know, and is fenced.
  EXPECT_EQ(host.end("a", who, true, 4).error_code, Errc::producer_fenced);
  EXPECT_EQ(host.describe("a").producer_epoch, ProducerEpoch{1});
}

TEST(Expiry, MorePartitionsDoNotPutTheEndOff) {
  Host host;
  const Producer who = host.begin("a");
  host.add("a", who);
  host.pass(seconds{50});
  host.add("a", who, "t", {1});
  host.pass(seconds{20});
  EXPECT_EQ(host.state("a"), "CompleteAbort");
}

TEST(Expiry, ATransactionOfTwoPhasesIsNot) {
  Host host(2, {.two_phase_commit = true});
  protocol::InitProducerIdRequest request;
  request.transactional_id = "a";
  request.enable2_pc = true;
  const auto who = host.init(request);
  host.add("a", {who.producer_id, who.producer_epoch});
  host.pass(hours{24 * 30});
  EXPECT_EQ(host.state("a"), "Ongoing");
}

TEST(Expiry, TheAbortOfAnExhaustedProducerWaitsForANewOne) {
  Host host;
  host.write("a", {.producer_id = ProducerId{7},
                   .epoch = ProducerEpoch{32766},
                   .timeout = seconds{1},
                   .state = TransactionState::ongoing,
                   .partitions = {{"t", {PartitionIndex{0}}}},
                   .started = host.wall(),
                   .updated = host.wall()});
  host.hold_ids = true;
  host.pass(seconds{10});
  EXPECT_EQ(host.asked_for_ids, 1);
  host.grant(fail(Errc::coordinator_load_in_progress));
  EXPECT_EQ(host.state("a"), "Ongoing");
  host.pass(seconds{10});
  EXPECT_EQ(host.asked_for_ids, 2);
  host.grant(ProducerId{50});
  EXPECT_EQ(host.describe("a").producer_id, ProducerId{50});
  EXPECT_EQ(host.state("a"), "CompleteAbort");
}

TEST(Expiry, AnIdThatNobodyUsesIsForgotten) {
  Host host;
  host.begin("a");
  host.pass(hours{24 * 7 - 1});
  EXPECT_EQ(host.list(), std::vector<std::string>{"a"});
  host.pass(hours{2});
  EXPECT_TRUE(host.list().empty());
  EXPECT_FALSE(host.take_entries().back().value.has_value());
  host.reload();
  EXPECT_TRUE(host.list().empty());
  EXPECT_EQ(host.begin("a"), producer(101, 0));
}

TEST(Expiry, WhatIsNotCompleteIsKept) {
  Host host(2, {.transactional_id_expiration = seconds{1}});
  host.hold_markers = true;
  const Producer who = host.begin("a");
  host.add("a", who);
  host.end("a", who, true, 4);
  host.pass(hours{3});
  EXPECT_EQ(host.state("a"), "PrepareCommit");
}

TEST(Expiry, ManyAreForgottenInBatchesOfBoundedSize) {
  Host host;
  for (int i = 0; i < 1001; ++i) host.begin("id-" + std::to_string(i));
  Step step;
  Machine machine;
  for (const TransactionEntry& entry : host.take_entries()) {
    machine.transactions.emplace(entry.transactional_id, *entry.value);
  }
  remove_expired(machine, {host.now().instant, host.wall() + hours{24 * 8}}, step);
  ASSERT_EQ(step.batches.size(), 3U);
  EXPECT_EQ(step.batches[0].records.size(), 500U);
  EXPECT_EQ(step.batches[2].records.size(), 1U);
}

}  // namespace
}  // namespace moldau::txn
