#include "protocol/api/init_producer_id.h"

#include <gtest/gtest.h>

#include "protocol/api/allocate_producer_ids.h"
#include "unit/broker/broker_world.h"

namespace moldau::broker {
namespace {

using protocol::AllocateProducerIdsResponse;
using protocol::InitProducerIdRequest;
using protocol::InitProducerIdResponse;

class InitProducerIdTest : public testing::Test {
 protected:
  InitProducerIdTest() {
    request.transactional_id = std::nullopt;
    broker.controller.answer = [this](const ControllerRequest& asked) -> Result<SharedBytes> {
      AllocateProducerIdsResponse block;
      block.producer_id_start = ProducerId{next_block};
      block.producer_id_len = 2;
      next_block += 1000;
      return encoded(block, asked.version);
    };
  }
  InitProducerIdResponse ask() { return broker.ok<InitProducerIdResponse>(request, ApiVersion{5}); }
  BrokerWorld broker;
  InitProducerIdRequest request;
  std::int64_t next_block = 0;
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
  EXPECT_EQ(ask().error_code, Errc::coordinator_not_available);
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
