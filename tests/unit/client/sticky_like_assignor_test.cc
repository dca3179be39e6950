#include "unit/client/kafkas_client_assignments.h"

namespace moldau::client {
namespace {

TEST(StickyAssignor, GivesLikeMembersWhatKafkasGives) {
  EXPECT_GT(test::compare_with_kafkas("sticky", test::k_without_racks, test::all_want_the_same),
            60);
}

TEST(CooperativeStickyAssignor, GivesLikeMembersWhatKafkasGives) {
  EXPECT_GT(test::compare_with_kafkas("cooperative-sticky", test::k_without_racks,
                                      test::all_want_the_same),
            100);
}

TEST(StickyAssignor, GivesLikeMembersInRacksWhatKafkasGives) {
  EXPECT_EQ(test::compare_with_kafkas("sticky", test::k_with_racks, test::all_want_the_same), 102);
}

TEST(CooperativeStickyAssignor, GivesLikeMembersInRacksWhatKafkasGives) {
  EXPECT_GT(
      test::compare_with_kafkas("cooperative-sticky", test::k_with_racks, test::all_want_the_same),
      60);
}

}  // namespace
}  // namespace moldau::client
