#include "protocol/api/add_partitions_to_txn.h"

#include <gtest/gtest.h>

#include "unit/broker/transaction_world.h"

namespace moldau::broker {
namespace {

using protocol::AddPartitionsToTxnRequest;
using protocol::AddPartitionsToTxnResponse;

class AddPartitionsToTxnTest : public testing::Test {
 protected:
  AddPartitionsToTxnTest() {
    broker.lead_transactions();
    broker.add_topic("t", 2);
    broker.add_topic("u", 2);
  }
  AddPartitionsToTxnRequest::AddPartitionsToTxnTransaction of(const std::string& id,
                                                              txn::ProducerIdAndEpoch who,
                                                              bool verify_only) {
    AddPartitionsToTxnRequest::AddPartitionsToTxnTransaction one{.transactional_id = id,
                                                                 .producer_id = who.id,
                                                                 .producer_epoch = who.epoch,
                                                                 .verify_only = verify_only};
    one.topics.push_back({.name = "t", .partitions = {PartitionIndex{0}}});
    return one;
  }
  Errc error(const AddPartitionsToTxnResponse& response, std::size_t transaction) {
    return response.results_by_transaction.at(transaction)
        .topic_results.at(0)
        .results_by_partition.at(0)
        .partition_error_code;
  }
  TransactionWorld broker;
};

TEST_F(AddPartitionsToTxnTest, AClientAddsToItsTransaction) {
  const auto who = broker.begin("a");
  EXPECT_EQ(broker.add("a", who, "t", {0, 1}), Errc::none);
  EXPECT_EQ(broker.describe("a").topics.at(0).partitions.size(), 2U);
}

TEST_F(AddPartitionsToTxnTest, OnePartitionThatIsRefusedKeepsAllOut) {
  const auto who = broker.begin("a");
  auto request = broker.adding("a", who, "t", {0, 7});
  request.v3_and_below_topics.push_back(
      {.name = std::string{k_offsets_topic}, .partitions = {PartitionIndex{0}}});
  const auto response = broker.ok<AddPartitionsToTxnResponse>(request, ApiVersion{3});
  const auto& topics = response.results_by_topic_v3_and_below;
  ASSERT_EQ(topics.size(), 2U);
  EXPECT_EQ(topics[0].results_by_partition.at(0).partition_error_code,
            Errc::operation_not_attempted);
  EXPECT_EQ(topics[0].results_by_partition.at(1).partition_error_code,
            Errc::unknown_topic_or_partition);
  EXPECT_EQ(topics[1].results_by_partition.at(0).partition_error_code,
            Errc::topic_authorization_failed);
  EXPECT_EQ(broker.describe("a").transaction_state, "Empty");
}

TEST_F(AddPartitionsToTxnTest, OneAnswerForAllRepeatsTheRequest) {
  const auto who = broker.begin("a");
  auto request = broker.adding("a", who, "t", {0, 0});
  request.v3_and_below_topics.push_back({.name = "none of it", .partitions = {}});
  request.v3_and_below_topics.push_back({.name = "t", .partitions = {PartitionIndex{1}}});
  const auto response = broker.ok<AddPartitionsToTxnResponse>(request, ApiVersion{3});
  const auto& topics = response.results_by_topic_v3_and_below;
  ASSERT_EQ(topics.size(), 3U);
  EXPECT_EQ(topics[0].results_by_partition.size(), 2U);
  EXPECT_EQ(topics[1].name, "none of it");
}

TEST_F(AddPartitionsToTxnTest, WhereAnswersDifferPartitionsComeOnceAndThoseOfATopicTogether) {
  const auto who = broker.begin("a");
  auto request = broker.adding("a", who, "t", {0, 0});
  request.v3_and_below_topics.push_back({.name = "none of it", .partitions = {}});
  request.v3_and_below_topics.push_back(
      {.name = "t", .partitions = {PartitionIndex{9}, PartitionIndex{0}}});
  const auto response = broker.ok<AddPartitionsToTxnResponse>(request, ApiVersion{3});
  const auto& topics = response.results_by_topic_v3_and_below;
  ASSERT_EQ(topics.size(), 1U);
  EXPECT_EQ(topics[0].results_by_partition.size(), 2U);
}

TEST_F(AddPartitionsToTxnTest, OldClientsAreToldOfFencingInTheirWords) {
  const auto who = broker.begin("a");
  broker.begin("a");
  EXPECT_EQ(broker.add("a", who, "t", {0}, 1), Errc::invalid_producer_epoch);
  EXPECT_EQ(broker.add("a", who, "t", {0}, 2), Errc::producer_fenced);
}

TEST_F(AddPartitionsToTxnTest, IdAndTopicMustBeAllowed) {
  const auto who = broker.begin("a");
  broker.authorizer.forbids = [](security::Operation operation, security::ResourceType type,
                                 std::string_view name) {
    return operation == security::Operation::write &&
           (name == "u" || (type == security::ResourceType::transactional_id && name == "b"));
  };
  EXPECT_EQ(broker.add("b", who, "t"), Errc::transactional_id_authorization_failed);
  EXPECT_EQ(broker.add("a", who, "u"), Errc::topic_authorization_failed);
  EXPECT_EQ(broker.add("a", who, "t"), Errc::none);
}

TEST_F(AddPartitionsToTxnTest, ABrokerAsksForSeveralTransactions) {
  const auto a = broker.begin("a");
  const auto b = broker.begin("b");
  AddPartitionsToTxnRequest request;
  request.transactions = {of("a", a, true), of("b", b, false), of("", b, false)};
  const auto response = broker.ok<AddPartitionsToTxnResponse>(request, ApiVersion{5});
  ASSERT_EQ(response.results_by_transaction.size(), 3U);
  EXPECT_EQ(error(response, 0), Errc::transaction_abortable);
  EXPECT_EQ(error(response, 1), Errc::none);
  EXPECT_EQ(error(response, 2), Errc::invalid_request);
}

TEST_F(AddPartitionsToTxnTest, OnlyBrokersMayAskSo) {
  broker.authorizer.forbids = [](security::Operation operation, security::ResourceType,
                                 std::string_view) {
    return operation == security::Operation::cluster_action;
  };
  AddPartitionsToTxnRequest request;
  request.transactions = {of("a", {}, true)};
  const auto response = broker.ok<AddPartitionsToTxnResponse>(request, ApiVersion{4});
  EXPECT_EQ(response.error_code, Errc::cluster_authorization_failed);
  EXPECT_TRUE(response.results_by_transaction.empty());
}

}  // namespace
}  // namespace moldau::broker
