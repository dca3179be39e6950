#pragma once
#include "cli/tool.h"

namespace moldau::cli {

// kafka-producer-perf-test.sh: how fast a producer sends, and how long its records take.
// Source: org.apache.kafka.tools.ProducerPerformance.
[[nodiscard]] env::Task<int> run_producer_perf_test(ToolContext& context);

}  // namespace moldau::cli
