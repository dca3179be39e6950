#pragma once
#include <cstdint>
#include <memory>
#include <string>

#include "harness/cluster_run.h"

namespace moldau::harness {

// A topic whose acknowledgements wait for the disk (flush.messages=1).
[[nodiscard]] std::unique_ptr<TopicPlan> synced_topic(std::string name, std::uint64_t partitions);

}  // namespace moldau::harness
