#pragma once
#include "cli/tool.h"

namespace moldau::cli {

[[nodiscard]] env::Task<int> run_log_dirs(ToolContext& context);

}  // namespace moldau::cli
