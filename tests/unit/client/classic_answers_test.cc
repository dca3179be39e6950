#include <gtest/gtest.h>

#include "client/classic_member.h"
#include "unit/client/classic_world.h"

namespace moldau::client {
namespace {

TEST_F(ClassicWorld, UnknownMemberLosesItsPartitionsAndJoinsAsNew) {
  follow({{"t", 0}});
  do_duty();
  beat(Errc::unknown_member_id);
  EXPECT_FALSE(member.next(now));
  EXPECT_EQ(member.duty()->kind, Duty::Kind::lose);
  EXPECT_FALSE(member.identity());
  do_duty();
  EXPECT_EQ(asks<protocol::JoinGroupRequest>().member_id, "");
}

TEST_F(ClassicWorld, OldGenerationLosesItsPartitionsAndKeepsItsId) {
  follow({{"t", 0}});
  do_duty();
  beat(Errc::illegal_generation);
  EXPECT_FALSE(member.next(now));
  EXPECT_EQ(member.duty()->kind, Duty::Kind::lose);
  do_duty();
  EXPECT_EQ(asks<protocol::JoinGroupRequest>().member_id, "m1");
}

TEST_F(ClassicWorld, RebalanceWhileSyncingJoinsAgainWithoutTheProgram) {
  enter();
  asks<protocol::JoinGroupRequest>();
  answer(joined("m2", {}));
  asks<protocol::SyncGroupRequest>();
  protocol::SyncGroupResponse refused;
  refused.error_code = Errc::rebalance_in_progress;
  answer(refused);
  EXPECT_FALSE(member.duty());
  EXPECT_FALSE(member.next(now)) << "not at once";
  now += settings().retry_backoff;
  asks<protocol::JoinGroupRequest>();
}

TEST_F(ClassicWorld, CoordinatorThatMovesKeepsThePartitions) {
  follow({{"t", 0}});
  do_duty();
  for (const Errc code : {Errc::not_coordinator, Errc::coordinator_not_available,
                          Errc::coordinator_load_in_progress}) {
    beat(code);
    EXPECT_FALSE(member.duty()) << name_of(code);
    EXPECT_TRUE(member.identity()) << name_of(code);
  }
  answer(Error(Errc::connection_closed));
  EXPECT_TRUE(member.identity());
}

TEST_F(ClassicWorld, BackoffGrowsToItsMost) {
  enter();
  Milliseconds waited{0};
  for (int i = 0; i < 8; ++i) {
    asks<protocol::JoinGroupRequest>();
    answer(refused_join(Errc::coordinator_load_in_progress));
    EXPECT_FALSE(member.next(now));
    waited = std::chrono::duration_cast<Milliseconds>(*member.wake_at() - now);
    now = *member.wake_at();
  }
  EXPECT_EQ(waited, settings().retry_backoff_max);
}

TEST_F(ClassicWorld, WhatIsRefusedForGoodIsToldOnceAndTriedAgainAtTheNextPoll) {
  for (const Errc code : {Errc::group_authorization_failed, Errc::inconsistent_group_protocol,
                          Errc::group_max_size_reached, Errc::fenced_instance_id}) {
    enter();
    asks<protocol::JoinGroupRequest>();
    answer(refused_join(code));
    EXPECT_FALSE(member.next(now));
    const auto failure = member.take_failure();
    ASSERT_TRUE(failure) << name_of(code);
    EXPECT_EQ(failure->code(), code);
    EXPECT_FALSE(member.take_failure());
    EXPECT_FALSE(member.next(now));
    member.polled(now);
  }
  asks<protocol::JoinGroupRequest>();
}

TEST_F(ClassicWorld, AssignmentThatCannotBeReadIsAFailure) {
  enter();
  asks<protocol::JoinGroupRequest>();
  answer(joined("m2", {}));
  asks<protocol::SyncGroupRequest>();
  answer(protocol::SyncGroupResponse{});
  EXPECT_TRUE(member.take_failure());
}

TEST_F(ClassicWorld, AssignmentOfTopicsThatAreNoLongerWantedIsNotTaken) {
  follow({{"other", 0}});
  EXPECT_TRUE(member.assigned().empty());
  EXPECT_FALSE(member.next(now));
  EXPECT_EQ(member.duty()->kind, Duty::Kind::revoke);
}

TEST_F(ClassicWorld, PartitionsBeganAndLostBeforeTheProgramKnewAreLost) {
  follow({{"t", 0}});
  ASSERT_EQ(member.duty()->kind, Duty::Kind::assign);
  const std::uint32_t begun = member.duty()->number;
  beat(Errc::unknown_member_id);
  EXPECT_FALSE(member.next(now));
  ASSERT_EQ(member.duty()->kind, Duty::Kind::lose);
  member.duty_done(begun, now);
  EXPECT_EQ(member.assigned().size(), 1U) << "that was another duty";
  do_duty();
  EXPECT_TRUE(member.assigned().empty());
}

}  // namespace
}  // namespace moldau::client
