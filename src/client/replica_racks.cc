#include "client/replica_racks.h"

#include <algorithm>
#include <utility>

namespace moldau::client {
namespace {

// Each rack here is there too, or its broker is away there.
bool found_in(const ReplicaRacks& here, const ReplicaRacks& there) {
  return std::ranges::all_of(here.racks, [&](const auto& one) {
    const auto& [broker, rack] = one;
    return there.away.contains(broker) || std::ranges::any_of(there.racks, [&](const auto& other) {
             return other.second == rack;
           });
  });
}

bool same(const ReplicaRacks& a, const ReplicaRacks& b) { return found_in(a, b) && found_in(b, a); }

}  // namespace

PartitionRacks racks_of(const TopicReplicas& topics) {
  PartitionRacks out;
  for (const auto& [topic, partitions] : topics) {
    std::vector<Racks>& racks = out[topic];
    for (const ReplicaRacks& partition : partitions) {
      Racks& here = racks.emplace_back();
      for (const auto& [broker, rack] : partition.racks) here.insert(rack);
    }
  }
  return out;
}

bool same_racks(const TopicReplicas& before, const TopicReplicas& after) {
  return std::ranges::equal(before, after, [](const auto& a, const auto& b) {
    return a.first == b.first && std::ranges::equal(a.second, b.second, same);
  });
}

}  // namespace moldau::client
