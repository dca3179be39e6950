#include "harness/group_plan.h"

#include <algorithm>

#include "base/check.h"
#include "harness/cluster_run.h"

namespace moldau::harness {

TopicPlan& GroupPlan::topic(const std::string& name) const {
  const auto found = std::ranges::find(topics, name, &TopicPlan::name);
  CHECK(found != topics.end());
  return **found;
}

TopicPlan& GroupPlan::topic(const Uuid& topic_id) const {
  const auto found = std::ranges::find(topics, topic_id, &TopicPlan::id);
  CHECK(found != topics.end());
  return **found;
}

std::map<std::string, Uuid> GroupPlan::topic_ids() const {
  std::map<std::string, Uuid> ids;
  for (const TopicPlan* topic : topics) {
    if (!topic->id.is_zero()) ids[topic->name] = topic->id;
  }
  return ids;
}

void GroupPlan::forget(const std::string& topic) {
  ownership.forget(topic);
  offsets.forget(topic);
}

std::set<client::TopicPartition> GroupPlan::partitions() const {
  std::set<client::TopicPartition> all;
  for (const TopicPlan* topic : topics) {
    if (topic->id.is_zero()) continue;
    for (std::size_t p = 0; p < topic->partitions.size(); ++p) {
      all.insert({topic->name, PartitionIndex{static_cast<std::int32_t>(p)}});
    }
  }
  return all;
}

std::optional<Identity> GroupPlan::identity_of_owner(
    const client::TopicPartition& partition) const {
  const auto owner = ownership.owner(partition);
  const auto found = owner ? identities.find(*owner) : identities.end();
  return found == identities.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace moldau::harness
