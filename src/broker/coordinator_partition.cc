#include "broker/coordinator_partition.h"

#include <cstdlib>

#include "protocol/utf16.h"

namespace moldau::broker {
namespace {

// String.hashCode of Java.
std::int32_t java_hash(std::string_view text) {
  std::uint32_t hash = 0;
  protocol::for_each_utf16_unit(text, [&](std::uint16_t unit) { hash = hash * 31 + unit; });
  return static_cast<std::int32_t>(hash);
}

}  // namespace

PartitionIndex coordinator_partition(std::string_view key, std::int32_t count) {
  // The least int has no absolute value: Kafka takes 0.
  const std::int64_t hash = java_hash(key);
  const std::int64_t positive = hash == INT32_MIN ? 0 : std::abs(hash);
  return PartitionIndex{static_cast<std::int32_t>(positive % count)};
}

std::optional<TopicIdPartition> coordinator_partition(const metadata::Image& image,
                                                      std::string_view topic,
                                                      std::string_view key) {
  const metadata::Topic* found = image.topics.find(topic);
  if (found == nullptr || found->partitions.empty()) return std::nullopt;
  const auto count = static_cast<std::int32_t>(found->partitions.size());
  return TopicIdPartition{found->id, coordinator_partition(key, count)};
}

}  // namespace moldau::broker
