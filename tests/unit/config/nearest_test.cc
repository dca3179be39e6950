#include "config/nearest.h"

#include <gtest/gtest.h>

#include <array>

namespace moldau::config {
namespace {

constexpr auto k_names = std::to_array<std::string_view>({"uniform", "range", "org.x.RangeThing"});

TEST(NearestOf, CapitalLettersAreNotMinded) {
  EXPECT_EQ(nearest_of(k_names, "unifrom"), "uniform");
  EXPECT_EQ(nearest_of(k_names, "RANGE"), "range");
  EXPECT_EQ(nearest_of(k_names, "org.x.rangething"), "org.x.RangeThing");
}

TEST(NearestOf, NothingIsNearWhatIsFarEmptyOrHuge) {
  EXPECT_EQ(nearest_of(k_names, "sticky"), "");
  EXPECT_EQ(nearest_of(k_names, ""), "");
  EXPECT_EQ(nearest_of(k_names, std::string(1000, 'r')), "");
}

}  // namespace
}  // namespace moldau::config
