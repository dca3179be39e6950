#pragma once
#include <map>
#include <string>
#include <vector>

#include "cli/reassignment_plan.h"
#include "protocol/api/describe_configs.h"
#include "protocol/api/describe_topic_partitions.h"

namespace moldau::cli {

// A topic as the brokers describe it, with its settings and what is being reassigned.
struct TopicDescription {
  protocol::DescribeTopicPartitionsResponse::DescribeTopicPartitionsResponseTopic topic;
  std::vector<protocol::DescribeConfigsResponse::DescribeConfigsResourceResult> configs;
  std::map<PartitionIndex, Reassigning> reassignments;
};

// Which lines kafka-topics --describe prints: those that any of the filters leaves. With none set:
// all.
struct TopicFilter {
  bool overrides = false;
  bool under_replicated = false;
  bool unavailable = false;
  bool under_min_isr = false;
  bool at_min_isr = false;
  [[nodiscard]] bool only_partitions() const {
    return under_replicated || unavailable || under_min_isr || at_min_isr;
  }
  bool elr_known = true;  // false: asked by id, where Kafka's tool prints N/A
};

[[nodiscard]] std::string topics_as_text(const std::vector<TopicDescription>& topics,
                                         const TopicFilter& filter);
[[nodiscard]] std::string topics_as_json(const std::vector<TopicDescription>& topics);
[[nodiscard]] std::string names_as_lines(const std::vector<std::string>& names);
[[nodiscard]] std::string names_as_json(const std::vector<std::string>& names);

}  // namespace moldau::cli
