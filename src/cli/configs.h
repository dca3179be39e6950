#pragma once
#include "cli/tool.h"

namespace moldau::cli {

// `moldau configs`, kafka-configs.sh: shows and changes settings of topics, brokers, groups and
// client metrics subscriptions.
// Source: kafka.admin.ConfigCommand.
[[nodiscard]] env::Task<int> run_configs(ToolContext& context);

}  // namespace moldau::cli
