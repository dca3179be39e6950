#include "base/check.h"

#include <gtest/gtest.h>

namespace moldau {
namespace {

TEST(CheckDeathTest, BrokenInvariantPrintsItsValuesAndAborts) {
  const int got = 3;
  EXPECT_DEATH(CHECK_OP(got, <=, 2), "got <= 2.*3 vs 2");
  EXPECT_DEATH(CHECK(got == 2), "got == 2");
}

}  // namespace
}  // namespace moldau
