#include "sim/fault_plan.h"

#include <gtest/gtest.h>

namespace moldau::sim {
namespace {

TEST(FaultPlan, ARuleSkipsThenHitsThenPasses) {
  FaultPlan plan;
  Rng rng(1);
  plan.add({.op = DiskOp::sync, .path_part = ".log", .skip = 1, .times = 2});
  const auto fault = [&](DiskOp op, const std::string& path) {
    return plan.judge(op, path, rng).fault;
  };
  EXPECT_EQ(fault(DiskOp::sync, "a/0.log"), DiskFault::none);
  EXPECT_EQ(fault(DiskOp::write, "a/0.log"), DiskFault::none);
  EXPECT_EQ(fault(DiskOp::sync, "a/0.index"), DiskFault::none);
  EXPECT_EQ(fault(DiskOp::sync, "a/0.log"), DiskFault::io_failure);
  EXPECT_EQ(fault(DiskOp::sync, "a/0.log"), DiskFault::io_failure);
  EXPECT_EQ(fault(DiskOp::sync, "a/0.log"), DiskFault::none);
}

TEST(FaultPlan, ChancesHitAboutAsOftenAsSaidAndNeverAfterClear) {
  FaultPlan plan;
  Rng rng(2);
  plan.set_failure_one_in(10);
  int failed = 0;
  for (int i = 0; i < 1000; ++i) {
    failed += plan.judge(DiskOp::write, "x", rng).fault == DiskFault::none ? 0 : 1;
  }
  EXPECT_GT(failed, 60);
  EXPECT_LT(failed, 150);
  plan.clear();
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(plan.judge(DiskOp::write, "x", rng).fault, DiskFault::none);
  }
}

TEST(FaultPlan, StallsStayBelowTheirBound) {
  FaultPlan plan;
  Rng rng(3);
  plan.set_stall_one_in(1, std::chrono::milliseconds(5));
  for (int i = 0; i < 100; ++i) {
    EXPECT_LT(plan.judge(DiskOp::sync, "x", rng).stall, std::chrono::milliseconds(5));
  }
}

}  // namespace
}  // namespace moldau::sim
