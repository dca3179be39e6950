#include "txn/add_partitions.h"

#include <gtest/gtest.h>

#include "unit/txn/host.h"

namespace moldau::txn {
namespace {

using test::Host;
using test::producer;
using test::Producer;

class AddPartitionsTest : public testing::Test {
 protected:
  Host host;
  Producer who = host.begin("a");
};

TEST_F(AddPartitionsTest, TheFirstOnesOpenATransaction) {
  EXPECT_EQ(host.add("a", who, "t", {0, 2}), Errc::none);
  const auto described = host.describe("a");
  EXPECT_EQ(described.transaction_state, "Ongoing");
  EXPECT_EQ(described.transaction_start_time_ms, host.wall());
  EXPECT_EQ(described.topics.at(0).partitions, (std::vector{PartitionIndex{0}, PartitionIndex{2}}));
}

TEST_F(AddPartitionsTest, WhatIsThereIsNotWrittenAgain) {
  host.add("a", who, "t", {0, 1});
  const std::size_t before = host.log().size();
  EXPECT_EQ(host.add("a", who, "t", {1}), Errc::none);
  EXPECT_EQ(host.log().size(), before);
  EXPECT_EQ(host.add("a", who, "u", {1}), Errc::none);
  EXPECT_EQ(host.log().size(), before + 1);
}

TEST_F(AddPartitionsTest, OthersThanTheProducerAreRefused) {
  EXPECT_EQ(host.add("", who), Errc::invalid_request);
  EXPECT_EQ(host.add("b", who), Errc::invalid_producer_id_mapping);
  EXPECT_EQ(host.add("a", producer(99, 0)), Errc::invalid_producer_id_mapping);
  host.begin("a");
  EXPECT_EQ(host.add("a", who), Errc::producer_fenced);
}

TEST_F(AddPartitionsTest, APreparedTransactionIsWaitedFor) {
  host.add("a", who);
  host.hold_markers = true;
  host.end("a", who, true, 4);
  EXPECT_EQ(host.add("a", who), Errc::concurrent_transactions);
  host.report();
  EXPECT_EQ(host.add("a", who), Errc::none);
}

TEST_F(AddPartitionsTest, WhoAddsSaysInWhichVersionItWillEnd) {
  host.add("a", who, "t", {0}, 3);
  EXPECT_EQ(host.take_entries().back().value->client_version, TransactionVersion::v0);
  host.add("a", who, "t", {1}, 5);
  EXPECT_EQ(host.take_entries().back().value->client_version, TransactionVersion::v2);
}

TEST_F(AddPartitionsTest, VerifyingTellsWhichPartitionsItHas) {  // KIP-890
  EXPECT_EQ(host.verify("a", who, "t", {0}), std::vector{Errc::transaction_abortable});
  host.add("a", who, "t", {0});
  EXPECT_EQ(host.verify("a", who, "t", {0, 1}),
            (std::vector{Errc::none, Errc::transaction_abortable}));
  EXPECT_EQ(host.verify("a", producer(100, 3), "t", {0}), std::vector{Errc::producer_fenced});
  EXPECT_EQ(host.state("a"), "Ongoing");
}

TEST_F(AddPartitionsTest, AfterTheEndNothingIsInIt) {
  host.add("a", who, "t", {0});
  host.end("a", who, false, 4);
  EXPECT_EQ(host.verify("a", who, "t", {0}), std::vector{Errc::transaction_abortable});
}

}  // namespace
}  // namespace moldau::txn
