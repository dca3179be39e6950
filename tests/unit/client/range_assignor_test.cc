#include "unit/client/kafkas_client_assignments.h"

namespace moldau::client {
namespace {

TEST(RangeAssignor, GivesWhatKafkasGives) {
  EXPECT_EQ(test::compare_with_kafkas("range", test::k_without_racks), 96);
}

TEST(RangeAssignor, GivesWhatKafkasGivesToMembersInRacks) {
  EXPECT_EQ(test::compare_with_kafkas("range", test::k_with_racks), 294);
}

}  // namespace
}  // namespace moldau::client
