#pragma once
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "cli/options.h"
#include "cli/reset_plan.h"
#include "cli/tool.h"
#include "client/cluster.h"
#include "client/group_offsets.h"
#include "env/task.h"

namespace moldau::cli {

// The action --reset-offsets of consumer-groups.
// Source: ConsumerGroupCommand, GroupOffsetsResetter.

// Of each group what was planned, and with --execute done. Says on the way what a person must know.
// Errors: invalid_request for what is wrong with the command line; else the text is what Kafka's
// tool says.
[[nodiscard]] env::Task<Result<ResetPlan>> reset_offsets(ToolContext& context,
                                                         client::Cluster& cluster, Given given,
                                                         std::vector<std::string> group_ids);
[[nodiscard]] std::string new_offsets_text(const ResetPlan& plan,
                                           const std::vector<std::string>& group_ids);

// "topic" and "topic:0,1" of --topic. Errors: invalid_request.
struct NamedTopics {
  std::set<client::TopicPartition> partitions;
  std::vector<std::string> whole;  // topics without partitions
};
[[nodiscard]] Result<NamedTopics> read_topics(const std::vector<std::string>& words);

}  // namespace moldau::cli
