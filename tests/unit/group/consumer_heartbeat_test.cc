#include <gtest/gtest.h>

#include "group/consumer.h"
#include "unit/group/host.h"

namespace moldau::group {
namespace {

using test::Host;
using test::partitions_of;
using test::parts;

constexpr Uuid k_t{7, 1};
constexpr Uuid k_u{7, 2};
// Assignments are made at once, as Kafka makes them with an interval of 0.
const Settings k_at_once{.consumer_assignment_interval = Milliseconds{0}};

class ConsumerHeartbeatTest : public testing::Test {
 protected:
  ConsumerHeartbeatTest() { host.image(topics.build()); }
  std::size_t held(const test::Beat& beat) { return partitions_of(host.beat(beat))[k_t].size(); }

  test::TopicsBuilder topics = test::TopicsBuilder().topic("t", k_t, 4).topic("u", k_u, 2);
  Host host{k_at_once};
};

TEST_F(ConsumerHeartbeatTest, TheFirstMemberGetsAllPartitionsAtOnce) {
  const auto response = host.beat({.member = "a"});
  EXPECT_EQ(response.error_code, Errc::none);
  EXPECT_EQ(response.member_id, "a");
  EXPECT_EQ(response.member_epoch, 2);
  EXPECT_EQ(response.heartbeat_interval_ms, Milliseconds{5000});
  EXPECT_EQ(partitions_of(response), parts(k_t, {0, 1, 2, 3}));
  EXPECT_EQ(host.describe_consumers().group_state, "Stable");
}

TEST_F(ConsumerHeartbeatTest, WritesTheRecordsThatKafkaWritesInItsOrder) {
  host.beat({.member = "a"});
  const auto records = host.take_records();
  ASSERT_EQ(records.size(), 5U);
  EXPECT_EQ(std::get<ConsumerMemberEntry>(records[0]).value.value().subscribed_topic_names,
            std::vector<std::string>{"t"});
  EXPECT_EQ(std::get<ConsumerMetadataEntry>(records[1]).value.value().epoch, 2);
  EXPECT_EQ(std::get<ConsumerTargetMemberEntry>(records[2]).key.member_id, "a");
  EXPECT_EQ(std::get<ConsumerTargetMetadataEntry>(records[3]).value.value().assignment_epoch, 2);
  EXPECT_EQ(std::get<ConsumerCurrentAssignmentEntry>(records[4]).value.value().member_epoch, 2);
}

TEST_F(ConsumerHeartbeatTest, NothingNewIsNoRecordAndNoAssignment) {
  host.beat({.member = "a"});
  (void)host.take_records();
  const auto response = host.beat({.member = "a", .epoch = 2});
  EXPECT_EQ(response.member_epoch, 2);
  EXPECT_FALSE(response.assignment.has_value());
  EXPECT_TRUE(host.take_records().empty());
}

TEST_F(ConsumerHeartbeatTest, APartitionGoesToTheNextOnlyWhenTheFirstHasGivenItUp) {
  host.beat({.member = "a"});
  EXPECT_EQ(held({.member = "b"}), 0U);
  const auto told = host.beat({.member = "a", .epoch = 2, .owns = parts(k_t, {0, 1, 2, 3})});
  EXPECT_EQ(told.member_epoch, 2);
  const auto keeps = partitions_of(told);
  EXPECT_EQ(keeps.at(k_t).size(), 2U);
  EXPECT_EQ(host.describe_consumers().group_state, "Reconciling");
  EXPECT_FALSE(host.beat({.member = "b", .epoch = 3}).assignment.has_value());
  EXPECT_EQ(host.beat({.member = "a", .epoch = 2, .owns = keeps}).member_epoch, 3);
  const auto gets = partitions_of(host.beat({.member = "b", .epoch = 3}));
  EXPECT_EQ(gets.at(k_t).size(), 2U);
  EXPECT_NE(gets, keeps);
  EXPECT_EQ(host.describe_consumers().group_state, "Stable");
}

TEST_F(ConsumerHeartbeatTest, AMemberThatDoesNotGiveUpIsRemovedAfterItsRebalanceTimeout) {
  host.beat({.member = "a"});
  host.beat({.member = "b"});
  host.beat({.member = "a", .epoch = 2});
  for (int i = 0; i < 6; ++i) {
    host.pass(Milliseconds{10'000});
    host.beat({.member = "b", .epoch = 3});
    if (i < 5) EXPECT_EQ(host.beat({.member = "a", .epoch = 2}).error_code, Errc::none);
  }
  EXPECT_EQ(host.beat({.member = "a", .epoch = 2}).error_code, Errc::unknown_member_id);
  const auto left = host.describe_consumers().members;
  ASSERT_EQ(left.size(), 1U);
  EXPECT_EQ(left[0].assignment.topic_partitions.at(0).partitions.size(), 4U);
}

TEST_F(ConsumerHeartbeatTest, ASilentMemberIsRemovedWithItsSession) {
  host.beat({.member = "a"});
  host.pass(Milliseconds{44'999});
  EXPECT_EQ(host.beat({.member = "a", .epoch = 2}).error_code, Errc::none);
  host.pass(Milliseconds{45'000});
  const auto response = host.beat({.member = "a", .epoch = 2});
  EXPECT_EQ(response.error_code, Errc::unknown_member_id);
  EXPECT_EQ(response.error_message, "Member a is not a member of group g.");
  EXPECT_EQ(host.describe_consumers().group_state, "Empty");
  EXPECT_EQ(host.describe_consumers().assignment_epoch, 3);
}

TEST_F(ConsumerHeartbeatTest, EpochsThatCannotBeAreFenced) {
  host.beat({.member = "a"});
  const auto ahead = host.beat({.member = "a", .epoch = 3});
  EXPECT_EQ(ahead.error_code, Errc::fenced_member_epoch);
  EXPECT_EQ(ahead.error_message,
            "The consumer group member has a greater member epoch (3) than the one known by the "
            "group coordinator (2). The member must abandon all its partitions and rejoin.");
  EXPECT_EQ(host.beat({.member = "a", .epoch = 1}).error_code, Errc::fenced_member_epoch);
  EXPECT_EQ(host.beat({.member = "a", .epoch = 0}).error_code, Errc::none);
}

TEST_F(ConsumerHeartbeatTest, WhoMissedAnAnswerMayComeWithTheEpochBefore) {
  host.beat({.member = "a", .topics = {{"t"}}});
  EXPECT_EQ(host.beat({.member = "a", .epoch = 2, .topics = {{"t", "u"}}}).member_epoch, 3);
  EXPECT_EQ(host.beat({.member = "a", .epoch = 2, .owns = parts(k_t, {0, 1})}).error_code,
            Errc::none);
  EXPECT_EQ(host.beat({.member = "a", .epoch = 2, .owns = parts({9, 9}, {0})}).error_code,
            Errc::fenced_member_epoch);
}

TEST_F(ConsumerHeartbeatTest, RequestsThatCannotBeAreRefusedInKafkasOrder) {
  const auto refused = [&](const test::Beat& beat, ApiVersion version = ApiVersion{1}) {
    const auto response = host.beat(beat, version);
    return std::pair(response.error_code, response.error_message.value_or(""));
  };
  EXPECT_EQ(refused({.member = ""}),
            std::pair(Errc::invalid_request, std::string("MemberId can't be empty.")));
  EXPECT_EQ(refused({.member = "a", .instance = ""}).second, "InstanceId can't be empty.");
  EXPECT_EQ(refused({.member = "a", .rack = ""}).second, "RackId can't be empty.");
  EXPECT_EQ(refused({.member = "a", .owns = parts(k_t, {0})}).second,
            "TopicPartitions must be empty when (re-)joining.");
  EXPECT_EQ(refused({.member = "a", .epoch = -2}).second, "InstanceId can't be null.");
  EXPECT_EQ(refused({.member = "a", .epoch = -3}).second, "MemberEpoch is invalid.");
  EXPECT_EQ(refused({.member = "a", .assignor = "mine"}),
            std::pair(Errc::unsupported_assignor,
                      std::string("ServerAssignor mine is not supported. Supported assignors: "
                                  "uniform, range.")));
  EXPECT_EQ(refused({.member = "a", .epoch = 5}).first, Errc::group_id_not_found);
  EXPECT_EQ(refused({.member = "a", .epoch = -1}).second, "Group g not found.");
  EXPECT_EQ(refused({.member = ""}, ApiVersion{0}).first, Errc::none);
}

TEST_F(ConsumerHeartbeatTest, AGroupThatIsFullTakesNobodyElse) {
  host.machine().configure({.consumer_max_size = 1});
  host.beat({.member = "a"});
  const auto refused = host.beat({.member = "b"});
  EXPECT_EQ(refused.error_code, Errc::group_max_size_reached);
  EXPECT_EQ(refused.error_message,
            "The consumer group has reached its maximum capacity of 1 members.");
  EXPECT_EQ(host.beat({.member = "a"}).error_code, Errc::none);
}

TEST_F(ConsumerHeartbeatTest, LeavingFreesThePartitionsForTheOthers) {
  host.beat({.member = "a"});
  host.beat({.member = "b"});
  const auto left = host.beat({.member = "a", .epoch = -1});
  EXPECT_EQ(left.error_code, Errc::none);
  EXPECT_EQ(left.member_epoch, -1);
  EXPECT_EQ(held({.member = "b", .epoch = 3}), 4U);
}

TEST_F(ConsumerHeartbeatTest, AStaticMemberThatLeavesForAWhileGetsItsPartitionsBack) {
  host.beat({.member = "a", .instance = "one"});
  EXPECT_EQ(host.beat({.member = "a2", .instance = "one"}).error_code,
            Errc::unreleased_instance_id);
  EXPECT_EQ(host.beat({.member = "a", .epoch = -2, .instance = "one"}).member_epoch, -2);
  EXPECT_EQ(held({.member = "b"}), 0U);
  const auto back = host.beat({.member = "a2", .instance = "one"});
  EXPECT_EQ(back.error_code, Errc::none);
  EXPECT_FALSE(partitions_of(back).empty());
  EXPECT_EQ(host.beat({.member = "a", .epoch = 2, .instance = "one"}).error_code,
            Errc::fenced_instance_id);
  EXPECT_EQ(host.describe_consumers().members.size(), 2U);
}

TEST_F(ConsumerHeartbeatTest, TheAssignorThatMostMembersWantIsUsed) {
  host.beat({.member = "a", .assignor = "range"});
  EXPECT_EQ(host.describe_consumers().assignor_name, "range");
  host.beat({.member = "b", .topics = {{"u"}}, .assignor = "uniform"});
  host.beat({.member = "c", .topics = {{"u"}}, .assignor = "uniform"});
  EXPECT_EQ(host.describe_consumers().assignor_name, "uniform");
}

TEST_F(ConsumerHeartbeatTest, ATopicThatChangesMovesTheGroupToANewEpoch) {
  host.beat({.member = "a"});
  host.image(topics.without("t").topic("t", k_t, 6).build());
  const auto response = host.beat({.member = "a", .epoch = 2});
  EXPECT_EQ(response.member_epoch, 3);
  EXPECT_EQ(partitions_of(response)[k_t].size(), 6U);
  host.image(topics.topic("other", {7, 3}, 1).build());
  EXPECT_EQ(host.beat({.member = "a", .epoch = 3}).member_epoch, 3);
}

TEST_F(ConsumerHeartbeatTest, AGroupsConfigurationCountsBeforeTheBrokers) {
  host.image(topics
                 .group_config("g", {{"consumer.heartbeat.interval.ms", "7000"},
                                     {"consumer.session.timeout.ms", "50000"}})
                 .build());
  EXPECT_EQ(host.beat({.member = "a"}).heartbeat_interval_ms, Milliseconds{7000});
  host.pass(Milliseconds{49'999});
  EXPECT_EQ(host.beat({.member = "a", .epoch = 2}).error_code, Errc::none);
}

TEST_F(ConsumerHeartbeatTest, AssignmentsAreMadeNoOftenerThanTheInterval) {
  host.machine().configure({});  // a second
  host.beat({.member = "a"});
  host.beat({.member = "b"});
  EXPECT_EQ(host.describe_consumers().assignment_epoch, 2);
  EXPECT_EQ(host.describe_consumers().group_state, "Assigning");
  host.pass(Milliseconds{1000});
  host.beat({.member = "b", .epoch = 2});
  EXPECT_EQ(host.describe_consumers().assignment_epoch, 3);
}

TEST_F(ConsumerHeartbeatTest, WhatItDecidedIsThereAfterLoading) {
  host.beat({.member = "a"});
  host.beat({.member = "b"});
  host.beat({.member = "a", .epoch = 2});
  const auto before = host.describe_consumers();
  host.reload();
  EXPECT_EQ(host.describe_consumers(), before);
  host.pass(Milliseconds{45'000});
  EXPECT_EQ(host.describe_consumers().group_state, "Empty");
}

TEST_F(ConsumerHeartbeatTest, AnEmptyClassicGroupGivesWay) {
  host.commit({});
  EXPECT_EQ(host.list().at(0).group_type, "classic");
  host.beat({.member = "a"});
  const auto listed = host.list().at(0);
  EXPECT_EQ(listed.group_type, "consumer");
  EXPECT_EQ(listed.protocol_type, "consumer");
  EXPECT_EQ(host.committed(), 7);
  host.reload();
  EXPECT_EQ(host.list().at(0).group_type, "consumer");
}

}  // namespace
}  // namespace moldau::group
