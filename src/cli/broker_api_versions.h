#pragma once
#include "cli/tool.h"

namespace moldau::cli {

// `moldau broker-api-versions`, kafka-broker-api-versions.sh: what each broker understands.
// Source: org.apache.kafka.tools.BrokerApiVersionsCommand.
[[nodiscard]] env::Task<int> run_broker_api_versions(ToolContext& context);

}  // namespace moldau::cli
