#pragma once
#include <optional>
#include <vector>

#include "controller/leadership.h"
#include "controller/view.h"

namespace moldau::controller {

// Replicas for partitions that come into being. Source: ReplicationControlManager.
class Assignment {
 public:
  explicit Assignment(const View& view) : view_(view) {}

  // A list that a person made. Errors: invalid_replica_assignment. `replication_factor`: what the
  // other partitions of the topic have.
  [[nodiscard]] Result<void> check_manual(const std::vector<BrokerId>& replicas,
                                          std::optional<std::size_t> replication_factor) const;
  // Errors: invalid_replication_factor.
  [[nodiscard]] Result<std::vector<std::vector<BrokerId>>> place(int partitions,
                                                                 int replication_factor,
                                                                 Rng& rng) const;
  // nullopt: no replica is alive, so that nobody could lead.
  [[nodiscard]] std::optional<MetadataRecord> partition(
      const Uuid& topic_id, PartitionIndex index, const std::vector<BrokerId>& replicas) const;

 private:
  const View& view_;
};

}  // namespace moldau::controller
