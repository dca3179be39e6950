#include "unit/client/kafkas_client_assignments.h"

namespace moldau::client {
namespace {

TEST(RoundRobinAssignor, GivesWhatKafkasGives) {
  EXPECT_EQ(test::compare_with_kafkas("roundrobin", test::k_without_racks), 96);
}

TEST(RoundRobinAssignor, LooksAtNoRacksAsKafkasDoesNot) {
  EXPECT_EQ(test::compare_with_kafkas("roundrobin", test::k_with_racks), 42);
}

}  // namespace
}  // namespace moldau::client
