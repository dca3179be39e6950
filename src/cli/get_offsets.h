#pragma once
#include "cli/tool.h"

namespace moldau::cli {

// `moldau get-offsets`, kafka-get-offsets.sh: where partitions begin, end, or reach a time.
// Source: org.apache.kafka.tools.GetOffsetShell.
[[nodiscard]] env::Task<int> run_get_offsets(ToolContext& context);

}  // namespace moldau::cli
