#include "client/sticky_assignor.h"

#include "unit/client/kafkas_client_assignments.h"

namespace moldau::client {
namespace {

const TopicPartition k_first{"t", PartitionIndex{0}};
const TopicPartition k_second{"t", PartitionIndex{1}};

MemberSubscription member(std::string id, std::vector<TopicPartition> owned, int generation) {
  return {.id = std::move(id),
          .topics = {"t"},
          .owned = std::move(owned),
          .generation = GenerationId{generation}};
}

TEST(StickyAssignor, RemembersInItsUserDataWhatItGot) {
  StickyAssignor one;
  EXPECT_FALSE(one.user_data());
  one.on_assignment({k_first, k_second}, GenerationId{7});
  EXPECT_EQ(*one.user_data(), test::parse_hex("00000001000174000000020000000000000001"
                                              "00000007"));
  MemberSubscription told = member("a", {}, 7);
  told.user_data = one.user_data();
  const MemberAssignments got = one.assign({{member("b", {}, 7), told}, {{"t", 2}, {"gone", 0}}});
  EXPECT_EQ(got.at("a"), std::vector{k_first});
  EXPECT_EQ(got.at("b"), std::vector{k_second});
}

TEST(StickyAssignor, UserDataThatCannotBeReadCountsAsNothing) {
  MemberSubscription odd = member("a", {}, 7);
  for (const char* const hex : {"ff", "00000001000a74", "7fffffff", "00000001ffff"}) {
    odd.user_data = test::parse_hex(hex);
    StickyAssignor one;
    EXPECT_EQ(one.assign({{odd}, {{"t", 2}}}).at("a"), (std::vector{k_first, k_second})) << hex;
  }
}

TEST(CooperativeStickyAssignor, PartitionsThatTheTopicHasNoLongerAreNobodys) {
  const std::vector<TopicPartition> gone{{"t", PartitionIndex{98}}, {"t", PartitionIndex{99}}};
  CooperativeStickyAssignor one;
  const MemberAssignments alone = one.assign({{member("a", gone, 3)}, {{"t", 2}}});
  EXPECT_EQ(alone.at("a"), (std::vector{k_first, k_second}));
  MemberSubscription more = member("a", gone, 3);
  more.topics = {"t", "u"};
  const MemberAssignments mixed = one.assign({{more, member("b", {}, 3)}, {{"t", 2}, {"u", 1}}});
  EXPECT_EQ(mixed.at("a").size() + mixed.at("b").size(), 3U) << "all that are there, once";
}

TEST(CooperativeStickyAssignor, PartitionThatChangesHandsIsFirstNobodys) {
  CooperativeStickyAssignor one;
  const MemberAssignments first =
      one.assign({{member("a", {k_first, k_second}, 3), member("b", {}, -1)}, {{"t", 2}}});
  EXPECT_EQ(first.at("a"), std::vector{k_first});
  EXPECT_TRUE(first.at("b").empty());
  const MemberAssignments second =
      one.assign({{member("a", {k_first}, 4), member("b", {}, 4)}, {{"t", 2}}});
  EXPECT_EQ(second.at("b"), std::vector{k_second});
}

TEST(CooperativeStickyAssignor, PartitionThatTwoClaimInOneGenerationIsTakenFromBoth) {
  CooperativeStickyAssignor one;
  const MemberAssignments got =
      one.assign({{member("a", {k_first}, 3), member("b", {k_first}, 3)}, {{"t", 2}}});
  EXPECT_EQ(got.at("a").size() + got.at("b").size(), 1U);  // the other goes in the next round
}

}  // namespace
}  // namespace moldau::client
