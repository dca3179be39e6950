#pragma once
#include "cli/tool.h"

namespace moldau::cli {

[[nodiscard]] env::Task<int> run_client_metrics(ToolContext& context);

}  // namespace moldau::cli
