#include <algorithm>
#include <tuple>
#include <utility>

#include "base/check.h"
#include "group/assignor.h"

namespace moldau::group {
namespace {

using MemberNumber = std::size_t;  // the position in the question
constexpr MemberNumber k_nobody = SIZE_MAX;

// Kafka's ids compare as two signed numbers.
std::pair<std::int64_t, std::int64_t> java_order_of(const Uuid& id) {
  return {static_cast<std::int64_t>(id.high()), static_cast<std::int64_t>(id.low())};
}

// Some members, the least loaded first. Two ranges of them are walked: those that have least and
// are given partitions, which grows upwards, and those that have most and give, which grows
// downwards. Within a range all begin with equally many partitions.
class Balancer {
 public:
  explicit Balancer(const std::vector<std::int32_t>& loads) : loads_(loads) {}

  // How many partitions the most loaded has more than the least loaded.
  std::int32_t begin(const std::vector<MemberNumber>& members) {
    sorted_ = members;
    std::ranges::sort(sorted_, {}, [this](MemberNumber m) { return std::pair(loads_[m], m); });
    least_end_ = 0;
    least_load_ = loads_[sorted_.front()] - 1;
    least_next_ = 0;
    most_begin_ = sorted_.size();
    most_end_ = sorted_.size();
    most_load_ = loads_[sorted_.back()] + 1;
    most_next_ = std::ssize(sorted_) - 1;
    return loads_[sorted_.back()] - loads_[sorted_.front()];
  }

  MemberNumber next_least_loaded() {
    if (least_next_ >= least_end_) {
      ++least_load_;
      while (least_end_ < sorted_.size() && loads_[sorted_[least_end_]] == least_load_) {
        ++least_end_;
      }
      least_next_ = 0;
    }
    return sorted_[least_next_++];
  }

  // k_nobody: none is left that could give.
  MemberNumber next_most_loaded() {
    if (most_next_ < static_cast<std::int64_t>(most_begin_)) {
      if (most_end_ <= most_begin_ && most_begin_ > 0) {
        most_load_ = loads_[sorted_[most_begin_ - 1]];
      } else {
        --most_load_;
      }
      while (most_begin_ > 0 && loads_[sorted_[most_begin_ - 1]] == most_load_) --most_begin_;
      most_next_ = static_cast<std::int64_t>(most_end_) - 1;
    }
    if (most_next_ < 0) return k_nobody;
    return sorted_[static_cast<std::size_t>(most_next_--)];
  }

  // The one that was last returned by next_most_loaded() has nothing to give.
  void exclude_most_loaded() {
    std::swap(sorted_[static_cast<std::size_t>(most_next_ + 1)], sorted_[most_end_ - 1]);
    --most_end_;
  }

  [[nodiscard]] bool is_balanced() const { return most_load_ - least_load_ <= 1; }

 private:
  const std::vector<std::int32_t>& loads_;
  std::vector<MemberNumber> sorted_;
  std::size_t least_end_ = 0;    // the least loaded are [0, least_end_)
  std::int32_t least_load_ = 0;  // what each of them had when the walk came to them
  std::size_t least_next_ = 0;
  std::size_t most_begin_ = 0;  // the most loaded are [most_begin_, most_end_)
  std::size_t most_end_ = 0;
  std::int32_t most_load_ = 0;
  std::int64_t most_next_ = -1;
};

class MixedAssignment {
 public:
  explicit MixedAssignment(const AssignmentQuestion& question)
      : members_(question.members), loads_(question.members.size(), 0), balancer_(loads_) {
    for (MemberNumber m = 0; m < members_.size(); ++m) {
      for (const Uuid& id : members_[m].topics) {
        Topic& topic = topics_[id];
        topic.id = id;
        topic.subscribers.push_back(m);
        topic.owners.resize(static_cast<std::size_t>(question.partition_counts.at(id)), k_nobody);
      }
    }
  }

  GroupAssignment build() {
    if (topics_.empty()) return {};
    keep_subscribed();
    for (auto& [id, topic] : topics_) sorted_.push_back(&topic);
    std::ranges::sort(sorted_, less_demanding_later);
    for (Topic* topic : sorted_) assign_rest(*topic);
    balance();
    return collect();
  }

 private:
  struct Topic {
    Uuid id;
    std::vector<MemberNumber> subscribers;
    std::vector<MemberNumber> owners;  // by partition
  };

  // Topics with most partitions for each subscriber first.
  static bool less_demanding_later(const Topic* a, const Topic* b) {
    const auto demand = [](const Topic* topic) {
      return static_cast<double>(topic->owners.size()) /
             static_cast<double>(topic->subscribers.size());
    };
    return std::tuple(-demand(a), a->subscribers.size(), java_order_of(a->id)) <
           std::tuple(-demand(b), b->subscribers.size(), java_order_of(b->id));
  }

  void keep_subscribed() {
    for (MemberNumber m = 0; m < members_.size(); ++m) {
      for (const auto& [id, partitions] : members_[m].current) {
        if (!members_[m].topics.contains(id)) continue;
        Topic& topic = topics_.at(id);
        for (const PartitionIndex partition : partitions) {
          const auto index = static_cast<std::size_t>(partition.value());
          if (index >= topic.owners.size()) continue;
          topic.owners[index] = m;
          ++loads_[m];
        }
      }
    }
  }

  void assign_rest(Topic& topic) {
    balancer_.begin(topic.subscribers);
    for (std::size_t i = 0; i < topic.owners.size(); ++i) {
      if (topic.owners[i] == k_nobody) give(topic, i, balancer_.next_least_loaded());
    }
  }

  void give(Topic& topic, std::size_t partition, MemberNumber to) {
    if (topic.owners[partition] != k_nobody) --loads_[topic.owners[partition]];
    topic.owners[partition] = to;
    ++loads_[to];
  }

  // Until a whole round moves nothing. Where subscriptions overlap this can take long to come to an
  // end, and each round about halves what is uneven; Kafka gives it as many rounds.
  void balance() {
    constexpr int k_rounds_max = 16;
    std::erase_if(sorted_, [](const Topic* topic) { return topic->subscribers.size() < 2; });
    const Topic* last_changed = nullptr;
    for (int round = 0; round < k_rounds_max; ++round) {
      for (Topic* topic : sorted_) {
        if (topic == last_changed) return;
        if (balance_topic(*topic) || last_changed == nullptr) last_changed = topic;
      }
    }
  }

  // Whether anything moved.
  bool balance_topic(Topic& topic) {
    if (balancer_.begin(topic.subscribers) <= 1) return false;
    std::map<MemberNumber, std::vector<std::size_t>> owned;  // the last one is given away first
    for (std::size_t i = 0; i < topic.owners.size(); ++i) owned[topic.owners[i]].push_back(i);
    bool moved = false;
    while (!balancer_.is_balanced()) {
      MemberNumber from = balancer_.next_most_loaded();
      while (from != k_nobody && owned[from].empty()) {
        balancer_.exclude_most_loaded();
        from = balancer_.next_most_loaded();
      }
      if (from == k_nobody) break;
      const std::size_t partition = owned[from].back();
      owned[from].pop_back();
      const MemberNumber to = balancer_.next_least_loaded();
      if (balancer_.is_balanced()) break;
      give(topic, partition, to);
      moved = true;
    }
    return moved;
  }

  GroupAssignment collect() const {
    GroupAssignment assignment;
    for (const AssignedMember& member : members_) assignment[member.id];
    for (const auto& [id, topic] : topics_) {
      for (std::size_t i = 0; i < topic.owners.size(); ++i) {
        CHECK(topic.owners[i] != k_nobody);
        auto& partitions = assignment.find(members_[topic.owners[i]].id)->second[id];
        partitions.insert(partitions.end(), PartitionIndex{static_cast<std::int32_t>(i)});
      }
    }
    return assignment;
  }

  const std::vector<AssignedMember>& members_;
  std::map<Uuid, Topic> topics_;
  std::vector<Topic*> sorted_;
  std::vector<std::int32_t> loads_;  // partitions that each member has
  Balancer balancer_;
};

}  // namespace

GroupAssignment assign_uniformly_mixed(const AssignmentQuestion& question) {
  return MixedAssignment(question).build();
}

}  // namespace moldau::group
