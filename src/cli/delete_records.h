#pragma once
#include "cli/tool.h"

namespace moldau::cli {

[[nodiscard]] env::Task<int> run_delete_records(ToolContext& context);

}  // namespace moldau::cli
