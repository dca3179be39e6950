#pragma once
#include "cli/tool.h"

namespace moldau::cli {

// kafka-verifiable-producer.sh: sends 0, 1, 2, ... and tells what arrived as lines of JSON.
// Source: org.apache.kafka.tools.VerifiableProducer.
[[nodiscard]] env::Task<int> run_verifiable_producer(ToolContext& context);

}  // namespace moldau::cli
