#include "unit/client/kafkas_client_assignments.h"

namespace moldau::client {
namespace {

bool want_different(const AssignmentQuestion& question) {
  return !test::all_want_the_same(question);
}

TEST(StickyAssignor, GivesMixedMembersWhatKafkasGives) {
  EXPECT_GT(test::compare_with_kafkas("sticky", test::k_without_racks, want_different), 100);
}

TEST(CooperativeStickyAssignor, GivesMixedMembersWhatKafkasGives) {
  EXPECT_GT(test::compare_with_kafkas("cooperative-sticky", test::k_without_racks, want_different),
            150);
}

TEST(StickyAssignor, GivesMixedMembersInRacksWhatKafkasGives) {
  EXPECT_EQ(test::compare_with_kafkas("sticky", test::k_with_racks, want_different), 150);
}

TEST(CooperativeStickyAssignor, GivesMixedMembersInRacksWhatKafkasGives) {
  EXPECT_GT(test::compare_with_kafkas("cooperative-sticky", test::k_with_racks, want_different),
            60);
}

}  // namespace
}  // namespace moldau::client
