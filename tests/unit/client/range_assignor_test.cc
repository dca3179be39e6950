#include "unit/client/kafkas_client_assignments.h"

namespace moldau::client {
namespace {

TEST(RangeAssignor, GivesWhatKafkasGives) { EXPECT_EQ(test::compare_with_kafkas("range"), 96); }

}  // namespace
}  // namespace moldau::client
