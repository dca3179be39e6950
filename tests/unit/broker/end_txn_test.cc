#include "protocol/api/end_txn.h"

#include <gtest/gtest.h>

#include "unit/broker/transaction_world.h"

namespace moldau::broker {
namespace {

class EndTxnTest : public testing::Test {
 protected:
  EndTxnTest() {
    broker.lead_transactions();
    broker.add_topic("t");
  }
  TransactionWorld broker;
};

TEST_F(EndTxnTest, OldClientsGetNoNewProducer) {
  const auto who = broker.begin("a");
  broker.add("a", who, "t");
  const auto ended = broker.end("a", who, true, 4);
  EXPECT_EQ(ended.error_code, Errc::none);
  EXPECT_EQ(ended.producer_id, k_no_producer_id);
}

TEST_F(EndTxnTest, OldClientsAreToldOfFencingInTheirWords) {
  const auto who = broker.begin("a");
  broker.begin("a");
  EXPECT_EQ(broker.end("a", who, true, 1).error_code, Errc::invalid_producer_epoch);
  EXPECT_EQ(broker.end("a", who, true, 2).error_code, Errc::producer_fenced);
}

TEST_F(EndTxnTest, AnEmptyIdIsRefused) {
  EXPECT_EQ(broker.end("", {}, true).error_code, Errc::invalid_request);
}

TEST_F(EndTxnTest, WithoutWriteOnTheIdItIsRefused) {
  broker.authorizer.forbids = [](security::Operation operation, security::ResourceType type,
                                 std::string_view name) {
    return operation == security::Operation::write &&
           type == security::ResourceType::transactional_id && name == "a";
  };
  EXPECT_EQ(broker.end("a", {}, true).error_code, Errc::transactional_id_authorization_failed);
  EXPECT_EQ(broker.end("b", {}, true).error_code, Errc::invalid_producer_id_mapping);
}

}  // namespace
}  // namespace moldau::broker
