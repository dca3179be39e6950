#include "sim/fault_plan.h"

namespace moldau::sim {

void FaultPlan::set_stall_one_in(std::uint64_t n, Duration up_to) {
  stall_one_in_ = n;
  stall_up_to_ = up_to;
}

void FaultPlan::clear() {
  const std::uint64_t suffered = suffered_;
  *this = FaultPlan{};
  suffered_ = suffered;
}

DiskVerdict FaultPlan::judge(DiskOp op, const std::string& path, Rng& rng) {
  for (FaultRule& rule : rules_) {
    if (rule.op && *rule.op != op) continue;
    if (!path.contains(rule.path_part)) continue;
    if (rule.skip > 0) {
      --rule.skip;
      continue;
    }
    if (rule.times == 0) continue;
    --rule.times;
    if (rule.fault != DiskFault::none) ++suffered_;
    return {.fault = rule.fault, .stall = rule.stall};
  }
  if (op == DiskOp::open || op == DiskOp::list || op == DiskOp::lock) return {};
  DiskVerdict verdict;
  if (failure_one_in_ > 0 && rng.one_in(failure_one_in_)) {
    verdict.fault = DiskFault::io_failure;
    ++suffered_;
  }
  if (stall_one_in_ > 0 && stall_up_to_.count() > 0 && rng.one_in(stall_one_in_)) {
    verdict.stall = Duration{rng.below(static_cast<std::uint64_t>(stall_up_to_.count()))};
  }
  return verdict;
}

}  // namespace moldau::sim
