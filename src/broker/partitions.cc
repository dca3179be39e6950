#include "broker/partitions.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace moldau::broker {

void Partitions::add(std::shared_ptr<Partition> partition) {
  const TopicIdPartition id = partition->id();
  const bool added = here_.emplace(id, std::move(partition)).second;
  CHECK(added);
}

std::shared_ptr<Partition> Partitions::take(const TopicIdPartition& id) {
  const auto at = here_.find(id);
  if (at == here_.end()) return nullptr;
  std::shared_ptr<Partition> partition = std::move(at->second);
  here_.erase(at);
  return partition;
}

std::vector<std::shared_ptr<Partition>> Partitions::all() const {
  std::vector<std::shared_ptr<Partition>> all;
  all.reserve(here_.size());
  for (const auto& [id, partition] : here_) all.push_back(partition);
  std::ranges::sort(all, {}, [](const auto& partition) { return partition->id(); });
  return all;
}

}  // namespace moldau::broker
