#include "telemetry/counters.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace moldau::telemetry {
namespace {

TEST(Counters, SameNameIsTheSameCounter) {
  Counters counters;
  Counter& first = counters.named("frames_refused");
  counters.named("other").add();
  counters.named("frames_refused").add(2);
  EXPECT_EQ(first.value(), 2U);
}

TEST(Counters, SnapshotIsSortedByName) {
  Counters counters;
  counters.named("b").add(1);
  counters.named("a").add(2);
  EXPECT_THAT(counters.snapshot(),
              testing::ElementsAre(CounterValue{"a", 2}, CounterValue{"b", 1}));
}

}  // namespace
}  // namespace moldau::telemetry
