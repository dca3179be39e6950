#pragma once
#include "cli/tool.h"

namespace moldau::cli {

// `moldau features`, kafka-features.sh: shows and changes feature levels.
// Source: org.apache.kafka.tools.FeatureCommand.
[[nodiscard]] env::Task<int> run_features(ToolContext& context);

}  // namespace moldau::cli
