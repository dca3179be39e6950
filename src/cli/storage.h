#pragma once
#include "cli/tool.h"

namespace moldau::cli {

// `moldau storage`, kafka-storage.sh: formats the directories of a node and tells about them.
// Source: kafka.tools.StorageTool.
[[nodiscard]] env::Task<int> run_storage(ToolContext& context);

}  // namespace moldau::cli
