#pragma once
#include <utility>

#include "base/ids.h"
#include "base/uuid.h"

namespace moldau::broker {

// A partition for good: a topic that is deleted and made again has another id.
struct TopicIdPartition {
  Uuid topic_id;
  PartitionIndex partition{0};
  friend constexpr auto operator<=>(const TopicIdPartition&, const TopicIdPartition&) = default;
  template <class H>
  friend H AbslHashValue(H state, const TopicIdPartition& id) {
    return H::combine(std::move(state), id.topic_id, id.partition);
  }
};

// The shard that a partition lives on: the partitions of one topic go round the shards, topics
// begin at different ones. Stable: the same in every run of a node with as many shards.
[[nodiscard]] constexpr ShardId owner_of(const TopicIdPartition& id, std::int32_t shards) {
  const std::uint64_t mixed = (id.topic_id.high() ^ id.topic_id.low()) * 0x9e3779b97f4a7c15U;
  const std::uint64_t place =
      (mixed >> 32U) + static_cast<std::uint64_t>(static_cast<std::uint32_t>(id.partition.value()));
  return ShardId{static_cast<std::int32_t>(place % static_cast<std::uint64_t>(shards))};
}

}  // namespace moldau::broker
