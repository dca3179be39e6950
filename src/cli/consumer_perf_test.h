#pragma once
#include "cli/tool.h"

namespace moldau::cli {

// kafka-consumer-perf-test.sh: how fast a consumer reads.
// Source: org.apache.kafka.tools.ConsumerPerformance.
[[nodiscard]] env::Task<int> run_consumer_perf_test(ToolContext& context);

}  // namespace moldau::cli
