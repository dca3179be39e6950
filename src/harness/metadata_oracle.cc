#include "harness/metadata_oracle.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/check.h"

namespace moldau::harness {

void MetadataOracle::will_create(const std::string& name, std::int32_t partitions) {
  Topic next{.partitions = partitions};
  if (const auto old = topics_.find(name); old != topics_.end()) {
    Topic& gone = old->second;
    CHECK(gone.state == State::deleted);
    next.former_ids = std::move(gone.former_ids);
    if (!gone.id.is_zero()) next.former_ids.insert(gone.id);
    next.former_values = std::move(gone.former_values);
    next.former_values.merge(gone.values_in_doubt);
    if (gone.value) next.former_values.insert(*gone.value);
    next.deleted_at = gone.since;
  }
  topics_[name] = std::move(next);
}

void MetadataOracle::created(const std::string& name, Uuid id, Instant now) {
  Topic& topic = topics_.at(name);
  topic.state = State::present;
  if (!id.is_zero()) topic.id = id;
  topic.since = now;
}

void MetadataOracle::will_delete(const std::string& name) {
  topics_.at(name).state = State::deleting;
}

void MetadataOracle::deleted(const std::string& name, Instant now) {
  Topic& topic = topics_.at(name);
  topic.state = State::deleted;
  topic.since = now;
}

void MetadataOracle::will_set(const std::string& topic, const std::string& value) {
  topics_.at(topic).values_in_doubt.insert(value);
}

void MetadataOracle::was_set(const std::string& topic, const std::string& value, Instant now) {
  Topic& one = topics_.at(topic);
  one.value = value;
  one.value_since = now;
  one.values_in_doubt.clear();
}

bool MetadataOracle::settled(Instant change, Instant asked) const {
  return calm_since_ && asked > std::max(change, *calm_since_) + k_settled;
}

std::optional<std::string> MetadataOracle::listed(const std::vector<SeenTopic>& topics,
                                                  Instant asked) {
  for (const SeenTopic& seen : topics) {
    const auto found = topics_.find(seen.name);
    if (found == topics_.end()) return fmt::format("T2 nobody created {}", seen.name);
    Topic& topic = found->second;
    if (topic.state == State::deleted && settled(topic.since, asked)) {
      return fmt::format("T2 {} was deleted and is listed", seen.name);
    }
    if (topic.former_ids.contains(seen.id)) {
      if (!settled(topic.deleted_at, asked)) continue;
      return fmt::format("T2 {} with id {} was deleted and is listed", seen.name,
                         seen.id.to_string());
    }
    if (topic.id.is_zero()) topic.id = seen.id;
    const bool known_id = !seen.id.is_zero();
    if ((known_id && topic.id != seen.id) || topic.partitions != seen.partitions) {
      return fmt::format("T1 {} has id {} and {} partitions, was created as {} with {}", seen.name,
                         seen.id.to_string(), seen.partitions, topic.id.to_string(),
                         topic.partitions);
    }
  }
  for (const auto& [name, topic] : topics_) {
    if (topic.state != State::present || !settled(topic.since, asked)) continue;
    if (std::ranges::find(topics, name, &SeenTopic::name) == topics.end()) {
      return fmt::format("T1 {} was created and is not listed", name);
    }
  }
  return std::nullopt;
}

std::optional<std::string> MetadataOracle::described(const std::string& topic,
                                                     const std::optional<std::string>& value,
                                                     Instant asked) const {
  const Topic& one = topics_.at(topic);
  if (value == one.value || one.state != State::present) return std::nullopt;
  if (value && one.values_in_doubt.contains(*value)) return std::nullopt;
  if (value && one.former_values.contains(*value) && !settled(one.deleted_at, asked)) {
    return std::nullopt;
  }
  // Before the last change has settled the value may be an older one.
  if (!one.value || !settled(one.value_since, asked)) {
    return one.value || !value ? std::nullopt
                               : std::optional(fmt::format("T3 {}: nobody set {}", topic, *value));
  }
  return fmt::format("T3 {} has {}, last set was {}", topic, value.value_or("nothing"), *one.value);
}

std::vector<std::string> MetadataOracle::present() const {
  std::vector<std::string> names;
  for (const auto& [name, topic] : topics_) {
    if (topic.state == State::present) names.push_back(name);
  }
  return names;
}

bool MetadataOracle::is_present(const std::string& name) const {
  const auto found = topics_.find(name);
  return found != topics_.end() && found->second.state == State::present;
}

}  // namespace moldau::harness
