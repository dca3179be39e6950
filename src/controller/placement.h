#pragma once
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/rng.h"

namespace moldau::controller {

struct UsableBroker {
  BrokerId id;
  std::optional<std::string> rack;
  bool fenced = false;
};

// Chooses replicas for new partitions: spread over racks, one broker after the other, the preferred
// leader always unfenced, fenced brokers last. Each partition starts one rack and one broker
// further. Errors: invalid_replication_factor with Kafka's sentence. Source: StripedReplicaPlacer.
[[nodiscard]] Result<std::vector<std::vector<BrokerId>>> place_replicas(
    std::span<const UsableBroker> brokers, int partitions, int replication_factor, Rng& rng);

}  // namespace moldau::controller
