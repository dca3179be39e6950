#include "group/assignor.h"

#include <gtest/gtest.h>

namespace moldau::group {
namespace {

TEST(Assignor, IsKnownByKafkasName) {
  EXPECT_EQ(assignor_of("uniform"), AssignorName::uniform);
  EXPECT_EQ(assignor_of("range"), AssignorName::range);
  EXPECT_EQ(assignor_of("Range"), std::nullopt);
  EXPECT_EQ(name_of(AssignorName::range), "range");
}

TEST(Assignor, WithoutMembersAssignsNothing) {
  EXPECT_TRUE(assign(AssignorName::range, {}).empty());
  EXPECT_TRUE(assign(AssignorName::uniform, {}).empty());
}

}  // namespace
}  // namespace moldau::group
