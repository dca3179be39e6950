#include <absl/container/flat_hash_map.h>

#include <algorithm>
#include <cstdlib>

#include "client/sticky_assignor.h"
#include "protocol/java_order.h"

namespace moldau::client {
namespace {

using Members = std::set<std::pair<std::size_t, std::string>>;  // by how many they have, then id

// The hash that Java gives a partition, for the order of its sets.
std::int32_t java_hash(const TopicPartition& it) {
  const auto of_topic = static_cast<std::uint32_t>(protocol::java_string_hash(it.topic));
  const auto index = static_cast<std::uint32_t>(it.partition.value());
  return static_cast<std::int32_t>(31U * (31U + index) + of_topic);
}

// A java.util.HashSet of partitions as far as its first element goes: it never shrinks.
class JavaSet {
 public:
  void insert(const TopicPartition& it) {
    elements_.push_back(it);
    capacity_ = std::max(capacity_, protocol::java_capacity_grown(elements_.size()));
  }
  void remove(const TopicPartition& it) { std::erase(elements_, it); }
  [[nodiscard]] bool empty() const { return elements_.empty(); }
  [[nodiscard]] const TopicPartition& first() const {
    return *std::ranges::min_element(elements_, {}, [&](const TopicPartition& it) {
      const auto hash = static_cast<std::uint32_t>(java_hash(it));
      return (hash ^ (hash >> 16U)) & static_cast<std::uint32_t>(capacity_ - 1);
    });
  }

 private:
  std::vector<TopicPartition> elements_;
  std::size_t capacity_ = protocol::k_java_capacity_min;
};

// Which partition went from whom to whom, so that two of a topic are not swapped for nothing.
// Source: AbstractStickyAssignor.PartitionMovements.
class Movements {
 public:
  void move(const TopicPartition& partition, const std::string& from, const std::string& to) {
    const auto before = moved_.find(partition);
    if (before == moved_.end()) return add(partition, {from, to});
    const Way was = before->second;
    moved_.erase(before);
    auto& of_topic = by_topic_[partition.topic];
    auto way = of_topic.find(was);
    way->second.remove(partition);
    if (way->second.empty()) of_topic.erase(way);
    if (of_topic.empty()) by_topic_.erase(partition.topic);
    if (was.first != to) add(partition, {was.first, to});
  }
  // What is to be moved instead of `partition`, from `from` to `to`.
  [[nodiscard]] TopicPartition in_place_of(const TopicPartition& partition, std::string from,
                                           const std::string& to) const {
    const auto of_topic = by_topic_.find(partition.topic);
    if (of_topic == by_topic_.end()) return partition;
    if (const auto moved = moved_.find(partition); moved != moved_.end()) {
      from = moved->second.first;
    }
    const auto back = of_topic->second.find(Way{to, from});
    return back == of_topic->second.end() ? partition : back->second.first();
  }

 private:
  using Way = std::pair<std::string, std::string>;
  void add(const TopicPartition& partition, const Way& way) {
    moved_[partition] = way;
    by_topic_[partition.topic][way].insert(partition);
  }
  absl::flat_hash_map<TopicPartition, Way> moved_;
  absl::flat_hash_map<std::string, std::map<Way, JavaSet>> by_topic_;
};

// Source: AbstractStickyAssignor.GeneralAssignmentBuilder. Its moves for balance look at racks,
// too, but do the same whether they match or not.
class MixedAssignment {
 public:
  explicit MixedAssignment(const StickyQuestion& question) : question_(question) {
    for (const auto& [topic, count] : *question.partition_counts) subscribers_[topic];
    for (const StickyMember& member : question.members) {
      const std::string& id = member.subscription->id;
      for (const std::string& topic : member.subscription->topics) {
        const auto found = subscribers_.find(topic);
        if (found == subscribers_.end()) continue;
        found->second.push_back(id);
        topics_[id].push_back(topic);
        most_[id] += static_cast<std::size_t>(question.partition_counts->at(topic));
      }
    }
  }

  MemberAssignments build() {
    remember_previous();
    std::vector<TopicPartition> unassigned = keep_what_fits();
    for (const auto& [id, list] : current_) by_size_.emplace(list.size(), id);
    balance(std::move(unassigned));
    return std::move(current_);
  }

 private:
  struct Previous {
    std::string member;
    GenerationId generation;
  };
  using Assigned = std::map<std::string, std::vector<TopicPartition>>;

  // Who had a partition before it went to another: the newest of the older generations.
  void remember_previous() {
    for (const StickyMember& member : question_.members) {
      const GenerationId generation = member.memory.generation.value_or(k_no_generation);
      const bool is_old = member.memory.generation ? generation < question_.newest
                                                   : question_.newest > k_no_generation;
      if (!is_old) continue;
      for (const TopicPartition& partition : member.memory.partitions) {
        const Previous previous{member.subscription->id, generation};
        const auto [found, is_new] = previous_.try_emplace(partition, previous);
        if (!is_new && generation > found->second.generation) found->second = previous;
      }
    }
  }

  // Returns what is left to be assigned, topics with few subscribers first.
  std::vector<TopicPartition> keep_what_fits() {
    for (const StickyMember& member : question_.members) {
      const std::string& id = member.subscription->id;
      current_[id];
      for (const TopicPartition& partition : member.owned) {
        if (wants(*member.subscription, partition.topic) &&
            !question_.racks.is_far(id, partition)) {
          current_[id].push_back(partition);
          owner_[partition] = id;
        } else {
          revocation_required_ = true;
        }
      }
    }
    std::vector<std::string> topics;
    for (const auto& [topic, subscribers] : subscribers_) topics.push_back(topic);
    std::ranges::sort(topics, {}, [&](const std::string& it) {
      return std::pair<std::size_t, std::string_view>(subscribers_[it].size(), it);
    });
    std::vector<TopicPartition> unassigned;
    for (const std::string& topic : topics) {
      const std::int32_t count = question_.partition_counts->at(topic);
      for (std::int32_t i = 0; i < count; ++i) {
        all_.push_back({topic, PartitionIndex{i}});
        if (!owner_.contains(all_.back())) unassigned.push_back(all_.back());
      }
    }
    return unassigned;
  }

  [[nodiscard]] bool subscribes(const std::string& id, const std::string& topic) const {
    const auto found = topics_.find(id);
    return found != topics_.end() && std::ranges::find(found->second, topic) != found->second.end();
  }
  [[nodiscard]] std::size_t size_of(const std::string& id) const {
    const auto found = current_.find(id);
    return found == current_.end() ? 0 : found->second.size();
  }
  [[nodiscard]] bool is_movable(const TopicPartition& it) const {
    return subscribers_.at(it.topic).size() >= 2;
  }

  // False: nobody may have it, or is near enough.
  bool assign_to_smallest(const TopicPartition& partition, bool anywhere) {
    for (const auto& [size, id] : by_size_) {
      if (!subscribes(id, partition.topic)) continue;
      if (!anywhere && question_.racks.is_far(id, partition)) continue;
      put(partition, std::string(id));
      return true;
    }
    return false;
  }
  void put(const TopicPartition& partition, const std::string& id) {
    by_size_.erase({size_of(id), id});
    current_[id].push_back(partition);
    owner_[partition] = id;
    by_size_.emplace(size_of(id), id);
  }

  [[nodiscard]] bool may_change(const std::string& id) const {
    const auto most = most_.find(id);
    if (size_of(id) < (most == most_.end() ? 0 : most->second)) return true;
    return std::ranges::any_of(current_.at(id), [&](const auto& it) { return is_movable(it); });
  }

  void balance(std::vector<TopicPartition> unassigned) {
    const bool from_nothing = by_size_.rbegin()->first == 0;
    std::vector<TopicPartition> rest;
    for (const TopicPartition& partition : unassigned) {
      if (!assign_to_smallest(partition, false)) rest.push_back(partition);
    }
    for (const TopicPartition& partition : rest) assign_to_smallest(partition, true);
    std::erase_if(all_, [&](const auto& it) { return !is_movable(it); });
    std::erase_if(unassigned, [&](const auto& it) { return !is_movable(it); });
    Assigned fixed;
    for (const StickyMember& member : question_.members) {
      const std::string& id = member.subscription->id;
      if (may_change(id)) continue;
      by_size_.erase({size_of(id), id});
      fixed[id] = std::move(current_[id]);
      current_.erase(id);
    }
    const Assigned before = current_;
    if (!revocation_required_) move_for_balance(unassigned);
    const bool moved = move_for_balance(all_);
    if (!from_nothing && moved && score(current_) >= score(before)) current_ = before;
    current_.merge(fixed);
  }

  // The sum over all pairs of members of how much they differ; 0 is perfect.
  [[nodiscard]] static std::int64_t score(const Assigned& assigned) {
    std::int64_t sum = 0;
    for (auto a = assigned.begin(); a != assigned.end(); ++a) {
      for (auto b = std::next(a); b != assigned.end(); ++b) {
        sum += std::abs(std::ssize(a->second) - std::ssize(b->second));
      }
    }
    return sum;
  }

  [[nodiscard]] bool is_balanced() const {
    if (by_size_.empty()) return true;
    if (by_size_.begin()->first + 1 >= by_size_.rbegin()->first) return true;
    for (const auto& [size, id] : by_size_) {
      const auto topics = topics_.find(id);
      if (topics == topics_.end() || size == most_.at(id)) continue;
      for (const std::string& topic : topics->second) {
        const std::int32_t count = question_.partition_counts->at(topic);
        for (std::int32_t i = 0; i < count; ++i) {
          const auto other = owner_.find({topic, PartitionIndex{i}});
          if (other == owner_.end() || other->second == id) continue;
          if (size + 1 < size_of(other->second)) return false;
        }
      }
    }
    return true;
  }

  bool move_for_balance(const std::vector<TopicPartition>& movable) {
    bool any = false;
    for (bool modified = true; modified;) {
      modified = false;
      for (const TopicPartition& partition : movable) {
        if (is_balanced()) break;
        modified |= move_if_better(partition);
      }
      any |= modified;
    }
    return any;
  }

  bool move_if_better(const TopicPartition& partition) {
    const std::string owner = owner_.at(partition);
    const auto previous = previous_.find(partition);
    if (previous != previous_.end() && current_.contains(previous->second.member) &&
        size_of(owner) > size_of(previous->second.member) + 1) {
      move(partition, previous->second.member);
      return true;
    }
    const bool better = std::ranges::any_of(subscribers_.at(partition.topic), [&](const auto& id) {
      return size_of(owner) > size_of(id) + 1;
    });
    if (!better) return false;
    for (const auto& [size, id] : by_size_) {
      if (!subscribes(id, partition.topic)) continue;
      move(partition, std::string(id));
      break;
    }
    return true;
  }

  void move(const TopicPartition& wanted, const std::string& to) {
    const TopicPartition partition = movements_.in_place_of(wanted, owner_.at(wanted), to);
    const std::string from = owner_.at(partition);
    movements_.move(partition, from, to);
    by_size_.erase({size_of(from), from});
    std::erase(current_[from], partition);
    by_size_.emplace(size_of(from), from);
    put(partition, to);
  }

  const StickyQuestion& question_;
  std::map<std::string, std::vector<std::string>> subscribers_;        // of each topic
  absl::flat_hash_map<std::string, std::vector<std::string>> topics_;  // of each member
  absl::flat_hash_map<std::string, std::size_t> most_;                 // it could have
  absl::flat_hash_map<TopicPartition, Previous> previous_;
  absl::flat_hash_map<TopicPartition, std::string> owner_;
  std::vector<TopicPartition> all_;
  Assigned current_;
  Members by_size_;
  Movements movements_;
  bool revocation_required_ = false;
};

}  // namespace

MemberAssignments assign_sticky_to_mixed(const StickyQuestion& question) {
  return MixedAssignment(question).build();
}

}  // namespace moldau::client
