#pragma once
#include "cli/tool.h"

namespace moldau::cli {

// kafka-consumer-groups.sh: lists, describes and deletes consumer groups, and moves or deletes
// their offsets. Source: org.apache.kafka.tools.consumer.group.ConsumerGroupCommand.
[[nodiscard]] env::Task<int> run_consumer_groups(ToolContext& context);

}  // namespace moldau::cli
