#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>

#include <algorithm>
#include <deque>

#include "client/sticky_assignor.h"

namespace moldau::client {
namespace {

// Every member gets the quota, and as many as there are partitions left over one more. First each
// keeps what it had and is near, up to that; then what somebody is near goes round, then the rest.
// Source: AbstractStickyAssignor.ConstrainedAssignmentBuilder.
class LikeAssignment {
 public:
  explicit LikeAssignment(const StickyQuestion& question) : question_(question) {
    std::size_t total = 0;
    for (const auto& [topic, count] : *question.partition_counts) {
      total += static_cast<std::size_t>(count);
    }
    const std::size_t members = question.members.size();
    quota_min_ = total / members;
    extras_ = total % members;
    quota_max_ = quota_min_ + (extras_ > 0 ? 1 : 0);
  }

  StickyAnswer build() {
    for (const StickyMember& member : question_.members) keep_what_fits(member);
    std::ranges::sort(below_);
    std::ranges::sort(at_least_);
    std::vector<TopicPartition> rest = unassigned();
    if (question_.racks.matters()) rest = go_round_nearby(std::move(rest));
    go_round(std::move(rest));
    return {std::move(assignments_), std::move(transfers_)};
  }

 private:
  void keep_what_fits(const StickyMember& member) {
    const std::string& id = member.subscription->id;
    std::vector<TopicPartition> owned = member.owned;
    std::erase_if(owned, [&](const auto& it) {
      const bool is_far = question_.racks.is_far(id, it);
      if (is_far) given_up_[it] = id;
      return is_far || question_.contested.contains(it);
    });
    std::ranges::sort(owned, [](const TopicPartition& a, const TopicPartition& b) {
      return std::tie(a.partition, a.topic) < std::tie(b.partition, b.topic);
    });
    assignments_[id];
    if (owned.size() < quota_min_) {
      keep(id, owned, owned.size());
      below_.push_back(id);
    } else if (owned.size() >= quota_max_ && with_extra_ < extras_) {
      if (++with_extra_ == extras_) at_least_.clear();
      keep(id, owned, quota_max_);
    } else {
      keep(id, owned, quota_min_);
      if (with_extra_ < extras_) at_least_.push_back(id);
    }
  }

  void keep(const std::string& id, const std::vector<TopicPartition>& owned, std::size_t count) {
    for (std::size_t i = 0; i < owned.size(); ++i) {
      if (i < count) {
        assignments_[id].push_back(owned[i]);
        taken_.insert(owned[i]);
      } else {
        given_up_[owned[i]] = id;
      }
    }
  }

  // In order; with racks, those that few members are near come first.
  [[nodiscard]] std::vector<TopicPartition> unassigned() const {
    std::vector<std::pair<std::size_t, TopicPartition>> keyed;
    for (const auto& [topic, count] : *question_.partition_counts) {
      for (std::int32_t i = 0; i < count; ++i) {
        TopicPartition partition{topic, PartitionIndex{i}};
        if (taken_.contains(partition)) continue;
        const std::size_t near = question_.racks.members_near(partition);
        keyed.emplace_back(near, std::move(partition));
      }
    }
    std::ranges::sort(keyed);
    std::vector<TopicPartition> out;
    for (auto& [near, partition] : keyed) out.push_back(std::move(partition));
    return out;
  }

  // Each partition to a member that is near, the next one below the quota if there is one. Returns
  // those that none of these is near.
  std::vector<TopicPartition> go_round_nearby(std::vector<TopicPartition> partitions) {
    std::vector<TopicPartition> rest;
    std::size_t turn = 0;
    for (TopicPartition& partition : partitions) {
      if (const auto below = next_near(partition, below_, turn)) {
        turn = give_to_below(*below, std::move(partition));
      } else if (const auto extra = next_near(partition, at_least_, 0)) {
        give_extra(*extra, std::move(partition));
      } else {
        rest.push_back(std::move(partition));
      }
    }
    return rest;
  }

  // The place in the queue of the first one that is near, from `turn` on and around.
  [[nodiscard]] std::optional<std::size_t> next_near(const TopicPartition& partition,
                                                     const std::deque<std::string>& members,
                                                     std::size_t turn) const {
    for (std::size_t i = 0; i < members.size(); ++i) {
      const std::size_t at = (turn + i) % members.size();
      if (question_.racks.is_near(members[at], partition)) return at;
    }
    return std::nullopt;
  }

  // Returns whose turn is next.
  std::size_t give_to_below(std::size_t at, TopicPartition partition) {
    const std::string id = below_[at];
    const std::size_t has = give(id, std::move(partition));
    if (has < quota_min_) return (at + 1) % below_.size();
    below_.erase(below_.begin() + static_cast<std::ptrdiff_t>(at));
    if (has < quota_max_ && with_extra_ < extras_) at_least_.push_back(id);
    return below_.empty() ? 0 : at % below_.size();
  }

  void give_extra(std::size_t at, TopicPartition partition) {
    const std::string id = at_least_[at];
    if (give(id, std::move(partition)) < quota_max_) return;
    at_least_.erase(at_least_.begin() + static_cast<std::ptrdiff_t>(at));
    if (++with_extra_ == extras_) at_least_.clear();
  }

  // Members below the quota take turns; when all have it, those with the quota get one more each.
  void go_round(std::vector<TopicPartition> partitions) {
    std::size_t turn = 0;
    for (TopicPartition& partition : partitions) {
      if (below_.empty()) {
        CHECK(!at_least_.empty());
        const std::string id = at_least_.front();
        at_least_.pop_front();
        give(id, std::move(partition));
        continue;
      }
      turn %= below_.size();
      const std::string id = below_[turn];
      if (give(id, std::move(partition)) == quota_min_) {
        below_.erase(below_.begin() + static_cast<std::ptrdiff_t>(turn));
        at_least_.push_back(id);
      } else {
        ++turn;
      }
    }
  }

  std::size_t give(const std::string& id, TopicPartition partition) {
    const auto before = given_up_.find(partition);
    if ((before != given_up_.end() && before->second != id) ||
        question_.contested.contains(partition)) {
      transfers_[partition] = id;
    }
    auto& list = assignments_[id];
    list.push_back(std::move(partition));
    return list.size();
  }

  const StickyQuestion& question_;
  std::size_t quota_min_ = 0;
  std::size_t quota_max_ = 0;
  std::size_t extras_ = 0;            // how many members have one more than the least
  std::size_t with_extra_ = 0;        // how many have it by now
  std::deque<std::string> below_;     // members with less than the quota
  std::deque<std::string> at_least_;  // members with the quota, who may get one more
  MemberAssignments assignments_;
  absl::flat_hash_set<TopicPartition> taken_;
  absl::flat_hash_map<TopicPartition, std::string> given_up_;
  Transfers transfers_;
};

}  // namespace

StickyAnswer assign_sticky_to_like(const StickyQuestion& question) {
  return LikeAssignment(question).build();
}

}  // namespace moldau::client
