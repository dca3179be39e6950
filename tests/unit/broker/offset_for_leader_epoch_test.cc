#include "protocol/api/offset_for_leader_epoch.h"

#include <gtest/gtest.h>

#include "unit/broker/broker_world.h"

namespace moldau::broker {
namespace {

using protocol::OffsetForLeaderEpochRequest;
using protocol::OffsetForLeaderEpochResponse;

class OffsetForLeaderEpochTest : public testing::Test {
 protected:
  OffsetForLeaderEpochResponse::EpochEndOffset ask(const std::string& topic, std::int32_t epoch,
                                                   std::int32_t current = -1) {
    OffsetForLeaderEpochRequest request;
    request.replica_id = BrokerId{-1};
    auto& one = request.topics.emplace_back();
    one.topic = topic;
    auto& partition = one.partitions.emplace_back();
    partition.leader_epoch = LeaderEpoch{epoch};
    partition.current_leader_epoch = LeaderEpoch{current};
    return broker.ok<OffsetForLeaderEpochResponse>(request, ApiVersion{4})
        .topics.at(0)
        .partitions.at(0);
  }
  BrokerWorld broker;
};

TEST_F(OffsetForLeaderEpochTest, CurrentEpochEndsAtTheLogEnd) {
  broker.add_topic("t");
  broker.append("t", 4);
  EXPECT_EQ(ask("t", 3).end_offset, Offset{4});
  EXPECT_EQ(ask("t", 3).leader_epoch, LeaderEpoch{3});
}
TEST_F(OffsetForLeaderEpochTest, LaterEpochIsNotKnown) {
  broker.add_topic("t");
  broker.append("t", 4);
  EXPECT_EQ(ask("t", 9).error_code, Errc::none);
  EXPECT_EQ(ask("t", 9).end_offset, k_no_offset);
}
TEST_F(OffsetForLeaderEpochTest, AskersViewIsChecked) {
  broker.add_topic("t");
  EXPECT_EQ(ask("t", 3, 2).error_code, Errc::fenced_leader_epoch);
  EXPECT_EQ(ask("t", 3, 4).error_code, Errc::unknown_leader_epoch);
}
TEST_F(OffsetForLeaderEpochTest, UnknownTopicIsRefused) {
  EXPECT_EQ(ask("nobody", 3).error_code, Errc::unknown_topic_or_partition);
}
TEST_F(OffsetForLeaderEpochTest, NeitherReplicaNorReaderIsRefused) {
  broker.add_topic("t");
  broker.authorizer.forbids = [](security::Operation operation, security::ResourceType,
                                 std::string_view) {
    return operation == security::Operation::describe ||
           operation == security::Operation::cluster_action;
  };
  EXPECT_EQ(ask("t", 3).error_code, Errc::topic_authorization_failed);
}

}  // namespace
}  // namespace moldau::broker
