#include <utility>

#include "group/assignor.h"
#include "protocol/java_order.h"

namespace moldau::group {
namespace {

struct Partition {
  Uuid topic;
  PartitionIndex index;
};

class UniformAssignment {
 public:
  explicit UniformAssignment(const AssignmentQuestion& question) : question_(question) {}

  GroupAssignment build() {
    const std::set<Uuid>& topics = question_.members.front().topics;
    if (topics.empty()) return {};
    const std::int32_t partition_count = find_unassigned(topics);
    const auto member_count = static_cast<std::int32_t>(question_.members.size());
    quota_min_ = partition_count / member_count;
    extras_left_ = partition_count % member_count;
    std::int32_t members_left = member_count;
    for (const AssignedMember& member : question_.members) keep_what_fits(member, members_left--);
    fill_up();
    return std::move(assignment_);
  }

 private:
  struct Unfilled {
    std::string member;
    std::int32_t quota;
  };

  std::int32_t find_unassigned(const std::set<Uuid>& topics) {
    TopicPartitions held;
    for (const AssignedMember& member : question_.members) {
      for (const auto& [topic, partitions] : member.current) {
        held[topic].insert(partitions.begin(), partitions.end());
      }
    }
    std::int32_t total = 0;
    const std::vector<Uuid> all(topics.begin(), topics.end());
    for (const Uuid& topic :
         protocol::in_java_order(all, protocol::java_capacity_of_copy(all.size()))) {
      const std::int32_t count = question_.partition_counts.at(topic);
      const auto of_topic = held.find(topic);
      for (std::int32_t i = 0; i < count; ++i) {
        const PartitionIndex index{i};
        if (of_topic == held.end() || !of_topic->second.contains(index)) {
          unassigned_.push_back({topic, index});
        }
      }
      total += count;
    }
    return total;
  }

  // Members keep what they have up to their quota. The first of them may have one more; who has no
  // use for that leaves it to a later one, as long as there are enough of those.
  void keep_what_fits(const AssignedMember& member, std::int32_t members_left) {
    TopicPartitions& kept = assignment_[member.id];
    bool has_extra = extras_left_ > 0;
    std::int32_t quota = quota_min_ + (has_extra ? 1 : 0);
    std::vector<Uuid> topics;
    for (const auto& [topic, partitions] : member.current) topics.push_back(topic);
    for (const Uuid& topic :
         protocol::in_java_order(topics, protocol::java_capacity_grown(topics.size()))) {
      if (!member.topics.contains(topic)) continue;
      const auto& partitions = member.current.at(topic);
      keep_topic(topic, partitions, quota, kept);
    }
    if (quota > 0 && has_extra && members_left > extras_left_) {
      --quota;
      has_extra = false;
    }
    if (quota > 0) unfilled_.push_back({member.id, quota});
    if (has_extra) --extras_left_;
  }

  void keep_topic(const Uuid& topic, const std::set<PartitionIndex>& partitions,
                  std::int32_t& quota, TopicPartitions& kept) {
    if (std::ssize(partitions) <= quota) {
      quota -= static_cast<std::int32_t>(partitions.size());
      if (!partitions.empty()) kept.emplace(topic, partitions);
      return;
    }
    const std::vector<PartitionIndex> all(partitions.begin(), partitions.end());
    for (const PartitionIndex index :
         protocol::in_java_order(all, protocol::java_capacity_of_copy(all.size()))) {
      if (quota > 0) {
        --quota;
        kept[topic].insert(index);
      } else {
        unassigned_.push_back({topic, index});
      }
    }
  }

  void fill_up() {
    auto next = unassigned_.begin();
    for (const Unfilled& unfilled : unfilled_) {
      TopicPartitions& assigned = assignment_[unfilled.member];
      for (std::int32_t i = 0; i < unfilled.quota && next != unassigned_.end(); ++i, ++next) {
        assigned[next->topic].insert(next->index);
      }
    }
  }

  const AssignmentQuestion& question_;
  std::int32_t quota_min_ = 0;
  std::int32_t extras_left_ = 0;  // members that may have one more than the least quota
  std::vector<Partition> unassigned_;
  std::vector<Unfilled> unfilled_;
  GroupAssignment assignment_;
};

}  // namespace

GroupAssignment assign_uniformly(const AssignmentQuestion& question) {
  return question.homogeneous ? UniformAssignment(question).build()
                              : assign_uniformly_mixed(question);
}

}  // namespace moldau::group
