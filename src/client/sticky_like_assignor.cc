#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>

#include <algorithm>
#include <deque>
#include <list>

#include "client/sticky_assignor.h"

namespace moldau::client {
namespace {

// Every member gets the quota, and as many as there are partitions left over one more. First each
// keeps what it had, up to that; then the rest goes round.
// Source: AbstractStickyAssignor.ConstrainedAssignmentBuilder, without its racks.
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
    below_.sort();
    std::ranges::sort(at_least_);
    go_round();
    return {std::move(assignments_), std::move(transfers_)};
  }

 private:
  void keep_what_fits(const StickyMember& member) {
    const std::string& id = member.subscription->id;
    std::vector<TopicPartition> owned = member.owned;
    std::erase_if(owned, [&](const auto& it) { return question_.contested.contains(it); });
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

  // Members below the quota take turns; when all have it, those with the quota get one more each.
  void go_round() {
    auto turn = below_.begin();
    for (const auto& [topic, count] : *question_.partition_counts) {
      for (std::int32_t i = 0; i < count; ++i) {
        TopicPartition partition{topic, PartitionIndex{i}};
        if (taken_.contains(partition)) continue;
        if (turn == below_.end() && !below_.empty()) turn = below_.begin();
        if (turn == below_.end()) {
          CHECK(!at_least_.empty());
          const std::string id = at_least_.front();
          at_least_.pop_front();
          give(id, std::move(partition));
          continue;
        }
        const std::string id = *turn;
        if (give(id, std::move(partition)) == quota_min_) {
          turn = below_.erase(turn);
          at_least_.push_back(id);
        } else {
          ++turn;
        }
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
  std::list<std::string> below_;      // members with less than the quota
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
