#pragma once
#include "cli/tool.h"

namespace moldau::cli {

// `moldau console-producer`, kafka-console-producer.sh: sends lines of standard input as records.
// Source: org.apache.kafka.tools.ConsoleProducer, LineMessageReader.
[[nodiscard]] env::Task<int> run_console_producer(ToolContext& context);

}  // namespace moldau::cli
