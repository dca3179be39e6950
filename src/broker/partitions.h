#pragma once
#include <absl/container/flat_hash_map.h>

#include <memory>
#include <vector>

#include "broker/partition.h"
#include "broker/topic_partition.h"

namespace moldau::broker {

// The replicas that live on one shard.
// Context: the shard. Handlers hold what find() gives across their awaits; after each they look at
//          check_leader() again.
class Partitions {
 public:
  // nullptr: not here.
  [[nodiscard]] std::shared_ptr<Partition> find(const TopicIdPartition& id) const {
    const auto at = here_.find(id);
    return at == here_.end() ? nullptr : at->second;
  }
  // REQUIRES: not there yet.
  void add(std::shared_ptr<Partition> partition);
  // It is no longer found; whoever holds it may finish. nullptr: it was not there.
  [[nodiscard]] std::shared_ptr<Partition> take(const TopicIdPartition& id);
  // By id, so that what is made of them does not depend on hashing.
  [[nodiscard]] std::vector<std::shared_ptr<Partition>> all() const;
  [[nodiscard]] std::size_t count() const { return here_.size(); }

 private:
  absl::flat_hash_map<TopicIdPartition, std::shared_ptr<Partition>> here_;
};

}  // namespace moldau::broker
