#include "client/rack_match.h"

#include <algorithm>

namespace moldau::client {

const Racks& racks_at(const PartitionRacks& racks, const std::string& topic,
                      PartitionIndex partition) {
  static const Racks k_none;
  const auto found = racks.find(topic);
  const auto index = static_cast<std::size_t>(partition.value());
  return found == racks.end() || index >= found->second.size() ? k_none : found->second[index];
}

bool racks_matter(const Racks& of_members, const std::vector<const Racks*>& of_partitions) {
  if (of_members.empty()) return false;
  Racks all;
  for (const Racks* racks : of_partitions) all.insert(racks->begin(), racks->end());
  if (std::ranges::none_of(of_members, [&](const auto& rack) { return all.contains(rack); })) {
    return false;
  }
  return !std::ranges::all_of(of_partitions, [&](const Racks* racks) { return *racks == all; });
}

RackMatch::RackMatch(const AssignmentQuestion& question)
    : partition_racks_(&question.partition_racks) {
  Racks of_members;
  for (const MemberSubscription& member : question.members) {
    if (member.rack) of_members.insert(*member.rack);
  }
  if (of_members.empty()) return;
  std::vector<const Racks*> of_partitions;
  for (const auto& [topic, count] : question.partition_counts) {
    for (std::int32_t i = 0; i < count; ++i) {
      of_partitions.push_back(&racks_at(question.partition_racks, topic, PartitionIndex{i}));
    }
  }
  if (!racks_matter(of_members, of_partitions)) return;
  for (const MemberSubscription& member : question.members) {
    if (!member.rack) continue;
    member_racks_[member.id] = *member.rack;
    ++members_in_[*member.rack];
  }
}

bool RackMatch::is_near(const std::string& member, const TopicPartition& partition) const {
  const auto rack = member_racks_.find(member);
  return rack != member_racks_.end() &&
         racks_at(*partition_racks_, partition.topic, partition.partition).contains(rack->second);
}

bool RackMatch::is_far(const std::string& member, const TopicPartition& partition) const {
  return member_racks_.contains(member) && !is_near(member, partition);
}

std::size_t RackMatch::members_near(const TopicPartition& partition) const {
  std::size_t count = 0;
  for (const std::string& rack :
       racks_at(*partition_racks_, partition.topic, partition.partition)) {
    const auto found = members_in_.find(rack);
    if (found != members_in_.end()) count += found->second;
  }
  return count;
}

}  // namespace moldau::client
