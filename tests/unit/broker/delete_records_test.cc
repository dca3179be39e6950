#include "protocol/api/delete_records.h"

#include <gtest/gtest.h>

#include "unit/broker/broker_world.h"

namespace moldau::broker {
namespace {

using protocol::DeleteRecordsRequest;
using protocol::DeleteRecordsResponse;

class DeleteRecordsTest : public testing::Test {
 protected:
  static DeleteRecordsRequest request_of(const std::string& topic, std::int64_t offset,
                                         std::int32_t partition = 0) {
    DeleteRecordsRequest request;
    auto& one = request.topics.emplace_back();
    one.name = topic;
    one.partitions.push_back(
        {.partition_index = PartitionIndex{partition}, .offset = Offset{offset}});
    return request;
  }
  DeleteRecordsResponse::DeleteRecordsPartitionResult ask(const DeleteRecordsRequest& request) {
    return broker.ok<DeleteRecordsResponse>(request, ApiVersion{2}).topics.at(0).partitions.at(0);
  }
  DeleteRecordsResponse::DeleteRecordsPartitionResult remove(const std::string& topic,
                                                             std::int64_t offset,
                                                             std::int32_t partition = 0) {
    return ask(request_of(topic, offset, partition));
  }
  BrokerWorld broker{2};
};

TEST_F(DeleteRecordsTest, RecordsBelowTheOffsetAreGone) {
  broker.add_topic("t");
  broker.append("t", 5);
  const auto done = remove("t", 3);
  EXPECT_EQ(done.error_code, Errc::none);
  EXPECT_EQ(done.low_watermark, Offset{3});
  EXPECT_EQ(broker.partition("t")->log().log_start_offset(), Offset{3});
}

TEST_F(DeleteRecordsTest, MinusOneIsTheHighWatermark) {
  broker.add_topic("t");
  broker.append("t", 5);
  EXPECT_EQ(remove("t", -1).low_watermark, Offset{5});
  broker.append("t", 2);
  EXPECT_EQ(broker.partition("t")->high_watermark(), Offset{7});
}

TEST_F(DeleteRecordsTest, LogNeverBeginsEarlierAgain) {
  broker.add_topic("t");
  broker.append("t", 5);
  EXPECT_EQ(remove("t", 4).low_watermark, Offset{4});
  EXPECT_EQ(remove("t", 2).low_watermark, Offset{4});
  EXPECT_EQ(remove("t", 2).error_code, Errc::none);
}

TEST_F(DeleteRecordsTest, OffsetOutsideTheLogIsRefused) {
  broker.add_topic("t");
  broker.append("t", 5);
  EXPECT_EQ(remove("t", 6).error_code, Errc::offset_out_of_range);
  EXPECT_EQ(remove("t", 6).low_watermark, Offset{-1});
  EXPECT_EQ(remove("t", -2).error_code, Errc::offset_out_of_range);
  EXPECT_EQ(remove("t", INT64_MAX).error_code, Errc::offset_out_of_range);
  EXPECT_EQ(broker.partition("t")->log().log_start_offset(), Offset{0});
}

TEST_F(DeleteRecordsTest, OnlyCompactedTopicKeepsItsRecords) {
  config::TopicConfig compacted;
  compacted.cleanup_compact = true;
  compacted.cleanup_delete = false;
  broker.add_topic("keys", 1, compacted);
  EXPECT_EQ(remove("keys", 0).error_code, Errc::policy_violation);
  compacted.cleanup_delete = true;
  broker.add_topic("both", 1, compacted);
  EXPECT_EQ(remove("both", 0).error_code, Errc::none);
}

TEST_F(DeleteRecordsTest, WhatIsNotThereOrNotOneselfsIsRefused) {
  broker.register_broker(BrokerId{2}, false);
  broker.add_topic("elsewhere", 1, {}, BrokerId{2});
  broker.add_topic(std::string{k_offsets_topic});
  broker.add_topic("t");
  EXPECT_EQ(remove("nobody", 0).error_code, Errc::unknown_topic_or_partition);
  EXPECT_EQ(remove("t", 0, 9).error_code, Errc::unknown_topic_or_partition);
  EXPECT_EQ(remove("elsewhere", 0).error_code, Errc::not_leader_or_follower);
  EXPECT_EQ(remove(std::string{k_offsets_topic}, 0).error_code, Errc::invalid_topic_exception);
}

TEST_F(DeleteRecordsTest, OffsetsTopicOfGroupsIsNotTouched) {
  broker.lead_groups();
  EXPECT_EQ(remove(std::string{k_offsets_topic}, -1).error_code, Errc::invalid_topic_exception);
}

TEST_F(DeleteRecordsTest, WhoMayNotDeleteIsRefusedTopicByTopic) {
  broker.add_topic("mine");
  broker.add_topic("theirs");
  broker.authorizer.forbids = [](security::Operation operation, security::ResourceType type,
                                 std::string_view name) {
    return operation == security::Operation::remove && type == security::ResourceType::topic &&
           name != "mine";
  };
  DeleteRecordsRequest request = request_of("mine", 0);
  request.topics.push_back(request_of("theirs", 0).topics[0]);
  request.topics.push_back(request_of("nobody", 0).topics[0]);
  const auto answer = broker.ok<DeleteRecordsResponse>(request, ApiVersion{2});
  EXPECT_EQ(answer.topics.at(0).partitions.at(0).error_code, Errc::none);
  EXPECT_EQ(answer.topics.at(1).partitions.at(0).error_code, Errc::topic_authorization_failed);
  EXPECT_EQ(answer.topics.at(2).partitions.at(0).error_code, Errc::topic_authorization_failed);
}

TEST_F(DeleteRecordsTest, PartitionThatIsNamedTwiceCountsAsNamedLast) {
  broker.add_topic("t");
  broker.append("t", 5);
  DeleteRecordsRequest request = request_of("t", 4);
  request.topics.push_back(request_of("t", 1).topics[0]);
  const auto answer = broker.ok<DeleteRecordsResponse>(request, ApiVersion{1});
  ASSERT_EQ(answer.topics.size(), 1U);
  ASSERT_EQ(answer.topics[0].partitions.size(), 1U);
  EXPECT_EQ(answer.topics[0].partitions[0].low_watermark, Offset{1});
}

env::Task<Result<void>> counted(int& count, Result<void> result) {
  ++count;
  co_return result;
}

TEST_F(DeleteRecordsTest, AnswerComesWhenTheCheckpointIsWritten) {
  broker.add_topic("t");
  broker.append("t", 5);
  int written = 0;
  Result<void> outcome{};
  broker.facts.write_checkpoints = [&] { return counted(written, outcome); };
  EXPECT_EQ(remove("t", 9).error_code, Errc::offset_out_of_range);
  EXPECT_EQ(written, 0);
  EXPECT_EQ(remove("t", 3).error_code, Errc::none);
  EXPECT_EQ(written, 1);
  outcome = fail(Errc::kafka_storage_error);
  EXPECT_EQ(remove("t", 4).error_code, Errc::kafka_storage_error);
  broker.facts.write_checkpoints = {};
}

}  // namespace
}  // namespace moldau::broker
