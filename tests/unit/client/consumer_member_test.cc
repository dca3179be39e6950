#include "client/consumer_member.h"

#include <gtest/gtest.h>

namespace moldau::client {
namespace {

using protocol::ConsumerGroupHeartbeatRequest;
using protocol::ConsumerGroupHeartbeatResponse;

const Uuid k_topic{1, 2};
const Uuid k_other{3, 4};

class ConsumerWorld : public ::testing::Test {
 protected:
  explicit ConsumerWorld(std::optional<std::string> instance = std::nullopt)
      : member({.group_id = "g", .instance_id = std::move(instance)}, "m") {}

  void enter() {
    member.subscribe({{"t"}}, now);
    member.polled(now);
  }
  ConsumerGroupHeartbeatRequest asks() {
    auto question = member.next(now);
    if (!question) {
      ADD_FAILURE() << "asks nothing";
      return {};
    }
    return std::get<ConsumerGroupHeartbeatRequest>(*std::move(question));
  }
  using Target = std::map<Uuid, std::vector<int>>;
  void alive(std::int32_t epoch, const std::optional<Target>& target = std::nullopt) {
    ConsumerGroupHeartbeatResponse response;
    response.member_epoch = epoch;
    response.heartbeat_interval_ms = Milliseconds{5'000};
    if (target) {
      response.assignment.emplace();
      for (const auto& [id, partitions] : *target) {
        auto& topic = response.assignment->topic_partitions.emplace_back();
        topic.topic_id = id;
        for (const int index : partitions) topic.partitions.emplace_back(index);
      }
    }
    member.answered(response, now);
  }
  void refused(Errc code) {
    ConsumerGroupHeartbeatResponse response;
    response.error_code = code;
    member.answered(response, now);
  }
  void know(const std::map<Uuid, std::string>& names) { member.know({{}, names}, now); }
  void do_duty() {
    ASSERT_TRUE(member.duty());
    member.duty_done(member.duty()->number, now);
  }
  static std::vector<TopicPartition> of(const std::string& topic, const std::vector<int>& indexes) {
    std::vector<TopicPartition> out;
    for (const int index : indexes) out.push_back({topic, PartitionIndex{index}});
    return out;
  }
  // A member that has these and has said so.
  void settle(const std::vector<int>& partitions) {
    enter();
    asks();
    alive(1, Target{{k_topic, partitions}});
    know({{k_topic, "t"}});
    do_duty();
    asks();
    alive(1);
  }

  ConsumerMember member;
  Instant now{Milliseconds{1'000'000}};
};
class StaticConsumerWorld : public ConsumerWorld {
 protected:
  StaticConsumerWorld() : ConsumerWorld("i") {}
};

TEST(ConsumerMember, SaysInWhichRackItIsWhenItJoins) {
  ConsumerMember member({.group_id = "g", .rack = "a"}, "m");
  const Instant now{Milliseconds{1}};
  member.subscribe({{"t"}}, now);
  member.polled(now);
  const auto question = member.next(now);
  ASSERT_TRUE(question);
  EXPECT_EQ(std::get<ConsumerGroupHeartbeatRequest>(*question).rack_id, "a");
}

TEST_F(ConsumerWorld, SaysAllWhenItJoinsAndThenOnlyWhatChanges) {
  member.subscribe({{"t"}}, now);
  EXPECT_FALSE(member.next(now)) << "not before the poll";
  member.polled(now);
  const auto join = asks();
  EXPECT_EQ(join.member_id, "m");
  EXPECT_EQ(join.member_epoch, 0);
  EXPECT_EQ(join.subscribed_topic_names, std::vector<std::string>{"t"});
  EXPECT_EQ(join.rebalance_timeout_ms, Milliseconds{300'000});
  ASSERT_TRUE(join.topic_partitions);
  EXPECT_TRUE(join.topic_partitions->empty());
  alive(1, Target{});
  do_duty();
  asks();
  alive(1);
  now += Milliseconds{5'000};
  const auto beat = asks();
  EXPECT_EQ(beat.member_epoch, 1);
  EXPECT_FALSE(beat.subscribed_topic_names);
  EXPECT_FALSE(beat.topic_partitions);
  EXPECT_EQ(beat.rebalance_timeout_ms, Milliseconds{-1});
  alive(1);
  member.subscribe({{"t", "u"}}, now);
  now += Milliseconds{5'000};
  EXPECT_EQ(asks().subscribed_topic_names->size(), 2U);
}

TEST_F(ConsumerWorld, AcknowledgesWhatTheProgramBegan) {
  enter();
  asks();
  alive(1, Target{{k_topic, {0, 1}}});
  EXPECT_TRUE(member.needs_topics());
  EXPECT_EQ(member.topic_need().ids, std::vector{k_topic});
  EXPECT_FALSE(member.duty());
  know({{k_topic, "t"}});
  ASSERT_TRUE(member.duty());
  EXPECT_EQ(member.duty()->kind, Duty::Kind::assign);
  EXPECT_EQ(member.duty()->partitions, of("t", {0, 1}));
  EXPECT_TRUE(member.duty()->commit_first);
  EXPECT_FALSE(member.next(now)) << "nothing to say yet";
  do_duty();
  const auto acknowledgement = asks();
  ASSERT_TRUE(acknowledgement.topic_partitions);
  EXPECT_EQ(acknowledgement.topic_partitions->at(0).partitions.size(), 2U);
  EXPECT_EQ(member.identity()->epoch, 1);
}

TEST_F(ConsumerWorld, GivesUpBeforeItBegins) {
  settle({0, 1});
  now += Milliseconds{5'000};
  asks();
  alive(2, Target{{k_topic, {1, 2}}});
  EXPECT_EQ(member.duty()->kind, Duty::Kind::revoke);
  EXPECT_EQ(member.duty()->partitions, of("t", {0}));
  EXPECT_EQ(member.assigned().size(), 2U);
  do_duty();
  EXPECT_EQ(member.duty()->kind, Duty::Kind::assign);
  EXPECT_EQ(member.duty()->partitions, of("t", {2}));
  EXPECT_FALSE(member.duty()->commit_first);
  do_duty();
  EXPECT_EQ(member.assigned(),
            (std::set<TopicPartition>{{"t", PartitionIndex{1}}, {"t", PartitionIndex{2}}}));
  EXPECT_EQ(asks().topic_partitions->at(0).partitions.size(), 2U);
}

TEST_F(ConsumerWorld, GoesOnWithWhatItKnowsAndTakesTheRestLater) {
  enter();
  asks();
  alive(1, Target{{k_topic, {0}}, {k_other, {0}}});
  know({{k_topic, "t"}});
  EXPECT_EQ(member.duty()->partitions, of("t", {0}));
  do_duty();
  EXPECT_EQ(asks().topic_partitions->size(), 1U);
  alive(1);
  EXPECT_TRUE(member.needs_topics());
  know({{k_other, "u"}});
  EXPECT_EQ(member.duty()->partitions, of("u", {0}));
  do_duty();
  EXPECT_EQ(asks().topic_partitions->size(), 2U);
}

TEST_F(ConsumerWorld, NewTargetWhileTheProgramWorksIsTakenAfterwards) {
  enter();
  asks();
  alive(1, Target{{k_topic, {0}}});
  know({{k_topic, "t"}});
  now += Milliseconds{5'000};
  asks();
  alive(2, Target{{k_topic, {0, 1}}});
  EXPECT_EQ(member.duty()->partitions, of("t", {0}));
  do_duty();
  EXPECT_EQ(asks().topic_partitions->at(0).partitions.size(), 1U);
  EXPECT_EQ(member.duty()->partitions, of("t", {1}));
}

TEST_F(ConsumerWorld, FencedMemberLosesItsPartitionsAndJoinsAgain) {
  settle({0});
  for (const Errc code : {Errc::fenced_member_epoch, Errc::unknown_member_id}) {
    now += Milliseconds{5'000};
    asks();
    refused(code);
    EXPECT_FALSE(member.identity());
    EXPECT_FALSE(member.next(now));
    ASSERT_TRUE(member.duty()) << name_of(code);
    EXPECT_EQ(member.duty()->kind, Duty::Kind::lose);
    do_duty();
    EXPECT_TRUE(member.assigned().empty());
    const auto join = asks();
    EXPECT_EQ(join.member_epoch, 0);
    EXPECT_EQ(join.member_id, "m");
    EXPECT_TRUE(join.subscribed_topic_names);
    alive(3, Target{{k_topic, {0}}});
    know({{k_topic, "t"}});
    do_duty();
    asks();
    alive(3);
  }
}

TEST_F(ConsumerWorld, CoordinatorThatMovesIsToldEverythingAnew) {
  settle({0});
  for (const Errc code : {Errc::not_coordinator, Errc::coordinator_not_available,
                          Errc::coordinator_load_in_progress}) {
    now += Milliseconds{6'000};
    asks();
    refused(code);
    EXPECT_FALSE(member.next(now));
    EXPECT_TRUE(member.identity());
    now = *member.wake_at();
    EXPECT_TRUE(asks().topic_partitions) << name_of(code);
    alive(1);
  }
}

TEST_F(ConsumerWorld, WhatIsRefusedForGoodEndsTheMembership) {
  settle({0});
  now += Milliseconds{5'000};
  asks();
  refused(Errc::unsupported_assignor);
  EXPECT_EQ(member.take_failure()->code(), Errc::unsupported_assignor);
  EXPECT_EQ(member.duty()->kind, Duty::Kind::lose);
  do_duty();
  member.polled(now);
  EXPECT_FALSE(member.next(now + std::chrono::hours{1}));
}

TEST_F(ConsumerWorld, ProgramThatDoesNotPollLeavesAndComesBackWithThePoll) {
  settle({0});
  now += Milliseconds{300'000};
  EXPECT_EQ(asks().member_epoch, -1);
  alive(-1);
  EXPECT_FALSE(member.next(now));
  EXPECT_EQ(member.duty()->kind, Duty::Kind::lose);
  member.polled(now);
  EXPECT_FALSE(member.next(now));
  do_duty();
  EXPECT_EQ(asks().member_epoch, 0);
}

TEST_F(ConsumerWorld, LeavesAfterTheProgramGaveUp) {
  settle({0});
  member.leave(now);
  EXPECT_EQ(member.duty()->kind, Duty::Kind::revoke);
  EXPECT_FALSE(member.is_out());
  do_duty();
  EXPECT_EQ(asks().member_epoch, -1);
  EXPECT_FALSE(member.is_out());
  alive(-1);
  EXPECT_TRUE(member.is_out());
}

TEST_F(StaticConsumerWorld, LeavesForNow) {
  settle({0});
  member.leave(now);
  do_duty();
  EXPECT_EQ(asks().member_epoch, -2);
}

TEST_F(ConsumerWorld, PatternIsTheBrokersToMatch) {
  member.subscribe({{}, "a.*"}, now);
  member.polled(now);
  const auto join = asks();
  EXPECT_EQ(join.subscribed_topic_regex, "a.*");
  EXPECT_TRUE(join.subscribed_topic_names->empty());
}

}  // namespace
}  // namespace moldau::client
