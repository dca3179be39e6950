#pragma once
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/ids.h"

// In which racks the replicas of partitions are (KIP-881), so that a member may get partitions that
// it can read nearby.
namespace moldau::client {

// Of one partition.
struct ReplicaRacks {
  std::map<BrokerId, std::string> racks;  // of brokers that are there and have a rack
  // Not among the brokers of the newest metadata: these may have any rack.
  std::set<BrokerId> away;
};
using TopicReplicas = std::map<std::string, std::vector<ReplicaRacks>>;  // by partition index

using Racks = std::set<std::string>;
using PartitionRacks = std::map<std::string, std::vector<Racks>>;  // by partition index
[[nodiscard]] PartitionRacks racks_of(const TopicReplicas& topics);

// Whether members would be given the same partitions. A rack is gone, or new, only when it is not
// that its broker is away: a broker that starts anew must not make a group rebalance.
// Source: ConsumerCoordinator.MetadataSnapshot, PartitionRackInfo.
[[nodiscard]] bool same_racks(const TopicReplicas& before, const TopicReplicas& after);

}  // namespace moldau::client
