#include <algorithm>
#include <compare>

#include "client/assignor.h"
#include "client/rack_match.h"

namespace moldau::client {
namespace {

using Members = std::vector<const MemberSubscription*>;  // who want a topic, in their order

// One topic while its partitions are given out.
// Source: RangeAssignor.TopicAssignmentState.
class TopicRange {
 public:
  TopicRange(const std::string& topic, std::int32_t count, const AssignmentQuestion& question)
      : topic_(topic), racks_(question.partition_racks), taken_(static_cast<std::size_t>(count)) {
    for (const MemberSubscription& member : question.members) {
      if (wants(member, topic)) members_.push_back(&member);
    }
    if (members_.empty()) return;
    std::ranges::sort(members_, [](const auto* a, const auto* b) { return comes_first(*a, *b); });
    given_.resize(members_.size());
    share_ = taken_.size() / members_.size();
    extras_ = taken_.size() % members_.size();
    Racks of_members;
    std::vector<const Racks*> of_partitions;
    for (const MemberSubscription* member : members_) {
      if (member->rack) of_members.insert(*member->rack);
    }
    for (std::int32_t i = 0; i < count; ++i) of_partitions.push_back(&racks_of(i));
    racks_matter_ = racks_matter(of_members, of_partitions);
  }

  [[nodiscard]] const Members& members() const { return members_; }
  [[nodiscard]] std::int32_t count() const { return static_cast<std::int32_t>(taken_.size()); }
  [[nodiscard]] bool racks_matter_here() const { return racks_matter_; }
  // How many partitions this member may still get.
  [[nodiscard]] std::size_t room(std::size_t member) const {
    const std::size_t most = share_ + (extras_ > 0 ? 1 : 0);
    return most - std::min(most, given_[member]);
  }
  // A member without a rack is near to all.
  [[nodiscard]] bool is_near(std::size_t member, std::int32_t partition) const {
    const std::optional<std::string>& rack = members_[member]->rack;
    return !rack || racks_of(partition).contains(*rack);
  }

  void give(std::size_t member, const std::vector<std::int32_t>& partitions,
            MemberAssignments& out) {
    if (partitions.empty()) return;
    std::vector<TopicPartition>& list = out[members_[member]->id];
    for (const std::int32_t partition : partitions) {
      list.push_back(named(partition));
      taken_[static_cast<std::size_t>(partition)] = true;
    }
    given_[member] += partitions.size();
    if (given_[member] > share_ && extras_ > 0) --extras_;
  }

  // To one member after the other as many as it has room for, of those that nobody has.
  void give_in_order(bool near_only, MemberAssignments& out) {
    std::int32_t first = 0;
    for (std::size_t member = 0; member < members_.size(); ++member) {
      while (first < count() && taken_[static_cast<std::size_t>(first)]) ++first;
      std::vector<std::int32_t> next;
      for (std::int32_t i = first; i < count() && next.size() < room(member); ++i) {
        if (taken_[static_cast<std::size_t>(i)] || (near_only && !is_near(member, i))) continue;
        next.push_back(i);
      }
      give(member, next, out);
    }
  }

 private:
  [[nodiscard]] TopicPartition named(std::int32_t partition) const {
    return {topic_, PartitionIndex{partition}};
  }

  [[nodiscard]] const Racks& racks_of(std::int32_t partition) const {
    return racks_at(racks_, topic_, PartitionIndex{partition});
  }

  std::string topic_;
  const PartitionRacks& racks_;
  Members members_;
  std::vector<bool> taken_;         // by partition
  std::vector<std::size_t> given_;  // by member
  std::size_t share_ = 0;
  std::size_t extras_ = 0;  // how many members may still have one more
  bool racks_matter_ = false;
};

// Topics with the same members and as many partitions: what is keyed alike is in the same partition
// of each, so a partition goes to a member that is near to it in all of them, or is left for later.
void give_together(const std::vector<TopicRange*>& topics, MemberAssignments& out) {
  std::vector<std::size_t> candidates;
  for (std::size_t i = 0; i < topics.front()->members().size(); ++i) candidates.push_back(i);
  for (std::int32_t partition = 0; partition < topics.front()->count(); ++partition) {
    const auto found = std::ranges::find_if(candidates, [&](std::size_t member) {
      return std::ranges::all_of(topics, [&](const TopicRange* topic) {
        return topic->is_near(member, partition) && topic->room(member) > 0;
      });
    });
    if (found == candidates.end()) continue;
    for (TopicRange* topic : topics) topic->give(*found, {partition}, out);
    const bool is_full = std::ranges::none_of(
        topics, [&](const TopicRange* topic) { return topic->room(*found) > 0; });
    if (is_full) candidates.erase(found);
  }
}

// What can be read nearby. Members are named by where the question has them, so the order of groups
// is fixed; what one group gets does not depend on another.
void give_near(std::vector<TopicRange>& topics, MemberAssignments& out) {
  std::map<std::pair<Members, std::int32_t>, std::vector<TopicRange*>> alike;
  for (TopicRange& topic : topics) alike[{topic.members(), topic.count()}].push_back(&topic);
  for (const auto& [key, group] : alike) {
    const bool anywhere = std::ranges::none_of(
        key.first, [](const auto* member) { return member->rack.has_value(); });
    if (anywhere) continue;
    if (group.size() > 1) {
      give_together(group, out);
    } else if (group.front()->racks_matter_here()) {
      group.front()->give_in_order(true, out);
    }
  }
}

}  // namespace

// Source: org.apache.kafka.clients.consumer.RangeAssignor.
MemberAssignments assign_range(const AssignmentQuestion& question) {
  MemberAssignments out = no_assignments(question);
  std::vector<TopicRange> topics;
  for (const auto& [topic, count] : question.partition_counts) {
    TopicRange range(topic, count, question);
    if (!range.members().empty()) topics.push_back(std::move(range));
  }
  if (std::ranges::any_of(topics, &TopicRange::racks_matter_here)) give_near(topics, out);
  for (TopicRange& topic : topics) topic.give_in_order(false, out);
  for (auto& [member, partitions] : out) std::ranges::sort(partitions);
  return out;
}

}  // namespace moldau::client
