#include "group/consumer_group.h"

#include <algorithm>
#include <utility>

namespace moldau::group {
namespace {

void count_topic(Subscriptions& subscriptions, const std::string& topic,
                 std::int32_t SubscriptionCount::* kind, std::int32_t by) {
  const auto found = subscriptions.try_emplace(topic).first;
  found->second.*kind += by;
  if (found->second.by_name <= 0 && found->second.by_regex <= 0) subscriptions.erase(found);
}

void count_names(Subscriptions& subscriptions, const ConsumerMember* member, std::int32_t by) {
  if (member == nullptr) return;
  for (const std::string& topic : member->topics) {
    count_topic(subscriptions, topic, &SubscriptionCount::by_name, by);
  }
}

void count_regex(Counts& counts, const ConsumerMember* member, std::int32_t by) {
  if (member != nullptr && member->has_regex()) count(counts, *member->regex, by);
}

std::optional<std::string> most_wanted(const Counts& counts) {
  const auto best = std::ranges::max_element(counts, {}, [](const auto& c) { return c.second; });
  return best == counts.end() ? std::nullopt : std::optional(best->first);
}

}  // namespace

void count(Counts& counts, const std::string& key, std::int32_t by) {
  const auto found = counts.try_emplace(key, 0).first;
  found->second += by;
  if (found->second <= 0) counts.erase(found);
}

std::optional<std::int32_t> ConsumerMember::assignment_epoch(const Uuid& topic,
                                                             PartitionIndex partition) const {
  for (const OwnedPartitions* owned : {&assigned, &to_revoke}) {
    const auto partitions = owned->find(topic);
    if (partitions == owned->end()) continue;
    const auto found = partitions->second.find(partition);
    if (found != partitions->second.end()) return found->second;
  }
  return std::nullopt;
}

const ConsumerMember* ConsumerGroup::member(std::string_view id) const {
  const auto found = members_.find(id);
  return found == members_.end() ? nullptr : &found->second;
}

const ConsumerMember* ConsumerGroup::static_member(std::string_view instance_id) const {
  const auto found = static_members_.find(instance_id);
  return found == static_members_.end() ? nullptr : member(found->second);
}

std::string_view ConsumerGroup::state_name() const {
  if (is_empty()) return "Empty";
  if (epoch > target_epoch) return "Assigning";
  const bool all_done = std::ranges::all_of(
      members_, [this](const auto& entry) { return entry.second.is_reconciled_to(target_epoch); });
  return all_done ? "Stable" : "Reconciling";
}

void ConsumerGroup::put(ConsumerMember member) {
  if (const auto found = members_.find(member.id); found != members_.end()) {
    count_member(found->second, -1);
    if (found->second.instance_id) static_members_.erase(*found->second.instance_id);
  }
  count_member(member, 1);
  if (member.instance_id) static_members_[*member.instance_id] = member.id;
  std::string id = member.id;
  members_.insert_or_assign(std::move(id), std::move(member));
}

void ConsumerGroup::remove(std::string_view id) {
  const auto found = members_.find(id);
  if (found == members_.end()) return;
  count_member(found->second, -1);
  if (const auto& instance = found->second.instance_id) {
    const auto known = static_members_.find(*instance);
    if (known != static_members_.end() && known->second == id) static_members_.erase(known);
  }
  members_.erase(found);
}

const TopicPartitions& ConsumerGroup::target(std::string_view member) const {
  static const TopicPartitions k_nothing;
  const auto found = targets_.find(member);
  return found == targets_.end() ? k_nothing : found->second;
}

void ConsumerGroup::set_target(const std::string& member, TopicPartitions target) {
  targets_.insert_or_assign(member, std::move(target));
}

void ConsumerGroup::drop_target(std::string_view member) {
  if (const auto found = targets_.find(member); found != targets_.end()) targets_.erase(found);
}

std::int32_t ConsumerGroup::partition_epoch(const Uuid& topic, PartitionIndex partition) const {
  const auto partitions = partition_epochs_.find(topic);
  if (partitions == partition_epochs_.end()) return -1;
  const auto found = partitions->second.find(partition);
  return found == partitions->second.end() ? -1 : found->second;
}

bool ConsumerGroup::waits_for_others(const ConsumerMember& member) const {
  if (member.state != MemberState::unreleased_partitions) return false;
  for (const auto& [topic, partitions] : target(member.id)) {
    const auto assigned = member.assigned.find(topic);
    for (const PartitionIndex partition : partitions) {
      const bool has = assigned != member.assigned.end() && assigned->second.contains(partition);
      if (!has && partition_epoch(topic, partition) != -1) return true;
    }
  }
  return false;
}

Subscriptions ConsumerGroup::subscriptions_with(const ConsumerMember* before,
                                                const ConsumerMember* after) const {
  Subscriptions all = subscriptions_;
  count_names(all, before, -1);
  count_names(all, after, 1);
  const bool drops_regex = before != nullptr && before->has_regex() &&
                           (after == nullptr || before->regex != after->regex) &&
                           subscribers_of_regex(*before->regex) == 1;
  if (!drops_regex) return all;
  if (const auto found = resolved_.find(*before->regex); found != resolved_.end()) {
    for (const std::string& topic : found->second.topics) {
      count_topic(all, topic, &SubscriptionCount::by_regex, -1);
    }
  }
  return all;
}

Subscriptions ConsumerGroup::subscriptions_without(
    const std::vector<const ConsumerMember*>& members, const std::set<std::string>& regexes) const {
  Subscriptions all = subscriptions_;
  for (const ConsumerMember* member : members) count_names(all, member, -1);
  for (const std::string& regex : regexes) {
    const auto found = resolved_.find(regex);
    if (found == resolved_.end()) continue;
    for (const std::string& topic : found->second.topics) {
      count_topic(all, topic, &SubscriptionCount::by_regex, -1);
    }
  }
  return all;
}

bool ConsumerGroup::is_homogeneous(const Counts& regexes, const Subscriptions& subscriptions,
                                   std::size_t member_count) {
  const auto members = static_cast<std::int32_t>(member_count);
  if (regexes.empty()) {
    return std::ranges::all_of(
        subscriptions, [members](const auto& topic) { return topic.second.by_name == members; });
  }
  return regexes.begin()->second == members &&
         std::ranges::all_of(subscriptions, [](const auto& topic) {
           return topic.second.by_regex == 1 && topic.second.by_name == 0;
         });
}

std::int32_t ConsumerGroup::subscribers_of_regex(std::string_view regex) const {
  const auto found = regexes_.find(regex);
  return found == regexes_.end() ? 0 : found->second;
}

Counts ConsumerGroup::regexes_with(const ConsumerMember* before,
                                   const ConsumerMember* after) const {
  Counts all = regexes_;
  count_regex(all, after, 1);
  count_regex(all, before, -1);
  return all;
}

void ConsumerGroup::set_resolved(const std::string& regex, ResolvedRegex resolved) {
  drop_resolved(regex);
  for (const std::string& topic : resolved.topics) {
    count_topic(subscriptions_, topic, &SubscriptionCount::by_regex, 1);
  }
  resolved_.emplace(regex, std::move(resolved));
}

void ConsumerGroup::drop_resolved(std::string_view regex) {
  const auto found = resolved_.find(regex);
  if (found == resolved_.end()) return;
  for (const std::string& topic : found->second.topics) {
    count_topic(subscriptions_, topic, &SubscriptionCount::by_regex, -1);
  }
  resolved_.erase(found);
}

std::set<std::string, std::less<>> ConsumerGroup::topics_of(const ConsumerMember& member) const {
  auto topics = member.topics;
  if (!member.has_regex()) return topics;
  const auto found = resolved_.find(*member.regex);
  if (found != resolved_.end()) {
    topics.insert(found->second.topics.begin(), found->second.topics.end());
  }
  return topics;
}

std::optional<std::string> ConsumerGroup::wanted_assignor(const ConsumerMember* before,
                                                          const ConsumerMember* after) const {
  if (before == nullptr && after == nullptr) return most_wanted(assignors_);
  Counts counts = assignors_;
  if (after != nullptr && after->assignor) count(counts, *after->assignor, 1);
  if (before != nullptr && before->assignor) count(counts, *before->assignor, -1);
  return most_wanted(counts);
}

bool ConsumerGroup::all_are_classic_without(
    const std::vector<const ConsumerMember*>& members) const {
  const auto classic = static_cast<std::size_t>(std::ranges::count_if(
      members, [](const ConsumerMember* member) { return member->classic.has_value(); }));
  return classic_count_ - classic == members_.size() - members.size();
}

bool ConsumerGroup::supports_classic(std::string_view protocol_type,
                                     const std::set<std::string>& protocols) const {
  if (protocol_type != "consumer") return false;
  if (is_empty()) return !protocols.empty();
  return std::ranges::any_of(protocols, [this](const std::string& name) {
    const auto found = classic_protocols_.find(name);
    const std::int32_t members = found == classic_protocols_.end() ? 0 : found->second;
    return members == static_cast<std::int32_t>(classic_count_);
  });
}

void ConsumerGroup::count_member(const ConsumerMember& member, std::int32_t by) {
  if (by < 0) {
    free_partitions(member.assigned, member.epoch);
    free_partitions(member.to_revoke, member.epoch);
  } else {
    take_partitions(member.assigned, member.epoch);
    take_partitions(member.to_revoke, member.epoch);
  }
  count_names(subscriptions_, &member, by);
  count_regex(regexes_, &member, by);
  if (member.assignor) count(assignors_, *member.assignor, by);
  if (!member.classic) return;
  classic_count_ = by < 0 ? classic_count_ - 1 : classic_count_ + 1;
  // Each name once, however often a member gives it.
  std::set<std::string> names;
  for (const auto& protocol : member.classic->supported_protocols) names.insert(protocol.name);
  for (const std::string& name : names) count(classic_protocols_, name, by);
}

void ConsumerGroup::take_partitions(const OwnedPartitions& partitions, std::int32_t epoch_of) {
  for (const auto& [topic, indexes] : partitions) {
    for (const auto& [index, unused] : indexes) partition_epochs_[topic][index] = epoch_of;
  }
}

// What another member has taken meanwhile stays that one's.
void ConsumerGroup::free_partitions(const OwnedPartitions& partitions, std::int32_t epoch_of) {
  for (const auto& [topic, indexes] : partitions) {
    const auto known = partition_epochs_.find(topic);
    if (known == partition_epochs_.end()) continue;
    for (const auto& [index, unused] : indexes) {
      const auto found = known->second.find(index);
      if (found != known->second.end() && found->second == epoch_of) known->second.erase(found);
    }
    if (known->second.empty()) partition_epochs_.erase(known);
  }
}

}  // namespace moldau::group
