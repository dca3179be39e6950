#include "protocol/api/init_producer_id.h"

#include <gtest/gtest.h>

#include "unit/broker/transaction_world.h"

namespace moldau::broker {
namespace {

using protocol::InitProducerIdRequest;
using protocol::InitProducerIdResponse;

class InitProducerIdTest : public testing::Test {
 protected:
  InitProducerIdTest() {
    request.transactional_id = std::nullopt;
    request.transaction_timeout_ms = Milliseconds{60'000};
  }
  InitProducerIdResponse ask() { return broker.ok<InitProducerIdResponse>(request, ApiVersion{5}); }
  TransactionWorld broker;
  InitProducerIdRequest request;
};

TEST_F(InitProducerIdTest, EachProducerGetsItsOwnId) {
  EXPECT_EQ(ask().producer_id, ProducerId{0});
  EXPECT_EQ(ask().producer_id, ProducerId{1});
  EXPECT_EQ(ask().producer_id, ProducerId{1000}) << "of the next block";
  EXPECT_EQ(broker.controller.asked.size(), 2U);
  EXPECT_EQ(ask().producer_epoch, ProducerEpoch{0});
}
TEST_F(InitProducerIdTest, ControllerThatGivesNoneMakesTheProducerTryAgain) {
  broker.controller.answer = nullptr;
  EXPECT_EQ(ask().error_code, Errc::coordinator_load_in_progress);
  EXPECT_EQ(ask().producer_id, k_no_producer_id);
}
TEST_F(InitProducerIdTest, TransactionalIdNeedsACoordinator) {
  request.transactional_id = "tx";
  EXPECT_EQ(ask().error_code, Errc::not_coordinator);
  broker.lead_transactions();
  EXPECT_EQ(ask().error_code, Errc::none);
  EXPECT_EQ(ask().producer_epoch, ProducerEpoch{1});
}
TEST_F(InitProducerIdTest, WhatIsWrongUnderAnyCoordinatorIsSaidWithoutOne) {
  request.transactional_id = "";
  EXPECT_EQ(ask().error_code, Errc::invalid_request);
  request.transactional_id = "tx";
  request.transaction_timeout_ms = Milliseconds{900'001};
  EXPECT_EQ(ask().error_code, Errc::invalid_transaction_timeout);
  EXPECT_EQ(ask().producer_epoch, k_no_producer_epoch);
}
TEST_F(InitProducerIdTest, OldClientsAreToldOfFencingInTheirWords) {
  broker.lead_transactions();
  request.transactional_id = "tx";
  ask();
  ask();
  request.producer_id = ProducerId{0};
  request.producer_epoch = ProducerEpoch{0};
  EXPECT_EQ(ask().error_code, Errc::producer_fenced);
  EXPECT_EQ(broker.ok<InitProducerIdResponse>(request, ApiVersion{3}).error_code,
            Errc::invalid_producer_epoch);
}
TEST_F(InitProducerIdTest, WithoutWriteOnTheTransactionalIdItIsRefused) {
  broker.authorizer.forbids = [](security::Operation operation, security::ResourceType type,
                                 std::string_view) {
    return operation == security::Operation::write &&
           type == security::ResourceType::transactional_id;
  };
  request.transactional_id = "tx";
  EXPECT_EQ(ask().error_code, Errc::transactional_id_authorization_failed);
}
TEST_F(InitProducerIdTest, EpochWithoutIdIsRefusedBeforeACoordinatorIsAsked) {
  request.transactional_id = "tx";
  request.producer_epoch = ProducerEpoch{0};
  EXPECT_EQ(ask().error_code, Errc::invalid_request);
}
TEST_F(InitProducerIdTest, IdWithoutEpochIsRefused) {
  request.producer_id = ProducerId{4};
  EXPECT_EQ(ask().error_code, Errc::invalid_request);
}
TEST_F(InitProducerIdTest, WithoutIdempotentWriteItIsRefused) {
  broker.authorizer.forbids = [](security::Operation operation, security::ResourceType,
                                 std::string_view) {
    return operation == security::Operation::idempotent_write;
  };
  EXPECT_EQ(ask().error_code, Errc::cluster_authorization_failed);
}

}  // namespace
}  // namespace moldau::broker
