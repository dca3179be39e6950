#include "txn/describe.h"

#include <gtest/gtest.h>

#include "unit/txn/host.h"

namespace moldau::txn {
namespace {

using test::Host;
using test::Producer;

TEST(DescribeTransactions, TellsWhatIsKnownOfAnId) {
  Host host;
  const Producer who = host.begin("a");
  host.add("a", who, "u", {2, 1});
  host.add("a", who, "t", {0});
  const auto described = host.describe("a");
  EXPECT_EQ(described.error_code, Errc::none);
  EXPECT_EQ(described.transactional_id, "a");
  EXPECT_EQ(described.transaction_state, "Ongoing");
  EXPECT_EQ(described.transaction_timeout_ms, Milliseconds{60'000});
  EXPECT_EQ(described.producer_id, who.id);
  EXPECT_EQ(described.producer_epoch, who.epoch);
  ASSERT_EQ(described.topics.size(), 2U);
  EXPECT_EQ(described.topics[1].topic, "u");
  EXPECT_EQ(described.topics[1].partitions, (std::vector{PartitionIndex{1}, PartitionIndex{2}}));
}

TEST(DescribeTransactions, OneThatIsNotOpenHasNotStarted) {
  Host host;
  host.begin("a");
  EXPECT_EQ(host.describe("a").transaction_start_time_ms, k_no_timestamp);
}

TEST(DescribeTransactions, AnUnknownIdIsAnError) {
  Host host;
  EXPECT_EQ(host.describe("a").error_code, Errc::transactional_id_not_found);
  EXPECT_EQ(host.describe("").error_code, Errc::invalid_request);
}

TEST(ListTransactions, FiltersAsAsked) {
  Host host;
  const Producer who = host.begin("a");
  host.begin("b");
  host.add("a", who);
  EXPECT_EQ(host.list(), (std::vector<std::string>{"a", "b"}));
  protocol::ListTransactionsRequest ongoing;
  ongoing.state_filters = {"Ongoing"};
  EXPECT_EQ(host.list(ongoing), std::vector<std::string>{"a"});
}

}  // namespace
}  // namespace moldau::txn
