#include "unit/group/kafkas_assignments.h"

namespace moldau::group {
namespace {

TEST(UniformMixedAssignor, GivesWhatKafkasGivesToUnlikeMembers) {
  EXPECT_EQ(test::compare_with_kafka(
                [](const auto& k) { return k.assignor == "uniform" && !k.question.homogeneous; },
                assign_uniformly),
            80);
}

TEST(UniformMixedAssignor, WithoutTopicsNobodyGetsAnything) {
  EXPECT_TRUE(assign_uniformly_mixed({.members = {{.id = "a"}}, .homogeneous = false}).empty());
}

}  // namespace
}  // namespace moldau::group
