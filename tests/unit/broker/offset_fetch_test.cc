#include "protocol/api/offset_fetch.h"

#include <gtest/gtest.h>

#include "protocol/api/offset_commit.h"
#include "unit/broker/broker_world.h"

namespace moldau::broker {
namespace {

using protocol::OffsetFetchRequest;
using protocol::OffsetFetchResponse;

class OffsetFetchTest : public testing::Test {
 protected:
  void commit(const std::string& group, const std::string& topic, std::int64_t offset) {
    protocol::OffsetCommitRequest request;
    request.group_id = group;
    auto& one = request.topics.emplace_back();
    one.name = topic;
    auto& partition = one.partitions.emplace_back();
    partition.committed_offset = Offset{offset};
    partition.committed_metadata = "note";
    const auto done = broker.ok<protocol::OffsetCommitResponse>(request, ApiVersion{8});
    ASSERT_EQ(done.topics.at(0).partitions.at(0).error_code, Errc::none);
  }
  static OffsetFetchRequest one_group(const std::string& group, const std::string& topic) {
    OffsetFetchRequest request;
    request.group_id = group;
    auto& asked = request.topics->emplace_back();
    asked.name = topic;
    asked.partition_indexes = {PartitionIndex{0}, PartitionIndex{1}};
    return request;
  }
  OffsetFetchResponse ask(const OffsetFetchRequest& request, std::int16_t version) {
    return broker.ok<OffsetFetchResponse>(request, ApiVersion{version});
  }
  void forbid(security::ResourceType what) {
    broker.authorizer.forbids = [what](security::Operation, security::ResourceType type,
                                       std::string_view) { return type == what; };
  }
  BrokerWorld broker;
};

TEST_F(OffsetFetchTest, OldVersionsAskForOneGroup) {
  broker.lead_groups();
  broker.add_topic("t", 2);
  commit("g", "t", 42);
  const auto response = ask(one_group("g", "t"), 7);
  EXPECT_EQ(response.error_code, Errc::none);
  const auto& partitions = response.topics.at(0).partitions;
  ASSERT_EQ(partitions.size(), 2U);
  EXPECT_EQ(partitions[0].committed_offset, Offset{42});
  EXPECT_EQ(partitions[0].metadata, "note");
  EXPECT_EQ(partitions[1].committed_offset, k_no_offset);
  EXPECT_EQ(partitions[1].error_code, Errc::none);
}

TEST_F(OffsetFetchTest, SeveralGroupsAndAllTheirTopicsFromVersion8) {
  broker.lead_groups();
  const Uuid id = broker.add_topic("t");
  commit("g1", "t", 1);
  commit("g2", "t", 2);
  OffsetFetchRequest request;
  for (const char* group : {"g1", "g2", "g3"}) {
    auto& asked = request.groups.emplace_back();
    asked.group_id = group;
    asked.topics.reset();
  }
  const auto response = ask(request, 10);
  ASSERT_EQ(response.groups.size(), 3U);
  EXPECT_EQ(response.groups[1].topics.at(0).topic_id, id);
  EXPECT_EQ(response.groups[1].topics.at(0).partitions.at(0).committed_offset, Offset{2});
  EXPECT_TRUE(response.groups[2].topics.empty());
}

TEST_F(OffsetFetchTest, UnknownTopicIdIsToldBesideTheOthers) {
  broker.lead_groups();
  OffsetFetchRequest request;
  auto& group = request.groups.emplace_back();
  group.group_id = "g";
  auto& topic = group.topics->emplace_back();
  topic.topic_id = Uuid{9, 9};
  topic.partition_indexes = {PartitionIndex{0}};
  const auto response = ask(request, 10);
  const auto& told = response.groups.at(0).topics.at(0);
  EXPECT_EQ(told.topic_id, (Uuid{9, 9}));
  EXPECT_EQ(told.partitions.at(0).error_code, Errc::unknown_topic_id);
  EXPECT_EQ(told.partitions.at(0).committed_offset, k_no_offset);
}

TEST_F(OffsetFetchTest, ErrorOfTheGroupStandsWhereTheVersionHasAPlaceForIt) {
  EXPECT_EQ(ask(one_group("g", "t"), 1).topics.at(0).partitions.at(1).error_code,
            Errc::coordinator_not_available);
  const auto newer = ask(one_group("g", "t"), 2);
  EXPECT_EQ(newer.error_code, Errc::coordinator_not_available);
  EXPECT_TRUE(newer.topics.empty());
  OffsetFetchRequest request;
  request.groups.emplace_back().group_id = "g";
  EXPECT_EQ(ask(request, 8).groups.at(0).error_code, Errc::coordinator_not_available);
}

TEST_F(OffsetFetchTest, WhatMayNotBeDescribedIsToldOrLeftOut) {
  broker.lead_groups();
  broker.add_topic("t");
  commit("g", "t", 1);
  forbid(security::ResourceType::topic);
  EXPECT_EQ(ask(one_group("g", "t"), 7).topics.at(0).partitions.at(0).error_code,
            Errc::topic_authorization_failed);
  OffsetFetchRequest all;
  auto& group = all.groups.emplace_back();
  group.group_id = "g";
  group.topics.reset();
  EXPECT_TRUE(ask(all, 8).groups.at(0).topics.empty());
  forbid(security::ResourceType::group);
  EXPECT_EQ(ask(all, 8).groups.at(0).error_code, Errc::group_authorization_failed);
}

}  // namespace
}  // namespace moldau::broker
