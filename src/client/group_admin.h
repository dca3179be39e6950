#pragma once
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "client/cluster.h"
#include "client/record.h"
#include "env/task.h"

// Groups as an administrator sees them. What may pass is tried again until the API timeout.
// Context: one shard; the cluster outlives the task.
namespace moldau::client {

struct ListedGroup {
  std::string group_id;
  std::string type;      // "Classic", "Consumer", "Share", ...; empty from a broker before 3.8
  std::string protocol;  // "consumer", "connect", "share", ...
  std::string state;     // "Stable", ...; empty from a broker before 2.6
};
// Of all brokers, in their order; empty filters take all. Errors: of the first broker that fails.
struct GroupFilter {
  std::vector<std::string> states;
  std::vector<std::string> types;
};
[[nodiscard]] env::Task<Result<std::vector<ListedGroup>>> list_groups(Cluster& cluster,
                                                                      GroupFilter filter);

struct DescribedMember {
  std::string member_id;
  std::optional<std::string> instance_id;
  std::string client_id;
  std::string host;
  std::set<TopicPartition> assigned;
  std::optional<std::set<TopicPartition>> target;  // consumer groups
  std::optional<std::int32_t> epoch;               // consumer groups
  std::optional<bool> upgraded;                    // it speaks the consumer protocol
};
struct DescribedGroup {
  std::string group_id;
  std::string state;
  std::string assignor;
  BrokerId coordinator = k_no_broker;
  env::Endpoint coordinator_at;
  std::optional<std::int32_t> group_epoch;       // consumer groups
  std::optional<std::int32_t> assignment_epoch;  // consumer groups
  std::vector<DescribedMember> members;
};
// A consumer group of either protocol. Errors: group_id_not_found, and what the coordinator
// refuses; invalid_request for a group that consumers do not use.
[[nodiscard]] env::Task<Result<DescribedGroup>> describe_consumer_group(Cluster& cluster,
                                                                        std::string group_id);

// Errors: group_id_not_found, non_empty_group, ...
[[nodiscard]] env::Task<Result<void>> delete_group(Cluster& cluster, std::string group_id);

// Makes these leave a classic group. Errors: the first of a member.
[[nodiscard]] env::Task<Result<void>> remove_members(Cluster& cluster, std::string group_id,
                                                     std::vector<DescribedMember> members);

// What became of each partition. Errors: of the group as a whole.
[[nodiscard]] env::Task<Result<std::map<TopicPartition, Errc>>> delete_offsets(
    Cluster& cluster, std::string group_id, std::set<TopicPartition> partitions);

}  // namespace moldau::client
