#include "client/classic_member.h"

#include <gtest/gtest.h>

#include "client/consumer_protocol.h"
#include "unit/client/classic_world.h"

namespace moldau::client {
namespace {

TEST_F(ClassicWorld, JoinsOnlyWhenThePollCame) {
  member.subscribe({{"t"}}, now);
  EXPECT_FALSE(member.next(now));
  member.polled(now);
  const auto join = asks<protocol::JoinGroupRequest>();
  EXPECT_EQ(join.group_id, "g");
  EXPECT_EQ(join.member_id, "");
  EXPECT_EQ(join.rebalance_timeout_ms, settings().max_poll_interval);
  ASSERT_EQ(join.protocols.size(), 2U);
  EXPECT_EQ(join.protocols[0].name, "range");
  EXPECT_EQ(join.protocols[1].name, "cooperative-sticky");
  EXPECT_FALSE(member.next(now)) << "one question at a time";
}

TEST_F(ClassicWorld, ComesBackWithTheMemberIdThatItIsGiven) {
  enter();
  asks<protocol::JoinGroupRequest>();
  answer(refused_join(Errc::member_id_required, "m1"));
  EXPECT_EQ(asks<protocol::JoinGroupRequest>().member_id, "m1");
}

TEST_F(ClassicWorld, LeaderWaitsForTheTopicsAndAssignsForAll) {
  enter();
  asks<protocol::JoinGroupRequest>();
  answer(joined("m1", {{"m1", {"t"}}, {"m2", {"t", "u"}}}));
  EXPECT_TRUE(member.is_leader());
  EXPECT_TRUE(member.needs_topics());
  EXPECT_FALSE(member.next(now));
  EXPECT_EQ(member.topic_need().names, (std::vector<std::string>{"t", "u"}));
  member.know({{{"t", 3}}, {}}, now);
  const auto sync = asks<protocol::SyncGroupRequest>();
  ASSERT_EQ(sync.assignments.size(), 2U);
  EXPECT_EQ(read_assignment(sync.assignments[0].assignment)->size(), 2U);
  EXPECT_EQ(read_assignment(sync.assignments[1].assignment)->size(), 1U);
}

TEST_F(ClassicWorld, TellsTheProgramWhatItGotAndThenHeartsBeat) {
  follow({{"t", 0}, {"t", 1}});
  ASSERT_TRUE(member.duty());
  EXPECT_EQ(member.duty()->kind, Duty::Kind::assign);
  EXPECT_EQ(member.duty()->partitions.size(), 2U);
  EXPECT_EQ(member.assigned().size(), 2U);
  do_duty();
  EXPECT_EQ(member.identity()->epoch, 5);
  EXPECT_FALSE(member.next(now));
  now += settings().heartbeat_interval;
  EXPECT_EQ(asks<protocol::HeartbeatRequest>().generation_id, 5);
}

TEST_F(ClassicWorld, EagerMemberGivesAllUpBeforeItJoinsAgain) {
  follow({{"t", 0}});
  do_duty();
  beat(Errc::rebalance_in_progress);
  EXPECT_FALSE(member.next(now)) << "the program comes first";
  ASSERT_TRUE(member.duty());
  EXPECT_EQ(member.duty()->kind, Duty::Kind::revoke);
  EXPECT_TRUE(member.duty()->commit_first);
  EXPECT_TRUE(member.identity()) << "it may still commit";
  do_duty();
  EXPECT_TRUE(member.assigned().empty());
  EXPECT_EQ(asks<protocol::JoinGroupRequest>().member_id, "m1");
  EXPECT_FALSE(member.identity());
}

TEST_F(CooperativeWorld, GivesUpOnlyWhatGoesAndThenJoinsAgain) {
  follow({{"t", 0}, {"t", 1}});
  do_duty();
  beat(Errc::rebalance_in_progress);
  const auto join = asks<protocol::JoinGroupRequest>();
  EXPECT_FALSE(member.duty()) << "nothing is given up before it is known what";
  EXPECT_EQ(read_member("", {}, join.protocols[0].metadata).owned.size(), 2U);
  answer(joined("m2", {}));
  asks<protocol::SyncGroupRequest>();
  answer(synced({{"t", 0}}));
  ASSERT_TRUE(member.duty());
  EXPECT_EQ(member.duty()->kind, Duty::Kind::revoke);
  EXPECT_EQ(member.duty()->partitions, (std::vector<TopicPartition>{{"t", PartitionIndex{1}}}));
  do_duty();
  EXPECT_EQ(member.duty()->kind, Duty::Kind::assign);
  EXPECT_TRUE(member.duty()->partitions.empty());
  EXPECT_EQ(member.assigned().size(), 1U);
  do_duty();
  asks<protocol::JoinGroupRequest>();
}

const ReplicaRacks k_in_a{.racks = {{BrokerId{1}, "a"}}, .away = {}};
const ReplicaRacks k_in_b{.racks = {{BrokerId{2}, "b"}}, .away = {}};
const ReplicaRacks k_away{.racks = {}, .away = {BrokerId{1}}};

TopicKnowledge two_partitions(const ReplicaRacks& first, const ReplicaRacks& second) {
  return {{{"t", 2}}, {}, {{"t", {first, second}}}};
}

TEST_F(RackedWorld, LeaderAssignsToMembersWhatIsInTheirRack) {
  enter();
  const auto join = asks<protocol::JoinGroupRequest>();
  EXPECT_EQ(read_member("", {}, join.protocols[0].metadata).rack, "a");
  answer(joined("m1", {{"m1", {"t"}}, {"m2", {"t"}}}));
  EXPECT_TRUE(member.topic_need().replicas);
  member.know(two_partitions(k_in_b, k_in_a), now);
  const auto sync = asks<protocol::SyncGroupRequest>();
  ASSERT_EQ(sync.assignments.size(), 2U);
  EXPECT_EQ(sync.assignments[0].member_id, "m1");
  EXPECT_EQ(read_assignment(sync.assignments[0].assignment),
            (std::vector<TopicPartition>{{"t", PartitionIndex{1}}}));
}

TEST_F(RackedWorld, LeaderAssignsAnewWhenRacksOfReplicasChange) {
  lead({{"m1", {"t"}}, {"m2", {"t"}}}, two_partitions(k_in_b, k_in_a), {{"t", 1}});
  member.know(two_partitions(k_in_b, k_in_a), now);
  EXPECT_FALSE(member.next(now));
  EXPECT_FALSE(member.duty());
  member.know(two_partitions(k_in_b, k_away), now);
  EXPECT_FALSE(member.next(now));
  EXPECT_FALSE(member.duty()) << "a broker that is away comes back";
  member.know(two_partitions(k_in_a, k_in_b), now);
  EXPECT_FALSE(member.next(now));
  ASSERT_TRUE(member.duty());
  EXPECT_EQ(member.duty()->kind, Duty::Kind::revoke);
  do_duty();
  EXPECT_EQ(asks<protocol::JoinGroupRequest>().reason, "cached metadata has changed");
}

TEST_F(ClassicWorld, LeaderWithoutARackLetsRacksChange) {
  racks = {{"m2", "b"}};
  lead({{"m1", {"t"}}, {"m2", {"t"}}}, two_partitions(k_in_b, k_in_a), {{"t", 1}});
  EXPECT_TRUE(member.topic_need().replicas) << "for what it assigns";
  member.know(two_partitions(k_in_a, k_in_b), now);
  EXPECT_FALSE(member.next(now));
  EXPECT_FALSE(member.duty());
}

TEST_F(ClassicWorld, NobodyAsksForReplicasWithoutARack) {
  lead({{"m1", {"t"}}, {"m2", {"t"}}}, {{{"t", 2}}, {}}, {{"t", 0}});
  EXPECT_FALSE(member.topic_need().replicas);
}

TEST_F(ClassicWorld, LeaderAssignsAnewWhenPartitionsAreAdded) {
  enter();
  asks<protocol::JoinGroupRequest>();
  answer(joined("m1", {{"m1", {"t"}}}));
  member.know({{{"t", 1}}, {}}, now);
  asks<protocol::SyncGroupRequest>();
  answer(synced({{"t", 0}}));
  do_duty();
  member.know({{{"t", 1}}, {}}, now);
  EXPECT_FALSE(member.next(now));
  member.know({{{"t", 2}}, {}}, now);
  EXPECT_FALSE(member.next(now));
  EXPECT_EQ(member.duty()->kind, Duty::Kind::revoke);
}

TEST_F(ClassicWorld, SubscriptionThatChangesIsToldToTheGroup) {
  follow({{"t", 0}});
  do_duty();
  member.subscribe({{"t", "u"}}, now);
  EXPECT_FALSE(member.next(now));
  do_duty();
  const auto join = asks<protocol::JoinGroupRequest>();
  EXPECT_EQ(read_member("", {}, join.protocols[0].metadata).topics,
            (std::vector<std::string>{"t", "u"}));
}

TEST_F(ClassicWorld, ProgramThatDoesNotPollLosesItsPartitions) {
  follow({{"t", 0}});
  do_duty();
  now += settings().max_poll_interval;
  EXPECT_EQ(asks<protocol::LeaveGroupRequest>().members.at(0).member_id, "m1");
  answer(protocol::LeaveGroupResponse{});
  EXPECT_FALSE(member.next(now)) << "it comes back when the program does";
  member.polled(now);
  EXPECT_FALSE(member.next(now));
  EXPECT_EQ(member.duty()->kind, Duty::Kind::lose);
  do_duty();
  EXPECT_EQ(asks<protocol::JoinGroupRequest>().member_id, "");
}

TEST_F(ClassicWorld, LeavesAfterTheProgramGaveUp) {
  follow({{"t", 0}});
  do_duty();
  member.leave(now);
  EXPECT_FALSE(member.next(now));
  EXPECT_EQ(member.duty()->kind, Duty::Kind::revoke);
  do_duty();
  EXPECT_FALSE(member.is_out());
  asks<protocol::LeaveGroupRequest>();
  answer(protocol::LeaveGroupResponse{});
  EXPECT_TRUE(member.is_out());
  EXPECT_FALSE(member.next(now));
}

TEST_F(StaticWorld, StaysWhenItCloses) {
  follow({{"t", 0}});
  do_duty();
  member.leave(now);
  do_duty();
  EXPECT_FALSE(member.next(now));
  EXPECT_TRUE(member.is_out());
}

}  // namespace
}  // namespace moldau::client
