#pragma once
#include "cli/tool.h"

namespace moldau::cli {

// `moldau topics`, kafka-topics.sh: creates, lists, describes, alters and deletes topics.
// Source: org.apache.kafka.tools.TopicCommand.
[[nodiscard]] env::Task<int> run_topics(ToolContext& context);

}  // namespace moldau::cli
