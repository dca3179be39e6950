#include "broker/txn_verification.h"

#include <gtest/gtest.h>

#include "protocol/api/produce.h"
#include "protocol/api/txn_offset_commit.h"
#include "unit/broker/transaction_world.h"

namespace moldau::broker {
namespace {

constexpr ApiVersion k_legacy{9};
constexpr ApiVersion k_knows_abortable{11};
constexpr ApiVersion k_adds{12};

TEST(TxnClient, IsKnownByTheVersionOfItsRequest) {
  EXPECT_EQ(client_of_produce(ApiVersion{10}), TxnClient::legacy);
  EXPECT_EQ(client_of_produce(ApiVersion{11}), TxnClient::knows_abortable);
  EXPECT_EQ(client_of_produce(ApiVersion{12}), TxnClient::adds_partitions);
  EXPECT_EQ(client_of_txn_offset_commit(ApiVersion{3}), TxnClient::legacy);
  EXPECT_EQ(client_of_txn_offset_commit(ApiVersion{4}), TxnClient::knows_abortable);
  EXPECT_EQ(client_of_txn_offset_commit(ApiVersion{5}), TxnClient::adds_partitions);
}

class TxnVerificationTest : public testing::Test {
 protected:
  TxnVerificationTest() {
    broker.lead_transactions();
    broker.lead_groups(3);
    broker.add_topic("t", 2);
    for (const int partition : {0, 1}) {
      broker.partition("t", partition)
          ->configure(make_topic_settings(
              {}, {.id_expiration = Milliseconds{86'400'000}, .verify_transactions = true}));
    }
    who = broker.begin("tx");
  }
  protocol::ProduceResponse::PartitionProduceResponse produce(ApiVersion version,
                                                              std::int32_t sequence = 0,
                                                              std::int32_t partition = 0) {
    batch = broker.batch(1, {.producer_id = who.id,
                             .producer_epoch = who.epoch,
                             .base_sequence = Sequence{sequence},
                             .is_transactional = true});
    protocol::ProduceRequest request;
    request.transactional_id = "tx";
    request.acks = acks;
    request.timeout_ms = Milliseconds{1000};
    auto& topic = request.topic_data.emplace_back();
    topic.name = "t";
    auto& data = topic.partition_data.emplace_back();
    data.index = PartitionIndex{partition};
    data.records = batch.view();
    return broker.ok<protocol::ProduceResponse>(request, version)
        .responses.at(0)
        .partition_responses.at(0);
  }
  // One batch of one record for partition 0, sent and not waited for.
  std::unique_ptr<BrokerWorld::Pending> begin_produce(ApiVersion version, std::int32_t sequence) {
    const SharedBytes sent = broker.batch(1, {.producer_id = who.id,
                                              .producer_epoch = who.epoch,
                                              .base_sequence = Sequence{sequence},
                                              .is_transactional = true});
    protocol::ProduceRequest request;
    request.transactional_id = "tx";
    request.acks = -1;
    request.timeout_ms = Milliseconds{1000};
    auto& topic = request.topic_data.emplace_back();
    topic.name = "t";
    auto& data = topic.partition_data.emplace_back();
    data.index = PartitionIndex{0};
    data.records = sent.view();
    return broker.BrokerWorld::begin(request, version);
  }
  Errc commit_offsets(std::int16_t version) {
    protocol::TxnOffsetCommitRequest request;
    request.transactional_id = "tx";
    request.group_id = "g";
    request.producer_id = who.id;
    request.producer_epoch = who.epoch;
    auto& topic = request.topics.emplace_back();
    topic.name = "t";
    topic.partitions.emplace_back().committed_offset = Offset{5};
    return broker.ok<protocol::TxnOffsetCommitResponse>(request, ApiVersion{version})
        .topics.at(0)
        .partitions.at(0)
        .error_code;
  }
  TransactionWorld broker{2};
  txn::ProducerIdAndEpoch who;
  SharedBytes batch;
  std::int16_t acks = -1;
};

TEST_F(TxnVerificationTest, PartitionThatWasNotAddedIsRefusedInWordsTheClientKnows) {
  const auto legacy = produce(k_legacy);
  EXPECT_EQ(legacy.error_code, Errc::invalid_txn_state);
  EXPECT_TRUE(legacy.error_message.has_value());
  EXPECT_EQ(produce(k_knows_abortable).error_code, Errc::transaction_abortable);
  EXPECT_EQ(broker.partition("t")->log().log_end_offset(), Offset{0});
}

TEST_F(TxnVerificationTest, PartitionThatWasAddedTakesTheTransaction) {
  ASSERT_EQ(broker.add("tx", who, "t"), Errc::none);
  EXPECT_EQ(produce(k_legacy).error_code, Errc::none);
  EXPECT_EQ(produce(k_legacy, 1).error_code, Errc::none);
  EXPECT_EQ(produce(k_legacy, 0, 1).error_code, Errc::invalid_txn_state);
}

TEST_F(TxnVerificationTest, WritingAddsThePartitionInVersion2) {
  EXPECT_EQ(produce(k_adds).error_code, Errc::none);
  EXPECT_EQ(produce(k_adds, 0, 1).error_code, Errc::none);
  EXPECT_EQ(broker.describe("tx").transaction_state, "Ongoing");
  EXPECT_EQ(broker.describe("tx").topics.at(0).partitions.size(), 2U);
  const auto ended = broker.end("tx", who, true, 5);
  ASSERT_EQ(ended.error_code, Errc::none);
  who = {ended.producer_id, ended.producer_epoch};
  // At once: the markers of the last transaction may still be on their way.
  EXPECT_EQ(produce(k_adds).error_code, Errc::none);
}

TEST_F(TxnVerificationTest, LastTransactionThatDoesNotEndIsWaitedForAWhile) {
  ASSERT_EQ(produce(k_adds, 0, 1).error_code, Errc::none);
  broker.partition("t", 1)->follow(LeaderEpoch{4});  // takes no marker
  const auto ended = broker.end("tx", who, true, 5);
  ASSERT_EQ(ended.error_code, Errc::none);
  who = {ended.producer_id, ended.producer_epoch};
  const Instant before = broker.world.now();
  EXPECT_EQ(produce(k_adds).error_code, Errc::concurrent_transactions);
  EXPECT_GE(broker.world.now() - before, Milliseconds{100});
  EXPECT_LT(broker.world.now() - before, Milliseconds{200});
}

TEST_F(TxnVerificationTest, EndedTransactionIsVerifiedAnew) {
  ASSERT_EQ(broker.add("tx", who, "t"), Errc::none);
  ASSERT_EQ(produce(k_legacy).error_code, Errc::none);
  ASSERT_EQ(broker.end("tx", who, true, 3).error_code, Errc::none);
  ASSERT_TRUE(broker.wait_for("tx", "CompleteCommit"));
  EXPECT_EQ(produce(k_legacy, 1).error_code, Errc::invalid_txn_state);
}

TEST_F(TxnVerificationTest, ProducerThatTheIdDoesNotHaveIsRefused) {
  who.id = ProducerId{4711};
  EXPECT_EQ(produce(k_adds).error_code, Errc::invalid_producer_id_mapping);
}

TEST_F(TxnVerificationTest, AcksThatThereAreNotAreRefusedBehindTheTransaction) {
  acks = 7;
  EXPECT_EQ(produce(k_legacy).error_code, Errc::invalid_txn_state);
  EXPECT_EQ(produce(k_adds).error_code, Errc::invalid_required_acks);
  EXPECT_EQ(produce(k_adds).error_code, Errc::invalid_required_acks);
  EXPECT_EQ(broker.partition("t")->log().log_end_offset(), Offset{0});
}

TEST_F(TxnVerificationTest, FencedProducerIsToldItsEpoch) {
  const auto older = who;
  who = broker.begin("tx");
  ASSERT_GT(who.epoch, older.epoch);
  who = older;
  EXPECT_EQ(produce(k_adds).error_code, Errc::invalid_producer_epoch);
}

TEST_F(TxnVerificationTest, CoordinatorThatIsNotThereIsARetriableErrorOfThePartition) {
  broker.remove_topic("__transaction_state");
  const auto answer = produce(k_adds);
  EXPECT_EQ(answer.error_code, Errc::not_enough_replicas);
  EXPECT_TRUE(answer.error_message.has_value());
}

TEST_F(TxnVerificationTest, OffsetsAreVerifiedToo) {
  EXPECT_EQ(commit_offsets(3), Errc::invalid_txn_state);
  EXPECT_EQ(commit_offsets(4), Errc::transaction_abortable);
  EXPECT_EQ(commit_offsets(5), Errc::none);
  EXPECT_EQ(broker.describe("tx").topics.at(0).topic, "__consumer_offsets");
  EXPECT_EQ(commit_offsets(3), Errc::none) << "open now";
}

TEST_F(TxnVerificationTest, LegacyClientsMayBeTrusted) {
  broker.trust_transactions();
  broker.partition("t")->configure(
      make_topic_settings({}, {.id_expiration = Milliseconds{86'400'000}}));
  EXPECT_EQ(produce(k_legacy).error_code, Errc::none);
  EXPECT_EQ(broker.describe("tx").transaction_state, "Empty");
}

// Whenever the second comes: before the first has the coordinator's word, or behind it.
TEST_F(TxnVerificationTest, ABatchDoesNotOvertakeOneThatWaitsForTheCoordinator) {
  for (int steps = 0; steps < 15; ++steps) {
    who = broker.begin("tx");  // a new epoch: nothing is open
    const auto first = begin_produce(k_adds, 0);
    for (int i = 0; i < steps; ++i) (void)broker.world.step();
    const auto second = begin_produce(k_adds, 1);
    ASSERT_TRUE(broker.world.run_until([&] { return first->task->done(); }));
    const auto third = begin_produce(k_adds, 2);
    for (const auto* pending : {&first, &second, &third}) {
      const auto answer = broker.finish<protocol::ProduceResponse>(**pending, k_adds);
      EXPECT_EQ(answer.responses.at(0).partition_responses.at(0).error_code, Errc::none)
          << "after " << steps << " steps";
    }
    broker.end("tx", who, true, 5);
    broker.world.run_for(Milliseconds{100});  // until its markers are written
  }
}

}  // namespace
}  // namespace moldau::broker
