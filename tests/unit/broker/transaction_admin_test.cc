#include <gtest/gtest.h>

#include "protocol/api/list_transactions.h"
#include "unit/broker/transaction_world.h"

namespace moldau::broker {
namespace {

using protocol::ListTransactionsRequest;
using protocol::ListTransactionsResponse;

class TransactionAdminTest : public testing::Test {
 protected:
  ListTransactionsResponse list(const ListTransactionsRequest& request = {}) {
    return broker.ok<ListTransactionsResponse>(request, ApiVersion{2});
  }
  static std::vector<std::string> ids(const ListTransactionsResponse& response) {
    std::vector<std::string> all;
    for (const auto& state : response.transaction_states) all.push_back(state.transactional_id);
    std::ranges::sort(all);
    return all;
  }
  void forbid(security::ResourceType which, std::string name) {
    broker.authorizer.forbids = [which, name](security::Operation, security::ResourceType type,
                                              std::string_view of) {
      return type == which && of == name;
    };
  }
  TransactionWorld broker{2};
};

TEST_F(TransactionAdminTest, ListsThoseOfAllCoordinators) {
  EXPECT_TRUE(list().transaction_states.empty());
  broker.lead_transactions(5);
  for (const char* id : {"a", "b", "c", "d"}) broker.begin(id);
  EXPECT_EQ(ids(list()), (std::vector<std::string>{"a", "b", "c", "d"}));
  ListTransactionsRequest request;
  request.state_filters = {"Empty", "Odd"};
  request.transactional_id_pattern = "[bc]";
  const auto response = list(request);
  EXPECT_EQ(ids(response), (std::vector<std::string>{"b", "c"}));
  EXPECT_EQ(response.unknown_state_filters, std::vector<std::string>{"Odd"});
}

TEST_F(TransactionAdminTest, APatternThatIsNoneIsRefused) {
  ListTransactionsRequest request;
  request.transactional_id_pattern = "(";
  EXPECT_EQ(list(request).error_code, Errc::invalid_regular_expression);
}

TEST_F(TransactionAdminTest, WhatMayNotBeDescribedIsNotListed) {
  broker.lead_transactions();
  broker.begin("a");
  broker.begin("b");
  forbid(security::ResourceType::transactional_id, "a");
  EXPECT_EQ(ids(list()), std::vector<std::string>{"b"});
  EXPECT_EQ(broker.describe("a").error_code, Errc::transactional_id_authorization_failed);
}

TEST_F(TransactionAdminTest, TopicsThatMayNotBeDescribedAreLeftOut) {
  broker.lead_transactions();
  broker.add_topic("t");
  broker.add_topic("u");
  const auto who = broker.begin("a");
  broker.add("a", who, "t");
  broker.add("a", who, "u");
  forbid(security::ResourceType::topic, "t");
  const auto described = broker.describe("a");
  ASSERT_EQ(described.topics.size(), 1U);
  EXPECT_EQ(described.topics[0].topic, "u");
}

TEST_F(TransactionAdminTest, IdsThatNobodyHasAreErrors) {
  EXPECT_EQ(broker.describe("a").error_code, Errc::not_coordinator);
  EXPECT_EQ(broker.describe("").error_code, Errc::invalid_request);
  broker.lead_transactions();
  EXPECT_EQ(broker.describe("a").error_code, Errc::transactional_id_not_found);
}

}  // namespace
}  // namespace moldau::broker
