#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cli/reassignment_plan.h"
#include "client/cluster.h"

// What kafka-reassign-partitions asks of a cluster. Errors: those of client::Cluster, and what a
// broker refused.
namespace moldau::cli {

struct KnownBroker {
  BrokerId id;
  std::optional<std::string> rack;
};
// Sorted by id. Of a cluster that is known by its controllers: those.
[[nodiscard]] env::Task<Result<std::vector<KnownBroker>>> nodes_of(client::Cluster& cluster,
                                                                   bool controllers);

// nullopt: of all partitions.
[[nodiscard]] env::Task<Result<Ongoing>> ongoing_in(
    client::Cluster& cluster, std::optional<std::vector<client::TopicPartition>> partitions);

// The replicas of every partition of these topics; a topic that is not there is left out.
[[nodiscard]] env::Task<Result<Assignments>> assignments_of(client::Cluster& cluster,
                                                            std::vector<std::string> topics);
// The same, when each must be there.
[[nodiscard]] env::Task<Result<Assignments>> assignments_of_all(client::Cluster& cluster,
                                                                std::vector<std::string> topics);

// Where these replicas lie.
[[nodiscard]] env::Task<Result<std::map<ReplicaName, Lying>>> lying_in(
    client::Cluster& cluster, std::vector<ReplicaName> replicas);

// Asks for new replicas, or, where a partition has none, for the end of its reassignment. What was
// refused, with why.
using Refusals = std::map<client::TopicPartition, Error>;
[[nodiscard]] env::Task<Result<Refusals>> reassign(
    client::Cluster& cluster, std::map<client::TopicPartition, std::optional<Replicas>> wanted,
    bool may_change_factor);

// Asks brokers to move replicas to other directories. Those that began; the others' broker has not
// got them yet.
[[nodiscard]] env::Task<Result<std::vector<ReplicaName>>> move_log_dirs(client::Cluster& cluster,
                                                                        LogDirs wanted);

// Sets keys of a topic or broker; nullopt takes the key away. A broker is asked itself unless only
// controllers are known.
struct ConfigTarget {
  bool is_topic = false;
  std::string name;
  std::vector<std::pair<std::string, std::optional<std::string>>> values;
};
[[nodiscard]] env::Task<Result<void>> set_configs(client::Cluster& cluster,
                                                  std::vector<ConfigTarget> targets,
                                                  bool controllers);

}  // namespace moldau::cli
