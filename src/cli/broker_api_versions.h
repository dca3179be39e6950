#pragma once
#include "cli/tool.h"
#include "client/cluster.h"

namespace moldau::cli {

// `moldau broker-api-versions`, kafka-broker-api-versions.sh: what each broker understands.
// Source: org.apache.kafka.tools.BrokerApiVersionsCommand.
[[nodiscard]] env::Task<int> run_broker_api_versions(ToolContext& context);
// The same for `cluster api-versions`.
[[nodiscard]] env::Task<Result<void>> print_api_versions(ToolContext& context,
                                                         client::Cluster& cluster, bool as_json);

}  // namespace moldau::cli
