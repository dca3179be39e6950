#include "protocol/api/add_offsets_to_txn.h"

#include <gtest/gtest.h>

#include "unit/broker/transaction_world.h"

namespace moldau::broker {
namespace {

using protocol::AddOffsetsToTxnRequest;
using protocol::AddOffsetsToTxnResponse;

class AddOffsetsToTxnTest : public testing::Test {
 protected:
  AddOffsetsToTxnTest() { broker.lead_transactions(); }
  Errc add(txn::ProducerIdAndEpoch who, const std::string& id = "a", int version = 4) {
    AddOffsetsToTxnRequest request;
    request.transactional_id = id;
    request.producer_id = who.id;
    request.producer_epoch = who.epoch;
    request.group_id = "console-consumer-1";
    return broker
        .ok<AddOffsetsToTxnResponse>(request, ApiVersion{static_cast<std::int16_t>(version)})
        .error_code;
  }
  void forbid(security::ResourceType which) {
    broker.authorizer.forbids = [which](security::Operation, security::ResourceType type,
                                        std::string_view) { return type == which; };
  }
  TransactionWorld broker;
};

TEST_F(AddOffsetsToTxnTest, ThePartitionOfTheGroupBecomesPartOfIt) {
  broker.lead_groups(50);
  EXPECT_EQ(add(broker.begin("a")), Errc::none);
  const auto described = broker.describe("a");
  ASSERT_EQ(described.topics.size(), 1U);
  EXPECT_EQ(described.topics[0].topic, k_offsets_topic);
  EXPECT_EQ(described.topics[0].partitions, std::vector{PartitionIndex{24}});
}

TEST_F(AddOffsetsToTxnTest, TheTopicMayStillBeToCome) {
  EXPECT_EQ(add(broker.begin("a")), Errc::none);
  EXPECT_EQ(broker.describe("a").topics.at(0).partitions, std::vector{PartitionIndex{24}});
}

TEST_F(AddOffsetsToTxnTest, OthersThanTheProducerAreRefused) {
  const auto who = broker.begin("a");
  broker.begin("a");
  EXPECT_EQ(add(who), Errc::producer_fenced);
  EXPECT_EQ(add(who, "a", 1), Errc::invalid_producer_epoch);
  EXPECT_EQ(add(who, "b"), Errc::invalid_producer_id_mapping);
  EXPECT_EQ(add(who, ""), Errc::invalid_request);
}

TEST_F(AddOffsetsToTxnTest, IdAndGroupMustBeAllowed) {
  forbid(security::ResourceType::transactional_id);
  EXPECT_EQ(add({}), Errc::transactional_id_authorization_failed);
  forbid(security::ResourceType::group);
  EXPECT_EQ(add({}), Errc::group_authorization_failed);
}

}  // namespace
}  // namespace moldau::broker
