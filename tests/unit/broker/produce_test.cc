#include "protocol/api/produce.h"

#include <gtest/gtest.h>

#include "unit/broker/broker_world.h"

namespace moldau::broker {
namespace {

using protocol::ProduceRequest;
using protocol::ProduceResponse;
using PartitionAnswer = ProduceResponse::PartitionProduceResponse;

constexpr ApiVersion k_v9{9};
constexpr ApiVersion k_v13{13};

class ProduceTest : public testing::Test {
 protected:
  ProduceRequest request(std::string_view topic, SharedBytes records, std::int16_t acks = -1,
                         std::int32_t partition = 0) {
    kept.push_back(std::move(records));
    ProduceRequest request;
    request.acks = acks;
    request.timeout_ms = Milliseconds{1000};
    auto& data = request.topic_data.emplace_back();
    data.name = topic;
    if (const metadata::Topic* found = broker.image.topics.find(topic)) data.topic_id = found->id;
    auto& one = data.partition_data.emplace_back();
    one.index = PartitionIndex{partition};
    one.records = kept.back().view();
    return request;
  }
  PartitionAnswer produce(const ProduceRequest& request, ApiVersion version = k_v9) {
    return broker.ok<ProduceResponse>(request, version).responses.at(0).partition_responses.at(0);
  }
  SharedBytes transactional(std::int64_t producer, std::int32_t sequence) {
    return broker.batch(1, {.producer_id = ProducerId{producer},
                            .producer_epoch = ProducerEpoch{0},
                            .base_sequence = Sequence{sequence},
                            .is_transactional = true});
  }
  std::int64_t log_end(const std::string& topic) {
    return broker.partition(topic)->log().log_end_offset().value();
  }

  BrokerWorld broker;
  std::deque<SharedBytes> kept;
};

TEST_F(ProduceTest, BatchGetsTheNextOffsets) {
  broker.add_topic("t");
  EXPECT_EQ(produce(request("t", broker.batch(3))).base_offset, Offset{0});
  const PartitionAnswer second = produce(request("t", broker.batch(2), 1));
  EXPECT_EQ(second.error_code, Errc::none);
  EXPECT_EQ(second.base_offset, Offset{3});
  EXPECT_EQ(second.log_start_offset, Offset{0});
  EXPECT_EQ(log_end("t"), 5);
}

TEST_F(ProduceTest, TopicIdNamesTheTopicFromVersion13) {
  broker.add_topic("t");
  EXPECT_EQ(produce(request("t", broker.batch(1)), k_v13).error_code, Errc::none);
  ProduceRequest unknown = request("t", broker.batch(1));
  unknown.topic_data[0].topic_id = Uuid{9, 9};
  EXPECT_EQ(produce(unknown, k_v13).error_code, Errc::unknown_topic_id);
}

TEST_F(ProduceTest, UnknownTopicOrPartitionIsRefused) {
  broker.add_topic("t");
  const PartitionAnswer answer = produce(request("other", broker.batch(1)));
  EXPECT_EQ(answer.error_code, Errc::unknown_topic_or_partition);
  EXPECT_EQ(answer.base_offset, k_no_offset);
  EXPECT_EQ(produce(request("t", broker.batch(1), -1, 5)).error_code,
            Errc::unknown_topic_or_partition);
}

TEST_F(ProduceTest, SizeThatNoBatchHasRefusesTheWholeRequest) {
  broker.add_topic("t");
  ProduceRequest ask = request("t", broker.batch(1));
  std::vector<std::byte> bytes(kept.back().view().begin(), kept.back().view().end());
  bytes[11] = std::byte{10};
  bytes[8] = bytes[9] = bytes[10] = std::byte{0};
  kept.push_back(SharedBytes::copy_of(bytes));
  auto& broken = ask.topic_data[0].partition_data.emplace_back();
  broken.index = PartitionIndex{7};
  broken.records = kept.back().view();
  EXPECT_EQ(produce(ask).error_code, Errc::corrupt_message);
  EXPECT_EQ(log_end("t"), 0);
}

TEST_F(ProduceTest, TopicWithoutPartitionsIsNotAnswered) {
  broker.add_topic("t");
  ProduceRequest ask = request("t", broker.batch(1));
  ask.topic_data[0].partition_data.clear();
  EXPECT_TRUE(broker.ok<ProduceResponse>(ask, k_v9).responses.empty());
}

TEST_F(ProduceTest, AcksZeroIsNotAnswered) {
  broker.add_topic("t");
  const auto body = encoded(request("t", broker.batch(2), 0), k_v9);
  const auto answer = broker.ask_bytes(protocol::ApiKey::produce, k_v9, body);
  ASSERT_TRUE(answer.has_value());
  EXPECT_FALSE(answer->has_value());
  EXPECT_EQ(log_end("t"), 2);
}

TEST_F(ProduceTest, AcksZeroThatFailsClosesTheConnection) {
  const auto body = encoded(request("nobody", broker.batch(2), 0), k_v9);
  EXPECT_FALSE(broker.ask_bytes(protocol::ApiKey::produce, k_v9, body).has_value());
}

TEST_F(ProduceTest, OtherAcksAreRefused) {
  broker.add_topic("t");
  EXPECT_EQ(produce(request("t", broker.batch(1), 2)).error_code, Errc::invalid_required_acks);
  EXPECT_EQ(log_end("t"), 0);
}

TEST_F(ProduceTest, BrokenChecksumIsRefused) {
  broker.add_topic("t");
  const SharedBytes batch = broker.batch(1);
  std::vector<std::byte> bytes(batch.view().begin(), batch.view().end());
  bytes.back() ^= std::byte{1};
  const PartitionAnswer answer = produce(request("t", SharedBytes::take(bytes)));
  EXPECT_EQ(answer.error_code, Errc::corrupt_message);
  EXPECT_EQ(log_end("t"), 0);
}

TEST_F(ProduceTest, BatchAboveMaxMessageBytesIsRefused) {
  config::TopicConfig config;
  config.message_bytes_max = 100;
  broker.add_topic("t", 1, config);
  EXPECT_EQ(produce(request("t", broker.batch(50))).error_code, Errc::message_too_large);
}

TEST_F(ProduceTest, RecordWithoutKeyOnACompactedTopicIsNamed) {
  config::TopicConfig config;
  config.cleanup_compact = true;
  broker.add_topic("t", 1, config);
  const PartitionAnswer answer = produce(request("t", broker.batch(1)));
  EXPECT_EQ(answer.error_code, Errc::invalid_record);
  ASSERT_EQ(answer.record_errors.size(), 1U);
  EXPECT_EQ(answer.record_errors[0].batch_index, 0);
  EXPECT_TRUE(answer.error_message.has_value());
}

TEST_F(ProduceTest, SequencesOfAnIdempotentProducerMustFollow) {
  broker.add_topic("t");
  const auto from = [&](std::int32_t sequence) {
    return broker.batch(2, {.producer_id = ProducerId{5},
                            .producer_epoch = ProducerEpoch{0},
                            .base_sequence = Sequence{sequence}});
  };
  EXPECT_EQ(produce(request("t", from(0))).base_offset, Offset{0});
  EXPECT_EQ(produce(request("t", from(2))).base_offset, Offset{2});
  EXPECT_EQ(produce(request("t", from(2))).base_offset, Offset{2}) << "a duplicate, not written";
  EXPECT_EQ(log_end("t"), 4);
  EXPECT_EQ(produce(request("t", from(7))).error_code, Errc::out_of_order_sequence_number);
}

TEST_F(ProduceTest, TransactionalBatchNeedsATransactionalIdThatMayBeUsed) {
  broker.add_topic("t");
  ProduceRequest ask = request("t", transactional(5, 0));
  EXPECT_EQ(produce(ask).error_code, Errc::transactional_id_authorization_failed);
  ask.transactional_id = "tx";
  broker.authorizer.forbids = [](security::Operation, security::ResourceType type,
                                 std::string_view) {
    return type == security::ResourceType::transactional_id;
  };
  EXPECT_EQ(produce(ask).error_code, Errc::transactional_id_authorization_failed);
  EXPECT_EQ(log_end("t"), 0);
}

TEST_F(ProduceTest, TransactionHoldsTheLastStableOffset) {
  broker.trust_transactions();
  broker.add_topic("t");
  ProduceRequest ask = request("t", transactional(5, 0));
  ask.transactional_id = "tx";
  EXPECT_EQ(produce(ask).error_code, Errc::none);
  EXPECT_EQ(produce(request("t", broker.batch(1))).base_offset, Offset{1});
  EXPECT_EQ(broker.partition("t")->leader()->last_stable_offset(), Offset{0});
  EXPECT_EQ(broker.partition("t")->high_watermark(), Offset{2});
}

TEST_F(ProduceTest, TransactionIsOfOneProducer) {
  broker.add_topic("t", 2);
  ProduceRequest ask = request("t", transactional(5, 0));
  ask.transactional_id = "tx";
  kept.push_back(transactional(6, 0));
  auto& second = ask.topic_data[0].partition_data.emplace_back();
  second.index = PartitionIndex{1};
  second.records = kept.back().view();
  const PartitionAnswer answer = produce(ask);
  EXPECT_EQ(answer.error_code, Errc::invalid_producer_id_mapping);
  EXPECT_TRUE(answer.error_message.has_value());
  EXPECT_EQ(log_end("t"), 0);
}

TEST_F(ProduceTest, BatchOutsideTheOpenTransactionOfItsProducerIsRefused) {
  broker.trust_transactions();
  broker.add_topic("t");
  ProduceRequest ask = request("t", transactional(5, 0));
  ask.transactional_id = "tx";
  ASSERT_EQ(produce(ask).error_code, Errc::none);
  const PartitionAnswer answer =
      produce(request("t", broker.batch(1, {.producer_id = ProducerId{5},
                                            .producer_epoch = ProducerEpoch{0},
                                            .base_sequence = Sequence{1}})));
  EXPECT_EQ(answer.error_code, Errc::invalid_txn_state);
  EXPECT_EQ(answer.log_start_offset, Offset{0});
}

TEST_F(ProduceTest, InternalTopicsAreForTheAdminClientAlone) {
  broker.add_topic("__consumer_offsets");
  EXPECT_EQ(produce(request("__consumer_offsets", broker.batch(1))).error_code,
            Errc::invalid_topic_exception);
  broker.client_id = "__admin_client";
  EXPECT_EQ(produce(request("__consumer_offsets", broker.batch(1))).error_code, Errc::none);
}

TEST_F(ProduceTest, WithoutWriteAccessTheTopicIsRefused) {
  broker.add_topic("t");
  broker.authorizer.forbids = [](security::Operation operation, security::ResourceType,
                                 std::string_view) {
    return operation == security::Operation::write;
  };
  EXPECT_EQ(produce(request("t", broker.batch(1))).error_code, Errc::topic_authorization_failed);
}

TEST_F(ProduceTest, WrongBrokerNamesTheRightOne) {  // KIP-951
  broker.register_broker(BrokerId{2}, false);
  broker.add_topic("t", 1, {}, BrokerId{2});
  const ProduceResponse response =
      broker.ok<ProduceResponse>(request("t", broker.batch(1)), ApiVersion{11});
  const PartitionAnswer& answer = response.responses.at(0).partition_responses.at(0);
  EXPECT_EQ(answer.error_code, Errc::not_leader_or_follower);
  EXPECT_EQ(answer.current_leader.leader_id, BrokerId{2});
  ASSERT_EQ(response.node_endpoints.size(), 1U);
  EXPECT_EQ(response.node_endpoints[0].host, "broker2");
}

TEST_F(ProduceTest, FlushMessagesOneWaitsForTheSync) {
  config::TopicConfig config;
  config.flush_messages = 1;
  broker.add_topic("t", 1, config);
  EXPECT_EQ(produce(request("t", broker.batch(3), 1)).error_code, Errc::none);
  EXPECT_EQ(broker.partition("t")->log().recovery_point(), Offset{3});
  EXPECT_EQ(broker.partition("t")->high_watermark(), Offset{3});
}

TEST_F(ProduceTest, LogAppendTimeIsAnswered) {
  config::TopicConfig config;
  config.timestamp_type = config::TimestampType::log_append_time;
  broker.add_topic("t", 1, config);
  EXPECT_GT(produce(request("t", broker.batch(1))).log_append_time_ms, timestamp_of(0));
}

TEST_F(ProduceTest, TopicsCodecRewritesTheBatch) {
  config::TopicConfig config;
  config.compression = config::TopicCompression::lz4;
  broker.add_topic("t", 1, config);
  EXPECT_EQ(produce(request("t", broker.batch(20))).error_code, Errc::none);
  const Result<SharedBytes> bytes = broker.run(broker.partition("t")->log().read_batches(
      {.from = Offset{0}, .bytes_max = 1 << 20, .limit = Offset{20}, .at_least_one_batch = true}));
  ASSERT_TRUE(bytes.has_value());
  const auto first = record::BatchesView(bytes->view()).next();
  EXPECT_EQ((*first)->codec(), compress::Codec::lz4);
}

TEST(ProduceAcrossShards, EachPartitionIsAppendedByItsOwner) {
  BrokerWorld broker(3);
  broker.add_topic("t", 6);
  ProduceRequest request;
  request.acks = -1;
  request.timeout_ms = Milliseconds{1000};
  auto& data = request.topic_data.emplace_back();
  data.name = "t";
  const SharedBytes batch = broker.batch(2);
  for (int i = 0; i < 6; ++i) {
    auto& one = data.partition_data.emplace_back();
    one.index = PartitionIndex{i};
    one.records = batch.view();
  }
  const auto response = broker.ok<ProduceResponse>(request, k_v9);
  ASSERT_EQ(response.responses.at(0).partition_responses.size(), 6U);
  for (int i = 0; i < 6; ++i) {
    const PartitionAnswer& answer =
        response.responses[0].partition_responses[static_cast<std::size_t>(i)];
    EXPECT_EQ(answer.index, PartitionIndex{i});
    EXPECT_EQ(answer.error_code, Errc::none);
    EXPECT_EQ(broker.partition("t", i)->log().log_end_offset(), Offset{2});
  }
}

}  // namespace
}  // namespace moldau::broker
