#include "group/classic_group.h"

#include <gtest/gtest.h>

#include "unit/group/host.h"

namespace moldau::group {
namespace {

using test::subscription;

constexpr Timestamp k_now = timestamp_of(1000);

ClassicMember member(std::string id, const std::vector<std::string>& protocols,
                     std::optional<std::string> instance = std::nullopt,
                     const std::vector<std::string>& topics = {"t"}) {
  ClassicMember made{.id = std::move(id),
                     .instance_id = std::move(instance),
                     .rebalance_timeout = Milliseconds{100}};
  for (const auto& name : protocols) {
    made.protocols.push_back({.name = name, .metadata = subscription(topics)});
  }
  return made;
}
std::vector<ClassicProtocol> protocols(const std::vector<std::string>& names) {
  return member("", names).protocols;
}

class ClassicGroupTest : public testing::Test {
 protected:
  void add(ClassicMember joiner) { group.add(std::move(joiner), "consumer"); }
  ClassicGroup group{k_now};
};

TEST_F(ClassicGroupTest, TheProtocolThatMostPreferOfThoseThatAllSupportIsTaken) {
  add(member("a", {"x", "y", "z"}));
  add(member("b", {"z", "y"}));
  add(member("c", {"z", "y", "w"}));
  EXPECT_EQ(group.select_protocol(), "z");
  group.remove("b");
  group.set_protocols(*group.member("c"), protocols({"y"}));
  EXPECT_EQ(group.select_protocol(), "y");
}

TEST_F(ClassicGroupTest, AProtocolGivenTwiceCountsOnce) {
  add(member("a", {"x"}));
  add(member("b", {"x", "x"}));
  group.become(ClassicState::preparing, k_now);
  EXPECT_TRUE(group.supports("consumer", protocols({"x"})));
  group.remove("a");
  EXPECT_EQ(group.select_protocol(), "x");
}

TEST_F(ClassicGroupTest, AJoinerNeedsTheTypeAndAProtocolThatAllSupport) {
  EXPECT_FALSE(group.supports("consumer", {}));
  EXPECT_FALSE(group.supports("", protocols({"x"})));
  EXPECT_TRUE(group.supports("consumer", protocols({"x"})));
  add(member("a", {"x", "y"}));
  group.become(ClassicState::preparing, k_now);
  EXPECT_TRUE(group.supports("consumer", protocols({"w", "y"})));
  EXPECT_FALSE(group.supports("consumer", protocols({"w"})));
  EXPECT_FALSE(group.supports("connect", protocols({"x"})));
}

TEST_F(ClassicGroupTest, TheFirstMemberLeadsUntilItGoes) {
  add(member("b", {"x"}));
  add(member("a", {"x"}));
  EXPECT_TRUE(group.is_leader("b"));
  group.remove("b");
  EXPECT_TRUE(group.is_leader("a"));
  group.remove("a");
  EXPECT_FALSE(group.leader().has_value());
}

TEST_F(ClassicGroupTest, ALeaderThatHasNotJoinedIsReplacedByOneThatHas) {
  add(member("a", {"x"}));
  add(member("b", {"x"}));
  EXPECT_FALSE(group.elect_joined_leader());
  group.start_joining(*group.member("b"), {});
  EXPECT_TRUE(group.elect_joined_leader());
  EXPECT_TRUE(group.is_leader("b"));
}

TEST_F(ClassicGroupTest, AStaticMemberIsKnownByItsInstanceAndFencesOthers) {
  add(member("a-1", {"x"}, "a"));
  EXPECT_EQ(group.check_member("a-1", "a"), Errc::none);
  EXPECT_EQ(group.check_member("a-2", "a"), Errc::fenced_instance_id);
  EXPECT_EQ(group.check_member("a-1", "b"), Errc::unknown_member_id);
  EXPECT_EQ(group.check_member("b", std::nullopt), Errc::unknown_member_id);
  group.rename_static("a", "a-2");
  EXPECT_EQ(group.check_member("a-2", "a"), Errc::none);
  EXPECT_TRUE(group.is_leader("a-2"));
  EXPECT_EQ(group.member("a-1"), nullptr);
}

TEST_F(ClassicGroupTest, CountsThoseWhoWaitToJoin) {
  add(member("a", {"x"}));
  add(member("b", {"x"}));
  EXPECT_FALSE(group.all_have_joined());
  group.start_joining(*group.member("a"), {});
  group.start_joining(*group.member("a"), {});
  EXPECT_EQ(group.joining_count(), 1U);
  group.remove("b");
  EXPECT_TRUE(group.all_have_joined());
  group.add_pending("c");
  EXPECT_FALSE(group.all_have_joined());
  group.remove("c");
  EXPECT_TRUE(group.stop_joining(*group.member("a")).has_value());
  EXPECT_FALSE(group.all_have_joined());
}

TEST_F(ClassicGroupTest, KnowsTheTopicsOfAConsumerGroupFromItsSubscriptions) {
  add(member("a", {"x"}, std::nullopt, {"t", "u"}));
  EXPECT_TRUE(group.subscribes("unknown yet"));
  group.become(ClassicState::preparing, k_now);
  group.next_generation(k_now);
  EXPECT_TRUE(group.subscribes("u"));
  EXPECT_FALSE(group.subscribes("v"));
}

TEST_F(ClassicGroupTest, WithASubscriptionThatCannotBeReadAnyTopicMayBeInUse) {
  ClassicMember odd = member("a", {"x"});
  odd.protocols[0].metadata = {std::byte{0}, std::byte{0}, std::byte{0x7f}};
  add(odd);
  group.become(ClassicState::preparing, k_now);
  group.next_generation(k_now);
  EXPECT_FALSE(group.subscribed_topics().has_value());
  EXPECT_TRUE(group.subscribes("v"));
}

TEST_F(ClassicGroupTest, ComesBackFromItsRecord) {
  add(member("a", {"x", "y"}, "i"));
  group.become(ClassicState::preparing, k_now);
  group.next_generation(k_now);
  const auto record = group.to_record({{"a", test::bytes_of("part")}});
  ClassicGroup restored = ClassicGroup::restore(record);
  EXPECT_TRUE(restored.is(ClassicState::stable));
  EXPECT_EQ(restored.generation(), 1);
  EXPECT_EQ(restored.protocol_name(), "x");
  EXPECT_TRUE(restored.is_leader("a"));
  EXPECT_EQ(*restored.static_member_id("i"), "a");
  EXPECT_EQ(restored.member("a")->assignment, test::bytes_of("part"));
  EXPECT_TRUE(restored.subscribes("t"));
  EXPECT_FALSE(restored.subscribes("u"));
  EXPECT_EQ(restored.to_record({{"a", test::bytes_of("part")}}), record);
}

TEST_F(ClassicGroupTest, BecomesStableByTheRecordOfItsGenerationOnly) {
  add(member("a", {"x"}));
  group.become(ClassicState::preparing, k_now);
  group.next_generation(k_now);
  auto record = group.to_record({{"a", test::bytes_of("part")}});
  record.generation = 0;
  group.persisted(record, k_now);
  EXPECT_TRUE(group.is(ClassicState::completing));
  record.generation = 1;
  group.persisted(record, k_now);
  EXPECT_TRUE(group.is(ClassicState::stable));
  EXPECT_EQ(group.member("a")->assignment, test::bytes_of("part"));
}

}  // namespace
}  // namespace moldau::group
