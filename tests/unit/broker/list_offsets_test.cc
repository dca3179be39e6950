#include "protocol/api/list_offsets.h"

#include <gtest/gtest.h>

#include "unit/broker/broker_world.h"

namespace moldau::broker {
namespace {

using protocol::ListOffsetsRequest;
using protocol::ListOffsetsResponse;
using Found = ListOffsetsResponse::ListOffsetsPartitionResponse;

constexpr ApiVersion k_v11{11};

class ListOffsetsTest : public testing::Test {
 protected:
  ListOffsetsTest() {
    broker.add_topic("t");
    broker.append("t", 3);  // timestamps 1000 to 1002
    broker.append("t", 2);  // timestamps 1000 to 1001
  }
  static ListOffsetsRequest request(const std::string& topic, std::int64_t timestamp) {
    ListOffsetsRequest request;
    request.replica_id = BrokerId{-1};
    auto& one = request.topics.emplace_back();
    one.name = topic;
    one.partitions.emplace_back().timestamp = timestamp_of(timestamp);
    return request;
  }
  Found ask(const ListOffsetsRequest& request, ApiVersion version = k_v11) {
    return broker.ok<ListOffsetsResponse>(request, version).topics.at(0).partitions.at(0);
  }
  Found at(std::int64_t timestamp, ApiVersion version = k_v11) {
    return ask(request("t", timestamp), version);
  }

  BrokerWorld broker;
};

TEST_F(ListOffsetsTest, LatestIsTheHighWatermark) {
  EXPECT_EQ(at(-1).offset, Offset{5});
  EXPECT_EQ(at(-1).timestamp, k_no_timestamp);
  EXPECT_EQ(at(-1).leader_epoch, LeaderEpoch{3});
}
TEST_F(ListOffsetsTest, LatestOfReadCommittedIsTheLastStableOffset) {
  const auto done =
      broker.run(broker.partition("t")->append(broker.batch(2, {.producer_id = ProducerId{7},
                                                                .producer_epoch = ProducerEpoch{0},
                                                                .base_sequence = Sequence{0},
                                                                .is_transactional = true}),
                                               replica::Acks::all));
  ASSERT_EQ(done.error, Errc::none);
  broker.append("t", 1);
  ListOffsetsRequest ask_committed = request("t", -1);
  ask_committed.isolation_level = 1;
  EXPECT_EQ(ask(ask_committed).offset, Offset{5});
  EXPECT_EQ(at(-1).offset, Offset{8});
}
TEST_F(ListOffsetsTest, EarliestIsTheLogStart) {
  EXPECT_EQ(at(-2).offset, Offset{0});
  EXPECT_EQ(at(-4).offset, Offset{0}) << "earliest local";
}
TEST_F(ListOffsetsTest, GreatestTimestampIsFound) {
  EXPECT_EQ(at(-3).offset, Offset{2});
  EXPECT_EQ(at(-3).timestamp, timestamp_of(1002));
}
TEST_F(ListOffsetsTest, NothingIsTiered) {
  EXPECT_EQ(at(-5).error_code, Errc::none);
  EXPECT_EQ(at(-5).offset, k_no_offset);
  EXPECT_EQ(at(-6).offset, k_no_offset);
}
TEST_F(ListOffsetsTest, FirstRecordNotBeforeATimeIsFound) {
  EXPECT_EQ(at(1001).offset, Offset{1});
  EXPECT_EQ(at(1001).timestamp, timestamp_of(1001));
  EXPECT_EQ(at(5000).offset, k_no_offset);
  EXPECT_EQ(at(5000).error_code, Errc::none);
}
TEST_F(ListOffsetsTest, SpecialTimestampNeedsItsVersion) {
  EXPECT_EQ(at(-3, ApiVersion{6}).error_code, Errc::unsupported_version);
  EXPECT_EQ(at(-4, ApiVersion{7}).error_code, Errc::unsupported_version);
  EXPECT_EQ(at(-5, ApiVersion{8}).error_code, Errc::unsupported_version);
  EXPECT_EQ(at(-6, ApiVersion{10}).error_code, Errc::unsupported_version);
  EXPECT_EQ(at(-7).error_code, Errc::unsupported_version);
}
TEST_F(ListOffsetsTest, UnknownTopicIsRefused) {
  EXPECT_EQ(ask(request("nobody", -1)).error_code, Errc::unknown_topic_or_partition);
}
TEST_F(ListOffsetsTest, TopicThatComesTwiceIsAnsweredAtOnePlace) {
  ListOffsetsRequest ask = request("t", -2);
  ask.topics.push_back({.name = "t"});
  ask.topics[1].partitions.emplace_back().partition_index = PartitionIndex{7};
  const auto response = broker.ok<ListOffsetsResponse>(ask, k_v11);
  ASSERT_EQ(response.topics.size(), 1U);
  ASSERT_EQ(response.topics[0].partitions.size(), 2U);
  EXPECT_EQ(response.topics[0].partitions[0].error_code, Errc::none);
  EXPECT_EQ(response.topics[0].partitions[1].error_code, Errc::unknown_topic_or_partition);
}
TEST_F(ListOffsetsTest, PartitionThatComesTwiceIsRefusedOnce) {
  ListOffsetsRequest twice = request("t", -1);
  twice.topics[0].partitions.push_back(twice.topics[0].partitions[0]);
  twice.topics.push_back(twice.topics[0]);
  const auto response = broker.ok<ListOffsetsResponse>(twice, k_v11);
  ASSERT_EQ(response.topics.size(), 1U);
  ASSERT_EQ(response.topics[0].partitions.size(), 1U);
  EXPECT_EQ(response.topics[0].partitions[0].error_code, Errc::invalid_request);
}
TEST_F(ListOffsetsTest, LeaderEpochIsChecked) {
  ListOffsetsRequest old = request("t", -1);
  old.topics[0].partitions[0].current_leader_epoch = LeaderEpoch{2};
  EXPECT_EQ(ask(old).error_code, Errc::fenced_leader_epoch);
}
TEST_F(ListOffsetsTest, PartitionLedElsewhereIsRefused) {
  broker.register_broker(BrokerId{2}, false);
  broker.add_topic("far", 1, {}, BrokerId{2});
  EXPECT_EQ(ask(request("far", -1)).error_code, Errc::not_leader_or_follower);
}

}  // namespace
}  // namespace moldau::broker
