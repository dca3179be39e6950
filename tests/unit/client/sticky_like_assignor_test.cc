#include "unit/client/kafkas_client_assignments.h"

namespace moldau::client {
namespace {

TEST(StickyAssignor, GivesLikeMembersWhatKafkasGives) {
  EXPECT_GT(test::compare_with_kafkas("sticky", test::all_want_the_same), 60);
}

TEST(CooperativeStickyAssignor, GivesLikeMembersWhatKafkasGives) {
  EXPECT_GT(test::compare_with_kafkas("cooperative-sticky", test::all_want_the_same), 100);
}

}  // namespace
}  // namespace moldau::client
