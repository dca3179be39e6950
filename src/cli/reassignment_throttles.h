#pragma once
#include <cstdint>
#include <vector>

#include "cli/reassignment_calls.h"
#include "cli/reassignment_plan.h"
#include "cli/tool.h"
#include "client/cluster.h"

// The limits that kafka-reassign-partitions puts on the copying that it begins, and takes away.
namespace moldau::cli {

struct ThrottleRates {  // bytes a second; below 0: none
  std::int64_t between_brokers = -1;
  std::int64_t between_directories = -1;
};
// Says what it sets. Without rates it does and says nothing.
[[nodiscard]] env::Task<Result<void>> set_throttles(Console& console, client::Cluster& cluster,
                                                    ThrottleRates rates, Throttled throttled,
                                                    LogDirs moves);
// Of all brokers, and of the topics of `placements`.
[[nodiscard]] env::Task<Result<void>> clear_throttles(Console& console, client::Cluster& cluster,
                                                      std::vector<Placement> placements,
                                                      bool controllers);

}  // namespace moldau::cli
