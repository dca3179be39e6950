#include <gtest/gtest.h>

#include "group/consumer.h"
#include "unit/group/host.h"

namespace moldau::group {
namespace {

using protocol::JoinGroupResponse;
using protocol::SyncGroupResponse;
using test::Host;
using test::partitions_of;

constexpr Uuid k_t{7, 1};

// A consumer group, and classic members that come to it.
class ConsumerClassicTest : public testing::Test {
 protected:
  ConsumerClassicTest() {
    host.image(test::TopicsBuilder().topic("t", k_t, 2).build());
    host.beat({.member = "b"});
  }
  JoinGroupResponse join(Host::Joiner who, ApiVersion version = ApiVersion{9}) {
    return host.answer<JoinGroupResponse>(host.join(std::move(who), version)).value();
  }
  Errc sync(const std::string& member, std::int32_t generation) {
    return host.answer<SyncGroupResponse>(host.sync(member, generation)).value().error_code;
  }
  std::string joined() {
    const auto first = join({});
    EXPECT_EQ(first.error_code, Errc::member_id_required);
    return join({.member = first.member_id}).member_id;
  }
  Host host{{.consumer_assignment_interval = Milliseconds{0}}};
};

TEST_F(ConsumerClassicTest, AnIdIsGivenFirst) {
  const std::string a = joined();
  EXPECT_EQ(host.describe_consumers().members.size(), 2U);
  EXPECT_EQ(sync(a, 3), Errc::none);
  EXPECT_EQ(join({}, ApiVersion{3}).error_code, Errc::none);
}

TEST_F(ConsumerClassicTest, WhoDoesNotSyncIsRemoved) {
  const std::string a = joined();
  host.pass(Milliseconds{9'000});
  EXPECT_EQ(host.heartbeat(a, 3), Errc::none);
  for (int i = 0; i < 6; ++i) {
    host.pass(Milliseconds{9'000});
    host.beat({.member = "b", .epoch = 2});
    (void)host.heartbeat(a, 3);
  }
  EXPECT_EQ(host.heartbeat(a, 3), Errc::unknown_member_id);
}

TEST_F(ConsumerClassicTest, ASilentOneIsRemovedWithItsOwnSession) {
  const std::string a = joined();
  EXPECT_EQ(sync(a, 3), Errc::none);
  host.pass(Milliseconds{10'000});
  EXPECT_EQ(host.describe_consumers().members.size(), 1U);
}

TEST_F(ConsumerClassicTest, GenerationsAreMemberEpochs) {
  const std::string a = joined();
  EXPECT_EQ(sync(a, 2), Errc::illegal_generation);
  EXPECT_EQ(host.heartbeat(a, 4), Errc::illegal_generation);
  EXPECT_EQ(sync("b", 2), Errc::unknown_member_id);
  EXPECT_EQ(host.heartbeat("b", 2), Errc::unknown_member_id);
}

TEST_F(ConsumerClassicTest, ItIsToldToJoinAgainWhenItsPartIsFree) {
  const std::string a = joined();
  EXPECT_EQ(sync(a, 3), Errc::none);
  EXPECT_EQ(host.heartbeat(a, 3), Errc::none);
  const auto told = host.beat({.member = "b", .epoch = 2});
  host.beat({.member = "b", .epoch = 2, .owns = partitions_of(told)});
  EXPECT_EQ(host.heartbeat(a, 3), Errc::rebalance_in_progress);
  EXPECT_EQ(join({.member = a}).error_code, Errc::none);
  EXPECT_EQ(host.heartbeat(a, 3), Errc::none);
}

TEST_F(ConsumerClassicTest, WhereOnlyClassicMembersAreLeftOneOfThemGetsTheOthersPart) {
  host.reload(Settings{.consumer_assignment_interval = Milliseconds{0},
                       .migration_policy = MigrationPolicy::upgrade});
  const std::string a = joined();
  host.beat({.member = "b", .epoch = 1, .topics = {{"t"}}, .owns = TopicPartitions{}});
  const std::int32_t epoch = join({.member = a}).generation_id;
  EXPECT_EQ(sync(a, epoch), Errc::none);
  host.beat({.member = "b", .epoch = -1});
  EXPECT_EQ(host.heartbeat(a, epoch), Errc::rebalance_in_progress);
  const auto again = join({.member = a});
  EXPECT_GT(again.generation_id, epoch);
  EXPECT_EQ(sync(a, again.generation_id), Errc::none);
  EXPECT_EQ(host.heartbeat(a, again.generation_id), Errc::none);
  // Nor does anybody else notice that its topics change.
  host.image(test::TopicsBuilder().topic("t", k_t, 3).build());
  EXPECT_EQ(host.heartbeat(a, again.generation_id), Errc::rebalance_in_progress);
}

TEST_F(ConsumerClassicTest, ProtocolsThatCannotBeAreRefused) {
  EXPECT_EQ(join({.member = "x", .protocol_type = "connect"}).error_code,
            Errc::inconsistent_group_protocol);
  EXPECT_EQ(join({.member = "x", .protocols = {}}).error_code, Errc::inconsistent_group_protocol);
  host.machine().configure({.migration_policy = MigrationPolicy::disabled});
  EXPECT_EQ(join({.member = "x"}).error_code, Errc::inconsistent_group_protocol);
}

TEST_F(ConsumerClassicTest, ItLeavesAsFromAClassicGroup) {
  const std::string a = joined();
  const auto left = host.leave({{.member_id = a}, {.member_id = "x"}});
  EXPECT_EQ(left.members.at(0).error_code, Errc::none);
  EXPECT_EQ(left.members.at(1).error_code, Errc::unknown_member_id);
  EXPECT_EQ(host.describe_consumers().members.size(), 1U);
}

}  // namespace
}  // namespace moldau::group
