#include "unit/group/kafkas_assignments.h"

namespace moldau::group {
namespace {

constexpr Uuid k_orders{1, 1};

TEST(RangeAssignor, GivesWhatKafkasGives) {
  EXPECT_EQ(
      test::compare_with_kafka([](const auto& k) { return k.assignor == "range"; }, assign_ranges),
      80);
}

TEST(RangeAssignor, StaticMembersComeFirstByTheirInstanceIds) {
  const AssignmentQuestion question{
      .members = {{.id = "a", .topics = {k_orders}},
                  {.id = "z", .instance_id = "1", .topics = {k_orders}}},
      .partition_counts = {{k_orders, 3}}};
  const auto assignment = assign_ranges(question);
  EXPECT_EQ(assignment.at("z").at(k_orders).size(), 2U);
  EXPECT_EQ(assignment.at("a").at(k_orders), std::set{PartitionIndex{2}});
}

}  // namespace
}  // namespace moldau::group
