#pragma once
#include "cli/tool.h"

namespace moldau::cli {

// `moldau metadata-quorum`, kafka-metadata-quorum.sh: the state of the controllers' quorum.
// Source: org.apache.kafka.tools.MetadataQuorumCommand.
[[nodiscard]] env::Task<int> run_metadata_quorum(ToolContext& context);

}  // namespace moldau::cli
