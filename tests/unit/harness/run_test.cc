#include "harness/run.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace moldau::harness {
namespace {

TEST(Run, ScenariosAreSortedAndFoundByName) {
  EXPECT_TRUE(std::ranges::is_sorted(scenarios(), {}, &Scenario::name));
  ASSERT_NE(find_scenario("log"), nullptr);
  EXPECT_EQ(find_scenario("no-such-scenario"), nullptr);
}

TEST(Run, TheResultLineIsTheContract) {
  EXPECT_EQ(result_line(7, {.passed = true, .failure = {}, .events = 12, .hash = 0xabc}),
            "seed 7: PASS events=12 hash=0000000000000abc");
  EXPECT_EQ(result_line(8, {.passed = false, .failure = "x", .events = 1, .hash = 2}),
            "seed 8: FAIL events=1 hash=0000000000000002");
}

}  // namespace
}  // namespace moldau::harness
