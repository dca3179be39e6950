#pragma once
#include "cli/tool.h"

namespace moldau::cli {

// `moldau console-consumer`, kafka-console-consumer.sh: prints the records of topics. Partitions
// are assigned by the tool itself; it joins no group. Source:
// org.apache.kafka.tools.consumer.ConsoleConsumer.
[[nodiscard]] env::Task<int> run_console_consumer(ToolContext& context);

}  // namespace moldau::cli
