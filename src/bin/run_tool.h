#pragma once
#include <string>
#include <vector>

#include "cli/tool.h"

namespace moldau::bin {

// Runs a tool on the real world, on one shard and no further thread. Its exit code.
[[nodiscard]] int run_tool(const cli::Tool& tool, std::string called_as,
                           std::vector<std::string> words);

}  // namespace moldau::bin
