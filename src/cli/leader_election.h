#pragma once
#include "cli/tool.h"

namespace moldau::cli {

[[nodiscard]] env::Task<int> run_leader_election(ToolContext& context);

}  // namespace moldau::cli
