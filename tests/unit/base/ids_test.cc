#include "base/ids.h"

#include <gtest/gtest.h>

namespace moldau {
namespace {

TEST(Ids, FormatAsTheirNumberWithFmtCoreAlone) {
  EXPECT_EQ(fmt::format("{} {}", BrokerId{-1}, Offset{12}), "-1 12");
}

TEST(Offset, DifferenceIsACountAndACountMovesIt) {
  EXPECT_EQ(Offset{12} - Offset{5}, 7);
  EXPECT_EQ(Offset{5} + 7, Offset{12});
}

}  // namespace
}  // namespace moldau
