#include <algorithm>

#include "client/assignor.h"

namespace moldau::client {

// Source: org.apache.kafka.clients.consumer.RangeAssignor, without its racks.
MemberAssignments assign_range(const AssignmentQuestion& question) {
  MemberAssignments out = no_assignments(question);
  for (const auto& [topic, count] : question.partition_counts) {
    std::vector<const MemberSubscription*> members;
    for (const MemberSubscription& member : question.members) {
      if (wants(member, topic)) members.push_back(&member);
    }
    if (members.empty()) continue;
    std::ranges::sort(members, [](const auto* a, const auto* b) { return comes_first(*a, *b); });
    const auto member_count = static_cast<std::int32_t>(members.size());
    std::int32_t next = 0;
    for (std::int32_t i = 0; i < member_count; ++i) {
      const std::int32_t share = count / member_count + (i < count % member_count ? 1 : 0);
      std::vector<TopicPartition>& list = out[members[static_cast<std::size_t>(i)]->id];
      for (const std::int32_t end = next + share; next < end; ++next) {
        list.push_back({topic, PartitionIndex{next}});
      }
    }
  }
  return out;
}

}  // namespace moldau::client
