#include "client/partitioner.h"

#include <algorithm>

#include "protocol/primitives.h"

namespace moldau::client {
namespace {

std::vector<PartitionIndex> with_leader(const PartitionView& view) {
  std::vector<PartitionIndex> out;
  for (std::int32_t i = 0; i < view.count(); ++i) {
    if (view.has_leader(PartitionIndex{i})) out.emplace_back(i);
  }
  return out;
}

}  // namespace

std::optional<PartitionIndex> pick_by_load(const std::vector<PartitionLoad>& loads, std::size_t all,
                                           std::uint32_t number) {
  if (loads.empty() || all < 2) return std::nullopt;
  const auto [least, most] = std::ranges::minmax(loads, {}, &PartitionLoad::queued);
  if (least.queued == most.queued && loads.size() == all) return std::nullopt;
  // Each has as many chances as it is emptier than the fullest, and one.
  std::uint64_t total = 0;
  for (const PartitionLoad& it : loads) total += most.queued + 1 - it.queued;
  std::uint64_t left = number % total;
  for (const PartitionLoad& it : loads) {
    const std::uint64_t chances = most.queued + 1 - it.queued;
    if (left < chances) return it.partition;
    left -= chances;
  }
  return std::nullopt;
}

PartitionIndex Partitioner::another(const PartitionView& view) const {
  const std::uint32_t number = random_();
  if (settings_.adaptive) {
    // Only when something went everywhere: what has no queue would never be chosen.
    std::vector<PartitionLoad> loads;
    std::int32_t all = 0;
    for (std::int32_t i = 0; i < view.count(); ++i) {
      const PartitionIndex partition{i};
      const auto queued = view.queued(partition);
      if (!queued) continue;
      ++all;
      if (view.has_leader(partition)) loads.push_back({partition, *queued});
    }
    if (all >= view.count()) {
      const auto chosen = pick_by_load(loads, static_cast<std::size_t>(all), number);
      if (chosen) return *chosen;
    }
  }
  const std::vector<PartitionIndex> available = with_leader(view);
  if (!available.empty()) return available[number % available.size()];
  return PartitionIndex{
      static_cast<std::int32_t>(number % static_cast<std::uint32_t>(view.count()))};
}

PartitionIndex Partitioner::in_turn(Topic& topic, const PartitionView& view) const {
  constexpr std::uint32_t k_positive = 0x7FFF'FFFF;  // a counter of Java's that ran over
  const std::uint32_t turn = topic.turn++ & k_positive;
  const std::vector<PartitionIndex> available = with_leader(view);
  if (!available.empty()) return available[turn % available.size()];
  return PartitionIndex{static_cast<std::int32_t>(turn % static_cast<std::uint32_t>(view.count()))};
}

PartitionIndex Partitioner::choose(const std::string& topic, std::optional<Bytes> key,
                                   const PartitionView& view) {
  CHECK_OP(view.count(), >, 0);
  const bool built_in = settings_.kind == PartitionerSettings::Kind::built_in;
  if (built_in && key && !settings_.ignore_keys) {
    return protocol::partition_of_key(*key, view.count());
  }
  Topic& it = topics_[topic];
  if (!built_in) return in_turn(it, view);
  const std::size_t most = settings_.sticky_bytes;
  // Behind a batch; but an incomplete one is filled first, unless that takes as much again.
  const bool enough =
      it.sticky && it.bytes >= most && (it.bytes >= 2 * most || view.is_all_full(*it.sticky));
  if (!it.sticky || enough || it.sticky->value() >= view.count()) {
    it.sticky = another(view);
    it.bytes = 0;
  }
  return *it.sticky;
}

void Partitioner::appended(const std::string& topic, PartitionIndex partition, std::size_t bytes) {
  const auto found = topics_.find(topic);
  if (found != topics_.end() && found->second.sticky == partition) found->second.bytes += bytes;
}

}  // namespace moldau::client
