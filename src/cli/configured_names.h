#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "client/cluster.h"

namespace moldau::cli {

// Names of those of a kind that have settings of their own. `resource_type` is ConfigResource's.
// Errors: those of client::Cluster, and what a broker refused.
[[nodiscard]] env::Task<Result<std::vector<std::string>>> configured_names(
    client::Cluster& cluster, std::int8_t resource_type);

}  // namespace moldau::cli
