#include "client/transaction_admin.h"

#include <gtest/gtest.h>

#include "protocol/api/describe_producers.h"
#include "protocol/api/describe_transactions.h"
#include "protocol/api/list_transactions.h"
#include "protocol/api/write_txn_markers.h"
#include "unit/client/fake_transactions.h"

namespace moldau::client {
namespace {

using namespace protocol;

Result<rpc::Response> encoded(const auto& message, ApiVersion version) {
  Writer body;
  message.encode(body, version);
  return rpc::Response::of(std::move(body));
}

// Adds the requests of an administrator to those of a coordinator.
struct FakeAdmin {
  explicit FakeAdmin(FakeBroker& broker)
      : transactions(broker), producers_of(std::move(broker.other.answer)) {
    for (const auto& [key, greatest] :
         {std::pair{ApiKey::list_transactions, 2}, std::pair{ApiKey::describe_transactions, 0},
          std::pair{ApiKey::describe_producers, 0}, std::pair{ApiKey::write_txn_markers, 2}}) {
      broker.other.apis.emplace_back(key, static_cast<std::int16_t>(greatest));
    }
    broker.other.answer = [this](rpc::Request& request) { return answer(request); };
    described.transaction_states.emplace_back();
    auto& topic = producers.topics.emplace_back();
    topic.name = "t";
    topic.partitions.emplace_back();
  }
  Result<rpc::Response> answer(rpc::Request& request) {
    const ApiVersion version = request.header.version;
    switch (request.header.api) {
      case ApiKey::list_transactions: {
        TRY(asked_list, ListTransactionsRequest::decode(request.body(), version));
        return encoded(listed, version);
      }
      case ApiKey::describe_transactions:
        return encoded(described, version);
      case ApiKey::describe_producers:
        return encoded(producers, version);
      case ApiKey::write_txn_markers: {
        TRY(asked_marker, WriteTxnMarkersRequest::decode(request.body(), version));
        WriteTxnMarkersResponse response;
        response.markers.emplace_back().topics.emplace_back().partitions.emplace_back().error_code =
            marker_error;
        return encoded(response, version);
      }
      default:
        return producers_of(request);
    }
  }
  FakeTransactions transactions;
  std::function<Result<rpc::Response>(rpc::Request&)> producers_of;
  ListTransactionsRequest asked_list;
  ListTransactionsResponse listed;
  DescribeTransactionsResponse described;
  DescribeProducersResponse producers;
  WriteTxnMarkersRequest asked_marker;
  Errc marker_error = Errc::none;
};

env::Task<void> listing(ClientWorld& world) {
  FakeAdmin admin(world.broker);
  auto& one = admin.listed.transaction_states.emplace_back();
  one.transactional_id = "x";
  one.producer_id = ProducerId{7};
  one.transaction_state = "Dreaming";
  Cluster cluster(world.env, world.settings);
  const auto listed =
      co_await list_transactions(cluster, {.producer_ids = {ProducerId{7}}, .pattern = "x.*"});
  CHECK_OK(listed);
  EXPECT_EQ(listed->at(0).coordinator, FakeBroker::k_id);
  EXPECT_EQ(listed->at(0).state, "Unknown");
  EXPECT_EQ(admin.asked_list.transactional_id_pattern, "x.*");
  EXPECT_EQ(admin.asked_list.duration_filter, Milliseconds{-1});
  admin.listed.error_code = Errc::invalid_regular_expression;
  EXPECT_EQ((co_await list_transactions(cluster, {})).error().text(),
            "ListTransactions request sent to broker 1 failed with an unexpected exception");
  co_await cluster.close();
}

TEST(TransactionAdmin, ListsThoseOfAllBrokers) { with_broker(&listing); }

env::Task<void> describing(ClientWorld& world) {
  FakeAdmin admin(world.broker);
  auto& told = admin.described.transaction_states.front();
  told.transaction_state = "Ongoing";
  told.producer_id = ProducerId{7};
  told.transaction_start_time_ms = timestamp_of(5);
  auto& topic = told.topics.emplace_back();
  topic.topic = "t";
  topic.partitions = {PartitionIndex{1}};
  Cluster cluster(world.env, world.settings);
  const auto described = co_await describe_transaction(cluster, "x");
  CHECK_OK(described);
  EXPECT_EQ(described->state, "Ongoing");
  EXPECT_EQ(described->begun_at, timestamp_of(5));
  EXPECT_EQ(described->partitions, (std::set<TopicPartition>{{"t", PartitionIndex{1}}}));
  told.transaction_start_time_ms = timestamp_of(-1);
  EXPECT_FALSE((co_await describe_transaction(cluster, "x"))->begun_at.has_value());
  told.error_code = Errc::transactional_id_not_found;
  EXPECT_EQ((co_await describe_transaction(cluster, "x")).error().text(),
            "DescribeTransactions request for transactionalId `x` failed because the ID could not "
            "be found");
  co_await cluster.close();
}

TEST(TransactionAdmin, DescribesOne) { with_broker(&describing); }

env::Task<void> producers(ClientWorld& world) {
  FakeAdmin admin(world.broker);
  auto& told = admin.producers.topics.front().partitions.front();
  auto& one = told.active_producers.emplace_back();
  one.producer_id = ProducerId{7};
  one.coordinator_epoch = -5;
  one.current_txn_start_offset = Offset{-1};
  Cluster cluster(world.env, world.settings);
  const TopicPartition partition{"t", PartitionIndex{0}};
  const auto seen = co_await describe_producers(cluster, partition, std::nullopt);
  CHECK_OK(seen);
  EXPECT_EQ(seen->at(0).id, ProducerId{7});
  EXPECT_EQ(seen->at(0).coordinator_epoch, -1);
  EXPECT_FALSE(seen->at(0).transaction_start.has_value());
  told.error_code = Errc::not_leader_or_follower;
  EXPECT_EQ((co_await describe_producers(cluster, partition, FakeBroker::k_id)).error().text(),
            "Failed to describe active producers for partition t-0 on brokerId 1");
  const auto late = co_await describe_producers(cluster, partition, std::nullopt);
  EXPECT_TRUE(late.error().text().starts_with("Call(callName=describeProducers(api=METADATA), "));
  co_await cluster.close();
}

TEST(TransactionAdmin, ShowsTheProducersOfAPartition) { with_broker(&producers); }

env::Task<void> aborting(ClientWorld& world) {
  FakeAdmin admin(world.broker);
  Cluster cluster(world.env, world.settings);
  const AbortSpec spec{{"t", PartitionIndex{0}}, {ProducerId{7}, ProducerEpoch{2}}, 4};
  CHECK_OK(co_await abort_transaction(cluster, spec));
  EXPECT_FALSE(admin.asked_marker.markers.at(0).transaction_result);
  EXPECT_EQ(admin.asked_marker.markers.at(0).coordinator_epoch, 4);
  admin.marker_error = Errc::invalid_producer_epoch;
  EXPECT_EQ((co_await abort_transaction(cluster, spec)).error().text(),
            "WriteTxnMarkers request with AbortTransactionSpec(topicPartition=t-0, producerId=7, "
            "producerEpoch=2, coordinatorEpoch=4) failed due an invalid producer epoch");
  CHECK_OK(co_await fence_producer(cluster, "x"));
  EXPECT_EQ(world.broker.asked[ApiKey::init_producer_id], 1);
  co_await cluster.close();
}

TEST(TransactionAdmin, EndsTransactionsInOnePartitionOrOfOneId) { with_broker(&aborting); }

}  // namespace
}  // namespace moldau::client
