#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "bytes/shared_bytes.h"
#include "metadata/image.h"

// The hash by which a consumer group notices that its topics changed. It is persisted, so it is
// Kafka's to the bit. Source: Utils.computeTopicHash, computeGroupHash; XXH3 64 without a seed.
namespace moldau::group {

[[nodiscard]] std::uint64_t xxh3_64(Bytes bytes);

// Over id, name, partitions and the racks of their replicas.
[[nodiscard]] std::int64_t topic_hash(const metadata::Topic& topic,
                                      const metadata::Cluster& cluster);
// Over the hashes of the topics in the order of their names; 0 without topics.
[[nodiscard]] std::int64_t group_hash(const std::map<std::string, std::int64_t>& topics);

}  // namespace moldau::group
