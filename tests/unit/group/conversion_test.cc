#include "group/conversion.h"

#include <gtest/gtest.h>

#include "bytes/writer.h"
#include "group/embedded.h"
#include "protocol/data/consumer_protocol_assignment.h"
#include "unit/group/host.h"

namespace moldau::group {
namespace {

using protocol::ConsumerProtocolAssignment;
using protocol::JoinGroupResponse;
using protocol::SyncGroupResponse;
using test::Host;
using test::partitions_of;
using test::parts;

constexpr Uuid k_t{7, 1};

// The assignment of partitions of topic t as the leader of a classic group writes it.
std::string embedded(const std::vector<int>& partitions) {
  Writer out;
  out.i16(0);
  out.i32(1);
  out.i16(1);
  out.text("t");
  out.i32(static_cast<std::int32_t>(partitions.size()));
  for (const int partition : partitions) out.i32(partition);
  out.i32(-1);
  const auto bytes = out.take();
  return std::string(as_text(bytes));
}

class ConversionTest : public testing::Test {
 protected:
  ConversionTest() { start({}); }
  void start(Settings settings) {
    settings.consumer_assignment_interval = Milliseconds{0};
    host.emplace(settings);
    host->image(test::TopicsBuilder().topic("t", k_t, 2).build());
  }
  // A stable classic group of one member that has both partitions.
  std::string classic_member(std::optional<std::string> instance = std::nullopt) {
    AskId joined;
    std::string id;
    if (instance) {
      joined = host->join({.instance = instance, .session_timeout = Milliseconds{30'000}});
    } else {
      host->join_as_new(&id, &joined, {.session_timeout = Milliseconds{30'000}});
    }
    host->pass(Milliseconds{3'000});
    const auto response = host->answer<JoinGroupResponse>(joined).value();
    id = response.member_id;
    CHECK(host->answer<SyncGroupResponse>(
                  host->sync(id, response.generation_id, {{id, embedded({0, 1})}}))
              .has_value());
    return id;
  }
  std::string type() { return host->list().at(0).group_type; }
  std::optional<Host> host;
};

TEST_F(ConversionTest, AMemberOfTheConsumerProtocolTakesAClassicGroupWithIt) {
  const std::string a = classic_member();
  const auto joined = host->beat({.member = "b"});
  EXPECT_EQ(joined.error_code, Errc::none);
  EXPECT_TRUE(partitions_of(joined).empty());
  EXPECT_EQ(type(), "consumer");
  const auto described = host->describe_consumers();
  ASSERT_EQ(described.members.size(), 2U);
  EXPECT_EQ(described.members.at(1).member_type + described.members.at(0).member_type, 1);
  host->reload();
  EXPECT_EQ(host->describe_consumers(), described);
}

TEST_F(ConversionTest, TheClassicMemberGoesOnAndSharesItsPartitions) {
  const std::string a = classic_member();
  const auto b = host->beat({.member = "b"});
  EXPECT_EQ(host->heartbeat(a, 1), Errc::rebalance_in_progress);
  // It joins again with what it has, is told in the old generation to give one up, and joins.
  const auto again = host->answer<JoinGroupResponse>(host->join({.member = a})).value();
  EXPECT_EQ(again.error_code, Errc::none);
  EXPECT_EQ(again.protocol_name, "range");
  const auto synced = host->answer<SyncGroupResponse>(host->sync(a, again.generation_id)).value();
  EXPECT_EQ(synced.error_code, Errc::none);
  const auto assignment = read_embedded<ConsumerProtocolAssignment>(synced.assignment);
  CHECK_OK(assignment);
  EXPECT_EQ(assignment->assigned_partitions.at(0).partitions.size(), 1U);
  EXPECT_EQ(partitions_of(host->beat({.member = "b", .epoch = b.member_epoch}))[k_t].size(), 1U);
  EXPECT_EQ(host->commit({.member = a, .generation = again.generation_id}), Errc::none);
}

TEST_F(ConversionTest, WhatAMemberHasNotGivenUpYetNobodyGets) {
  // a is told in generation 2 to give up partition 1, and has not joined again since.
  const std::string a = classic_member();
  const auto joined = host->join({.member = a, .owned = {0, 1}});
  const auto second = host->answer<JoinGroupResponse>(joined).value();
  EXPECT_EQ(second.generation_id, 2);
  host->answer<SyncGroupResponse>(host->sync(a, 2, {{a, embedded({0})}}));
  const auto b = host->beat({.member = "b"});
  EXPECT_TRUE(partitions_of(b).empty());
  host->reload();
  EXPECT_TRUE(partitions_of(host->beat({.member = "b", .epoch = b.member_epoch})).empty());
  EXPECT_EQ(host->heartbeat(a, 2), Errc::rebalance_in_progress);
  EXPECT_EQ(
      host->answer<JoinGroupResponse>(host->join({.member = a, .owned = {0}})).value().error_code,
      Errc::none);
  EXPECT_EQ(partitions_of(host->beat({.member = "b", .epoch = b.member_epoch})), parts(k_t, {1}));
}

TEST_F(ConversionTest, WithoutThePolicyGroupsStayWhatTheyAre) {
  start({.migration_policy = MigrationPolicy::downgrade});
  const std::string a = classic_member();
  const auto refused = host->beat({.member = "b"});
  EXPECT_EQ(refused.error_code, Errc::group_id_not_found);
  EXPECT_EQ(refused.error_message,
            "Cannot upgrade classic group g to consumer group because online upgrade is disabled.");
  EXPECT_EQ(type(), "classic");
  EXPECT_EQ(host->heartbeat(a, 1), Errc::none);
}

TEST_F(ConversionTest, AGroupOfAnotherKindOfClientsIsNotTaken) {
  host->stable_member({.protocol_type = "connect"});
  const auto refused = host->beat({.member = "b"});
  EXPECT_EQ(refused.error_message,
            "Cannot upgrade classic group g to consumer group because the group does not use the "
            "consumer embedded protocol.");
}

TEST_F(ConversionTest, AnAssignmentThatCannotBeReadIsNotLost) {
  host->stable_member();  // assigned "all", which is none of the protocol's
  EXPECT_EQ(host->beat({.member = "b"}).error_code, Errc::group_id_not_found);
  EXPECT_EQ(type(), "classic");
}

TEST_F(ConversionTest, ThoseWhoWaitInTheClassicGroupJoinAgain) {
  std::string a;
  AskId join;
  host->join_as_new(&a, &join);
  host->pass(Milliseconds{3'000});
  ASSERT_EQ(host->answer<JoinGroupResponse>(join).value().generation_id, 1);
  std::string b;
  host->join_as_new(&b, &join);  // waits for a
  EXPECT_EQ(host->beat({.member = "c"}).error_code, Errc::none);
  EXPECT_EQ(host->answer<JoinGroupResponse>(join).value().error_code, Errc::rebalance_in_progress);
}

TEST_F(ConversionTest, WhenTheLastConsumerLeavesTheGroupIsClassicAgain) {
  const std::string a = classic_member();
  host->beat({.member = "b"});
  host->beat({.member = "b", .epoch = -1});
  EXPECT_EQ(type(), "classic");
  EXPECT_EQ(host->describe().group_state, "PreparingRebalance");
  const auto join = host->join({.member = a});
  const auto again = host->answer<JoinGroupResponse>(join).value();
  EXPECT_EQ(again.error_code, Errc::none);
  EXPECT_EQ(again.leader, a);
  EXPECT_GT(again.generation_id, 1);
  host->reload();
  EXPECT_EQ(type(), "classic");
  EXPECT_EQ(host->describe().members.at(0).member_id, a);
}

TEST_F(ConversionTest, AGroupThatGoesToAndFroForgetsNobodysPartitions) {
  const std::string a = classic_member();
  host->beat({.member = "b"});  // one of a's is to be b's
  host->beat({.member = "b", .epoch = -1});
  EXPECT_EQ(type(), "classic");
  const auto c = host->beat({.member = "c"});
  EXPECT_EQ(type(), "consumer");
  EXPECT_TRUE(partitions_of(c).empty());  // a has heard of nothing yet
  EXPECT_TRUE(partitions_of(host->beat({.member = "c", .epoch = c.member_epoch})).empty());
}

TEST_F(ConversionTest, ACoordinatorThatLoadsADowngradedGroupRebalancesIt) {
  const std::string a = classic_member();
  host->beat({.member = "b"});
  const auto again = host->answer<JoinGroupResponse>(host->join({.member = a})).value();
  host->sync(a, again.generation_id);
  host->beat({.member = "b", .epoch = -1});
  host->reload();
  EXPECT_EQ(host->describe().group_state, "PreparingRebalance");
  const auto join = host->answer<JoinGroupResponse>(host->join({.member = a})).value();
  EXPECT_EQ(join.error_code, Errc::none);
  EXPECT_EQ(join.leader, a);
  host->sync(a, join.generation_id, {{a, embedded({0, 1})}});
  host->reload();
  EXPECT_EQ(host->heartbeat(a, join.generation_id), Errc::none);
}

TEST_F(ConversionTest, WithoutThePolicyTheGroupStaysAConsumerGroup) {
  start({.migration_policy = MigrationPolicy::upgrade});
  classic_member();
  host->beat({.member = "b"});
  host->beat({.member = "b", .epoch = -1});
  EXPECT_EQ(type(), "consumer");
  EXPECT_EQ(host->describe_consumers().members.size(), 1U);
}

TEST_F(ConversionTest, AStaticMemberThatComesBackAsAClassicOneTakesTheGroupBack) {
  host->beat({.member = "b", .instance = "one"});
  host->beat({.member = "b", .epoch = -2, .instance = "one"});
  const auto joined = host->answer<JoinGroupResponse>(host->join({.instance = "one"})).value();
  EXPECT_EQ(joined.error_code, Errc::none);
  EXPECT_EQ(type(), "classic");
  EXPECT_EQ(host->describe().members.at(0).member_id, joined.member_id);
  EXPECT_EQ(host->describe().members.at(0).member_assignment, test::bytes_of(embedded({0, 1})));
  host->reload();
  EXPECT_EQ(host->heartbeat(joined.member_id, joined.generation_id), Errc::none);
}

TEST_F(ConversionTest, AnEmptyConsumerGroupBecomesClassicWithTheFirstJoin) {
  host->beat({.member = "b"});
  host->beat({.member = "b", .epoch = -1});
  EXPECT_EQ(type(), "consumer");
  classic_member();
  EXPECT_EQ(type(), "classic");
  host->reload();
  EXPECT_EQ(type(), "classic");
}

TEST_F(ConversionTest, AnAssignmentIsWrittenInTheVersionOfTheSubscription) {
  Machine machine;
  machine.image = test::TopicsBuilder().topic("t", k_t, 2).build();
  const auto bytes = classic_assignment(machine, parts(k_t, {0, 1}), test::subscription({"t"}));
  CHECK_OK(bytes);
  EXPECT_EQ(*bytes, test::bytes_of(embedded({0, 1})));
  EXPECT_FALSE(classic_assignment(machine, {}, Bytes{}).has_value());
}

}  // namespace
}  // namespace moldau::group
