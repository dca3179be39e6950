#include "controller/assignment.h"

#include <fmt/core.h>

#include <algorithm>

#include "controller/placement.h"
#include "metadata/snapshot.h"

namespace moldau::controller {

Result<void> Assignment::check_manual(const std::vector<BrokerId>& replicas,
                                      std::optional<std::size_t> replication_factor) const {
  constexpr Errc k_invalid = Errc::invalid_replica_assignment;
  if (replicas.empty()) {
    return fail(k_invalid, "The manual partition assignment includes an empty replica list.");
  }
  std::vector<BrokerId> sorted = replicas;
  std::ranges::sort(sorted);
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    const BrokerRegistration* broker = view_.broker(sorted[i]);
    if (broker == nullptr) {
      return fail(k_invalid,
                  "The manual partition assignment includes broker {}, but no such broker is "
                  "registered.",
                  sorted[i]);
    }
    if (!has_uncordoned_dir(*broker)) {
      return fail(k_invalid,
                  "The manual partition assignment includes broker {}, but all its log "
                  "directories are cordoned.",
                  sorted[i]);
    }
    if (i > 0 && sorted[i] == sorted[i - 1]) {
      return fail(k_invalid,
                  "The manual partition assignment includes the broker {} more than once.",
                  sorted[i]);
    }
  }
  if (replication_factor && replicas.size() != *replication_factor) {
    return fail(k_invalid,
                "The manual partition assignment includes a partition with {} replica(s), but "
                "this is not consistent with previous partitions, which have {} replica(s).",
                replicas.size(), *replication_factor);
  }
  return {};
}

Result<std::vector<std::vector<BrokerId>>> Assignment::place(int partitions, int replication_factor,
                                                             Rng& rng) const {
  std::vector<UsableBroker> usable;
  for (const auto& [id, broker] : view_.image().cluster.brokers) {
    const bool leaving = broker->in_controlled_shutdown && !broker->fenced;
    if (leaving || !has_uncordoned_dir(*broker)) continue;
    usable.push_back({.id = id, .rack = broker->rack, .fenced = broker->fenced});
  }
  return place_replicas(usable, partitions, replication_factor, rng);
}

std::optional<MetadataRecord> Assignment::partition(const Uuid& topic_id, PartitionIndex index,
                                                    const std::vector<BrokerId>& replicas) const {
  Partition partition{.index = index, .replicas = replicas};
  for (const BrokerId id : replicas) {
    partition.directories.push_back(view_.default_directory(id));
    if (view_.is_active(id)) partition.isr.push_back(id);
  }
  if (partition.isr.empty()) return std::nullopt;
  partition.leader = partition.isr.front();
  return MetadataRecord{metadata::partition_record(topic_id, partition, view_.image().features),
                        view_.version().partition_record()};
}

}  // namespace moldau::controller
