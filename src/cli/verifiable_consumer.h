#pragma once
#include "cli/tool.h"

namespace moldau::cli {

// kafka-verifiable-consumer.sh: reads in a group and tells what happens as lines of JSON.
// Source: org.apache.kafka.tools.VerifiableConsumer.
[[nodiscard]] env::Task<int> run_verifiable_consumer(ToolContext& context);

}  // namespace moldau::cli
