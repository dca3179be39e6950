#include "harness/topic_plans.h"

#include <fmt/format.h>

#include <utility>

namespace moldau::harness {

std::unique_ptr<TopicPlan> synced_topic(std::string name, std::uint64_t partitions) {
  auto plan = std::make_unique<TopicPlan>();
  plan->name = std::move(name);
  plan->synced = true;
  plan->configs.emplace_back("flush.messages", "1");
  for (std::uint64_t p = 0; p < partitions; ++p) {
    plan->partitions.push_back(
        std::make_unique<PartitionOracle>(fmt::format("{}-{}", plan->name, p), true));
  }
  return plan;
}

}  // namespace moldau::harness
