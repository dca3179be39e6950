#include "harness/offset_oracle.h"

#include <fmt/core.h>

#include <algorithm>

namespace moldau::harness {

void OffsetOracle::will_commit(const client::TopicPartition& partition, Offset offset,
                               std::string metadata) {
  partitions_[partition].sent[offset].insert(std::move(metadata));
}

void OffsetOracle::committed(const client::TopicPartition& partition, Offset offset) {
  Offset& least = partitions_[partition].least;
  least = std::max(least, offset);
}

void OffsetOracle::forget(const std::string& topic) {
  std::erase_if(partitions_, [&](const auto& one) { return one.first.topic == topic; });
}

Offset OffsetOracle::least(const client::TopicPartition& partition) const {
  const auto found = partitions_.find(partition);
  return found == partitions_.end() ? k_no_offset : found->second.least;
}

std::optional<std::string> OffsetOracle::shown(const client::TopicPartition& partition,
                                               Offset shown, const std::string& metadata,
                                               Offset least_then) {
  if (shown < least_then) {
    return fmt::format("C2 {}-{}: the committed offset is {} after {}", partition.topic,
                       partition.partition, shown, least_then);
  }
  if (shown == k_no_offset) return std::nullopt;
  Partition& known = partitions_[partition];
  const auto sent = known.sent.find(shown);
  if (sent == known.sent.end()) {
    return fmt::format("C1 {}-{}: {} is committed, and nobody committed it", partition.topic,
                       partition.partition, shown);
  }
  if (!sent->second.contains(metadata)) {
    return fmt::format("C3 {}-{}: {} is committed with \"{}\", and nobody said that",
                       partition.topic, partition.partition, shown, metadata);
  }
  known.least = std::max(known.least, shown);
  return std::nullopt;
}

}  // namespace moldau::harness
