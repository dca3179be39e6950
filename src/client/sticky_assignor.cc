#include "client/sticky_assignor.h"

#include <absl/container/flat_hash_map.h>

#include <algorithm>

#include "bytes/reader.h"
#include "bytes/writer.h"
#include "protocol/java_order.h"

namespace moldau::client {
namespace {

// Members as a java.util.HashMap gives them: who is first keeps one partition more.
std::vector<StickyMember> in_java_order(const AssignmentQuestion& question,
                                        std::vector<MemberMemory> memories) {
  absl::flat_hash_map<std::string, std::size_t> at;
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < question.members.size(); ++i) {
    ids.push_back(question.members[i].id);
    at[ids.back()] = i;
  }
  std::vector<StickyMember> out;
  const std::size_t capacity = protocol::java_capacity_grown(ids.size());
  for (const std::string& id : protocol::in_java_order(std::move(ids), capacity)) {
    const std::size_t i = at[id];
    out.push_back({&question.members[i], std::move(memories[i]), {}});
  }
  return out;
}

bool same_set(const std::vector<std::string>& topics, const std::set<std::string>& wanted) {
  return topics.size() == wanted.size() &&
         std::ranges::all_of(topics, [&](const auto& topic) { return wanted.contains(topic); });
}

// A topic may have been made anew, with fewer partitions.
bool is_there(const TopicPartition& it, const PartitionCounts& counts) {
  const auto topic = counts.find(it.topic);
  return topic != counts.end() && it.partition >= PartitionIndex{0} &&
         it.partition < PartitionIndex{topic->second};
}

// Takes from members what another has by right. Source: allSubscriptionsEqual, which takes members
// at their word about the numbers of partitions: theirs keep what nobody can read.
void settle_claims(StickyQuestion& out) {
  absl::flat_hash_map<TopicPartition, StickyMember*> owner;
  for (StickyMember& member : out.members) {
    const GenerationId generation = member.memory.generation.value_or(k_no_generation);
    for (const TopicPartition& partition : member.memory.partitions) {
      if (!is_there(partition, *out.partition_counts)) continue;
      const auto [found, is_first] = owner.try_emplace(partition, &member);
      if (is_first) {
        member.owned.push_back(partition);
        continue;
      }
      StickyMember& other = *found->second;
      const GenerationId others = other.subscription->generation.value_or(k_no_generation);
      if (generation < others) continue;
      std::erase(other.owned, partition);
      if (generation == others) {
        out.contested.insert(partition);
      } else {
        member.owned.push_back(partition);
      }
      found->second = &member;
    }
  }
}

// What StickyAssignor put into its user data; nothing when it cannot be read.
MemberMemory read_memory(const MemberSubscription& member) {
  if (!member.user_data || member.user_data->empty()) return {};
  Reader in(*member.user_data);
  MemberMemory out;
  const std::int32_t topics = in.i32();
  for (std::int32_t t = 0; t < topics && in.ok(); ++t) {
    const std::int16_t size = in.i16();
    const std::string topic(in.text(static_cast<std::size_t>(std::max<int>(size, 0))));
    const std::int32_t partitions = in.i32();
    for (std::int32_t p = 0; p < partitions && in.ok(); ++p) {
      out.partitions.push_back({topic, PartitionIndex{in.i32()}});
    }
  }
  if (!in.ok() || topics < 0) return {{}, k_no_generation};
  if (in.rest().size() >= sizeof(std::int32_t)) out.generation = GenerationId{in.i32()};
  return out;
}

// The same of CooperativeStickyAssignor, which has only the generation there.
MemberMemory read_cooperative_memory(const MemberSubscription& member) {
  MemberMemory out{member.owned, member.generation};
  if (out.generation || !member.user_data) return out;
  Reader in(*member.user_data);
  const GenerationId generation{in.i32()};
  out.generation = in.ok() ? generation : k_no_generation;
  return out;
}

// What some member gets that another must give up first.
Transfers count_transfers(const AssignmentQuestion& question, const MemberAssignments& assigned) {
  Transfers added;
  std::set<TopicPartition> revoked;
  for (const MemberSubscription& member : question.members) {
    const std::set<TopicPartition> owned(member.owned.begin(), member.owned.end());
    const auto& list = assigned.at(member.id);
    const std::set<TopicPartition> has(list.begin(), list.end());
    for (const TopicPartition& partition : has) {
      if (!owned.contains(partition)) added[partition] = member.id;
    }
    for (const TopicPartition& partition : owned) {
      if (!has.contains(partition)) revoked.insert(partition);
    }
  }
  std::erase_if(added, [&](const auto& one) { return !revoked.contains(one.first); });
  return added;
}

template <class Read>
std::vector<MemberMemory> memories_of(const AssignmentQuestion& question, Read read) {
  std::vector<MemberMemory> out;
  for (const MemberSubscription& member : question.members) out.push_back(read(member));
  return out;
}

void sort_all(MemberAssignments& assignments) {
  for (auto& [member, partitions] : assignments) std::ranges::sort(partitions);
}

}  // namespace

StickyQuestion sticky_question(const AssignmentQuestion& question,
                               std::vector<MemberMemory> memories, GenerationId newest) {
  StickyQuestion out{.members = in_java_order(question, std::move(memories)),
                     .partition_counts = &question.partition_counts,
                     .newest = newest,
                     .racks = RackMatch(question)};
  std::set<std::string> wanted;
  for (const StickyMember& member : out.members) {
    const std::vector<std::string>& topics = member.subscription->topics;
    if (wanted.empty()) {
      wanted.insert(topics.begin(), topics.end());
    } else if (!same_set(topics, wanted)) {
      out.same_topics = false;
    }
    out.newest = std::max(out.newest, member.memory.generation.value_or(k_no_generation));
  }
  settle_claims(out);
  return out;
}

StickyAnswer assign_sticky(const StickyQuestion& question) {
  if (question.same_topics) return assign_sticky_to_like(question);
  return {assign_sticky_to_mixed(question), std::nullopt};
}

std::optional<std::vector<std::byte>> StickyAssignor::user_data() const {
  if (!assigned_) return std::nullopt;
  std::map<std::string, std::vector<PartitionIndex>> by_topic;
  for (const TopicPartition& one : *assigned_) by_topic[one.topic].push_back(one.partition);
  Writer out;
  out.i32(static_cast<std::int32_t>(by_topic.size()));
  for (const auto& [topic, partitions] : by_topic) {
    out.i16(static_cast<std::int16_t>(topic.size()));
    out.text(topic);
    out.i32(static_cast<std::int32_t>(partitions.size()));
    for (const PartitionIndex partition : partitions) out.i32(partition.value());
  }
  out.i32(generation_.value());
  return out.take();
}

void StickyAssignor::on_assignment(const std::vector<TopicPartition>& assigned,
                                   GenerationId generation) {
  assigned_ = assigned;
  generation_ = generation;
}

MemberAssignments StickyAssignor::assign(const AssignmentQuestion& question) {
  if (question.members.empty()) return {};
  const StickyQuestion asked =
      sticky_question(question, memories_of(question, read_memory), newest_);
  newest_ = asked.newest;
  MemberAssignments out = assign_sticky(asked).assignments;
  sort_all(out);
  return out;
}

std::optional<std::vector<std::byte>> CooperativeStickyAssignor::user_data() const {
  Writer out;
  out.i32(generation_.value());
  return out.take();
}

MemberAssignments CooperativeStickyAssignor::assign(const AssignmentQuestion& question) {
  if (question.members.empty()) return {};
  const StickyQuestion asked =
      sticky_question(question, memories_of(question, read_cooperative_memory), newest_);
  newest_ = asked.newest;
  StickyAnswer answer = assign_sticky(asked);
  const Transfers transfers =
      answer.transfers ? *answer.transfers : count_transfers(question, answer.assignments);
  for (const auto& [partition, member] : transfers) {
    std::erase(answer.assignments[member], partition);
  }
  sort_all(answer.assignments);
  return std::move(answer.assignments);
}

}  // namespace moldau::client
