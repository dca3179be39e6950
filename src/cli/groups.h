#pragma once
#include "cli/tool.h"

namespace moldau::cli {

// kafka-groups.sh: lists groups of all types. Source: org.apache.kafka.tools.GroupsCommand.
[[nodiscard]] env::Task<int> run_groups(ToolContext& context);

}  // namespace moldau::cli
