#pragma once
#include "cli/tool.h"

namespace moldau::cli {

// `moldau cluster`, kafka-cluster.sh: the id and the endpoints of a cluster.
// Source: org.apache.kafka.tools.ClusterTool.
[[nodiscard]] env::Task<int> run_cluster(ToolContext& context);

}  // namespace moldau::cli
