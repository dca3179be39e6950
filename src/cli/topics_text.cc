#include "cli/topics_text.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "cli/joined.h"
#include "protojson/json_text.h"

namespace moldau::cli {
namespace {

using Partition =
    protocol::DescribeTopicPartitionsResponse::DescribeTopicPartitionsResponsePartition;
using Config = protocol::DescribeConfigsResponse::DescribeConfigsResourceResult;

constexpr std::int8_t k_default_config = 5;

bool is_override(const Config& config) { return config.config_source != k_default_config; }

std::size_t min_insync_replicas(const TopicDescription& description) {
  for (const Config& config : description.configs) {
    if (config.name == "min.insync.replicas" && config.value) {
      return static_cast<std::size_t>(std::strtoull(config.value->c_str(), nullptr, 10));
    }
  }
  return 1;
}

// The overrides in the order of the answer, as Kafka's tool prints them.
std::string overrides_of(const TopicDescription& description) {
  std::string text;
  for (const Config& config : description.configs) {
    if (!is_override(config)) continue;
    if (!text.empty()) text += ',';
    text += config.name + "=" + config.value.value_or("null");
  }
  return text;
}

const Reassigning* reassigning(const TopicDescription& description, const Partition& partition) {
  const auto found = description.reassignments.find(partition.partition_index);
  return found == description.reassignments.end() ? nullptr : &found->second;
}

// How many replicas a partition is to have: those that it only gets now do not count. A
// reassignment of which the partition shows nothing was over before it was looked at.
std::size_t replication_factor(const Partition& partition, const Reassigning* moving) {
  const auto& has = partition.replica_nodes;
  const auto is_here = [&](BrokerId broker) { return std::ranges::count(has, broker) > 0; };
  if (moving == nullptr || (std::ranges::none_of(moving->adding, is_here) &&
                            std::ranges::none_of(moving->removing, is_here))) {
    return has.size();
  }
  return moving->replicas.size() - std::min(moving->adding.size(), moving->replicas.size());
}

bool shown(const Partition& partition, const TopicDescription& description,
           const TopicFilter& filter) {
  const std::size_t least = min_insync_replicas(description);
  const std::size_t in_sync = partition.isr_nodes.size();
  const bool leaderless = partition.leader_id == k_no_broker;
  if (!filter.only_partitions()) return !filter.overrides;
  return (filter.under_replicated &&
          in_sync < replication_factor(partition, reassigning(description, partition))) ||
         (filter.unavailable && leaderless) ||
         (filter.under_min_isr && (leaderless || in_sync < least)) ||
         (filter.at_min_isr && in_sync == least);
}

std::string elr_of(const std::optional<std::vector<BrokerId>>& brokers, bool known) {
  return known ? joined(brokers.value_or(std::vector<BrokerId>{}), ",") : "N/A";
}

std::string line_of(const std::string& topic, const Partition& p, const Reassigning* moving,
                    bool elr_known) {
  const std::string leader = p.leader_id == k_no_broker ? "none" : fmt::format("{}", p.leader_id);
  const std::string changes =
      moving == nullptr ? ""
                        : fmt::format("\tAdding Replicas: {}\tRemoving Replicas: {}",
                                      joined(moving->adding, ","), joined(moving->removing, ","));
  return fmt::format(
      "\tTopic: {}\tPartition: {}\tLeader: {}\tReplicas: {}\tIsr: {}{}\tElr: {}\tLastKnownElr: "
      "{}\n",
      topic, p.partition_index, leader, joined(p.replica_nodes, ","), joined(p.isr_nodes, ","),
      changes, elr_of(p.eligible_leader_replicas, elr_known), elr_of(p.last_known_elr, elr_known));
}

std::vector<std::int32_t> numbers(const std::vector<BrokerId>& brokers) {
  std::vector<std::int32_t> out;
  for (const BrokerId broker : brokers) out.push_back(broker.value());
  return out;
}

}  // namespace

std::string topics_as_text(const std::vector<TopicDescription>& topics, const TopicFilter& filter) {
  std::string text;
  for (const TopicDescription& description : topics) {
    const auto& topic = description.topic;
    const std::string overrides = overrides_of(description);
    if (filter.overrides && overrides.empty()) continue;
    if (!filter.only_partitions()) {
      const std::size_t factor =
          topic.partitions.empty()
              ? 0
              : replication_factor(topic.partitions.front(),
                                   reassigning(description, topic.partitions.front()));
      text += fmt::format(
          "Topic: {}\tTopicId: {}\tPartitionCount: {}\tReplicationFactor: {}\tConfigs: {}\n",
          topic.name.value_or(""), topic.topic_id, topic.partitions.size(), factor, overrides);
    }
    for (const Partition& partition : topic.partitions) {
      if (shown(partition, description, filter)) {
        text += line_of(topic.name.value_or(""), partition, reassigning(description, partition),
                        filter.elr_known);
      }
    }
  }
  return text;
}

std::string topics_as_json(const std::vector<TopicDescription>& topics) {
  nlohmann::ordered_json out = nlohmann::ordered_json::array();
  for (const TopicDescription& description : topics) {
    nlohmann::ordered_json configs = nlohmann::ordered_json::object();
    for (const Config& config : description.configs) {
      if (is_override(config)) configs[config.name] = config.value.value_or("");
    }
    nlohmann::ordered_json partitions = nlohmann::ordered_json::array();
    for (const Partition& p : description.topic.partitions) {
      partitions.push_back({{"partition", p.partition_index.value()},
                            {"leader", p.leader_id.value()},
                            {"leaderEpoch", p.leader_epoch.value()},
                            {"replicas", numbers(p.replica_nodes)},
                            {"isr", numbers(p.isr_nodes)}});
    }
    out.push_back({{"topic", description.topic.name.value_or("")},
                   {"topicId", description.topic.topic_id.to_string()},
                   {"configs", configs},
                   {"partitions", partitions}});
  }
  return protojson::json_lines(out) + "\n";
}

std::string names_as_lines(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += name + "\n";
  return text;
}

std::string names_as_json(const std::vector<std::string>& names) {
  return protojson::json_text(names) + "\n";
}

}  // namespace moldau::cli
