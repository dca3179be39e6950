#pragma once
#include "cli/tool.h"

namespace moldau::cli {

// `moldau dump-log`, kafka-dump-log.sh: prints what is in the files of a log.
// Source: org.apache.kafka.tools.DumpLogSegments.
[[nodiscard]] env::Task<int> run_dump_log(ToolContext& context);

}  // namespace moldau::cli
