#include "protocol/api/write_txn_markers.h"

#include <gtest/gtest.h>

#include "unit/broker/broker_world.h"

namespace moldau::broker {
namespace {

using protocol::WriteTxnMarkersRequest;
using protocol::WriteTxnMarkersResponse;

class WriteTxnMarkersTest : public testing::Test {
 protected:
  auto& add(std::int64_t producer, const std::string& topic, std::vector<std::int32_t> partitions) {
    auto& marker = request.markers.emplace_back();
    marker.producer_id = ProducerId{producer};
    marker.transaction_result = true;
    auto& one = marker.topics.emplace_back();
    one.name = topic;
    for (const std::int32_t index : partitions) {
      one.partition_indexes.emplace_back(PartitionIndex{index});
    }
    return marker;
  }
  WriteTxnMarkersResponse ask(std::int16_t version = 2) {
    return broker.ok<WriteTxnMarkersResponse>(request, ApiVersion{version});
  }
  static std::vector<Errc> errors(const WriteTxnMarkersResponse& response, std::size_t marker = 0) {
    std::vector<Errc> out;
    for (const auto& topic : response.markers.at(marker).topics) {
      for (const auto& partition : topic.partitions) out.push_back(partition.error_code);
    }
    return out;
  }
  std::int64_t log_end(std::int32_t partition = 0) {
    return broker.partition("t", partition)->log().log_end_offset().value();
  }
  BrokerWorld broker{2};
  WriteTxnMarkersRequest request;
};

TEST_F(WriteTxnMarkersTest, EachPartitionHasItsOwnAnswer) {
  broker.add_topic("t", 2);
  add(7, "t", {0, 9, 1});
  const auto response = ask();
  EXPECT_EQ(response.markers.at(0).producer_id, ProducerId{7});
  EXPECT_EQ(errors(response),
            (std::vector{Errc::none, Errc::unknown_topic_or_partition, Errc::none}));
  EXPECT_EQ(log_end(0), 1);
  EXPECT_EQ(log_end(1), 1);
}

TEST_F(WriteTxnMarkersTest, MarkersOfOneProducerAreAnsweredTogether) {
  broker.add_topic("t", 3);
  add(7, "t", {0});
  add(8, "t", {1});
  add(7, "t", {2});
  const auto response = ask();
  ASSERT_EQ(response.markers.size(), 2U);
  EXPECT_EQ(errors(response, 0), (std::vector{Errc::none, Errc::none}));
  EXPECT_EQ(errors(response, 1), std::vector{Errc::none});
}

TEST_F(WriteTxnMarkersTest, PartitionThatAMarkerNamesTwiceGetsItOnce) {
  broker.add_topic("t");
  add(7, "t", {0, 0});
  EXPECT_EQ(errors(ask()), std::vector{Errc::none});
  EXPECT_EQ(log_end(), 1);
}

TEST_F(WriteTxnMarkersTest, MarkerWithoutPartitionsIsNotAnswered) {
  add(7, "t", {});
  EXPECT_TRUE(ask().markers.empty());
}

TEST_F(WriteTxnMarkersTest, TransactionVersionIsThatOfTheRequestFromVersion2) {
  broker.add_topic("t");
  ASSERT_EQ(
      broker
          .run(broker.partition("t")->append(broker.batch(1, {.producer_id = ProducerId{7},
                                                              .producer_epoch = ProducerEpoch{4},
                                                              .base_sequence = Sequence{0},
                                                              .is_transactional = true}),
                                             replica::Acks::all))
          .error,
      Errc::none);
  auto& marker = add(7, "t", {0});
  marker.producer_epoch = ProducerEpoch{4};
  marker.transaction_version = 2;
  EXPECT_EQ(errors(ask(2)), std::vector{Errc::invalid_producer_epoch});
  marker.transaction_version = 0;
  EXPECT_EQ(errors(ask(1)), std::vector{Errc::none});
}

TEST_F(WriteTxnMarkersTest, WhoMayNotActForTheClusterIsRefusedAndWhoMayAlterItIsNot) {
  broker.add_topic("t");
  add(7, "t", {0});
  std::vector<security::Operation> denied{security::Operation::alter,
                                          security::Operation::cluster_action};
  broker.authorizer.forbids = [&](security::Operation operation, security::ResourceType,
                                  std::string_view) {
    return std::ranges::find(denied, operation) != denied.end();
  };
  EXPECT_EQ(errors(ask()), std::vector{Errc::cluster_authorization_failed});
  EXPECT_EQ(log_end(), 0);
  denied = {security::Operation::cluster_action};
  EXPECT_EQ(errors(ask()), std::vector{Errc::none});
  denied = {security::Operation::alter};
  EXPECT_EQ(errors(ask()), std::vector{Errc::none});
}

TEST_F(WriteTxnMarkersTest, MarkerOfNobodyFailsTheRequestAndWritesNothing) {
  broker.add_topic("t");
  add(7, "t", {0});
  add(-1, "t", {0, 9});
  const auto response = ask();
  EXPECT_EQ(errors(response, 0), std::vector{Errc::unknown_server_error});
  EXPECT_EQ(errors(response, 1),
            (std::vector{Errc::unknown_server_error, Errc::unknown_server_error}));
  EXPECT_EQ(log_end(), 0);
  request.markers.pop_back();
  request.markers[0].producer_epoch = ProducerEpoch{-1};
  EXPECT_EQ(errors(ask()), std::vector{Errc::unknown_server_error});
}

}  // namespace
}  // namespace moldau::broker
