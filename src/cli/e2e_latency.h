#pragma once
#include "cli/tool.h"

namespace moldau::cli {

// kafka-e2e-latency.sh: how long a record takes from a producer to a consumer.
// Source: org.apache.kafka.tools.EndToEndLatency.
[[nodiscard]] env::Task<int> run_e2e_latency(ToolContext& context);

}  // namespace moldau::cli
