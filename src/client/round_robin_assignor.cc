#include <algorithm>
#include <set>

#include "client/assignor.h"

namespace moldau::client {

// Source: org.apache.kafka.clients.consumer.RoundRobinAssignor.
MemberAssignments assign_round_robin(const AssignmentQuestion& question) {
  MemberAssignments out = no_assignments(question);
  std::vector<const MemberSubscription*> members;
  std::set<std::string> wanted;
  for (const MemberSubscription& member : question.members) {
    members.push_back(&member);
    wanted.insert(member.topics.begin(), member.topics.end());
  }
  std::ranges::sort(members, [](const auto* a, const auto* b) { return comes_first(*a, *b); });
  std::size_t turn = 0;
  for (const auto& [topic, count] : question.partition_counts) {
    if (!wanted.contains(topic)) continue;
    for (std::int32_t i = 0; i < count; ++i) {
      while (!wants(*members[turn], topic)) turn = (turn + 1) % members.size();
      out[members[turn]->id].push_back({topic, PartitionIndex{i}});
      turn = (turn + 1) % members.size();
    }
  }
  return out;
}

}  // namespace moldau::client
