#pragma once
#include "cli/tool.h"

namespace moldau::cli {

[[nodiscard]] env::Task<int> run_reassign_partitions(ToolContext& context);

}  // namespace moldau::cli
