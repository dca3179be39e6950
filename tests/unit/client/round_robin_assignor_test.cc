#include "unit/client/kafkas_client_assignments.h"

namespace moldau::client {
namespace {

TEST(RoundRobinAssignor, GivesWhatKafkasGives) {
  EXPECT_EQ(test::compare_with_kafkas("roundrobin"), 96);
}

}  // namespace
}  // namespace moldau::client
