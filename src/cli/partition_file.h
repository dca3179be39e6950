#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cli/tool.h"
#include "client/record.h"
#include "env/task.h"

// The JSON files that tools take to name partitions. What is wrong in one is said in Kafka's words.
// Errors of every read_...: invalid_request. Context: pure, but for read_text_file.
namespace moldau::cli {

// Errors: invalid_request when the file is not there.
[[nodiscard]] env::Task<Result<std::string>> read_text_file(ToolContext& context, std::string path);

// {"partitions":[{"topic":"t","partition":0,"offset":5}],"version":1}, in the file's order.
struct PartitionEnd {
  client::TopicPartition partition;
  Offset end;
};
[[nodiscard]] Result<std::vector<PartitionEnd>> read_offsets_json(std::string_view text);

// {"partitions":[{"topic":"t","partition":0}]}
[[nodiscard]] Result<std::vector<client::TopicPartition>> read_election_json(std::string_view text);

// {"version":1,"partitions":[{"topic":"t","partition":0,"replicas":[1],"log_dirs":["any"]}]}
struct Placement {
  client::TopicPartition partition;
  std::vector<BrokerId> replicas;
  std::vector<std::string> log_dirs;  // of the replicas; "any": wherever it lies
};
inline constexpr std::string_view k_any_log_dir = "any";
[[nodiscard]] Result<std::vector<Placement>> read_reassignment_json(std::string_view text);

// {"version":1,"topics":[{"topic":"t"}]}
[[nodiscard]] Result<std::vector<std::string>> read_topics_json(std::string_view text);

// What comes more than once in a list, each once, in the order of a java.util.HashSet.
[[nodiscard]] std::vector<client::TopicPartition> repeated_in(
    const std::vector<client::TopicPartition>& all);

// As a java.util.HashMap gives its keys: tools that print such a map print in its order.
[[nodiscard]] std::vector<client::TopicPartition> in_hash_order(
    std::vector<client::TopicPartition> all);
[[nodiscard]] std::vector<std::string> in_hash_order(std::vector<std::string> all);

}  // namespace moldau::cli
