#include "controller/placement.h"

#include <algorithm>
#include <map>
#include <utility>

namespace moldau::controller {
namespace {

template <class T>
void shuffle(std::vector<T>& items, Rng& rng) {
  for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[rng.below(i)]);
}

// Brokers of one rack in one state. A round hands each out once; each round starts one further on.
class Ring {
 public:
  void add(BrokerId broker) { brokers_.push_back(broker); }
  void begin(Rng& rng) {
    if (brokers_.empty()) return;
    std::ranges::sort(brokers_);
    offset_ = rng.below(brokers_.size());
  }
  void reshuffle(Rng& rng) { shuffle(brokers_, rng); }
  std::optional<BrokerId> next(int round) {
    if (brokers_.empty()) return std::nullopt;
    if (round_ != round) {
      round_ = round;
      taken_ = 0;
      offset_ = (offset_ + 1) % brokers_.size();
    }
    if (taken_ >= brokers_.size()) return std::nullopt;
    return brokers_[(taken_++ + offset_) % brokers_.size()];
  }

 private:
  std::vector<BrokerId> brokers_;
  std::size_t taken_ = 0;
  std::size_t offset_ = 0;
  int round_ = 0;
};

struct Rack {
  Ring fenced;
  Ring unfenced;
};

class Racks {
 public:
  Racks(std::span<const UsableBroker> brokers, Rng& rng) : rng_(rng) {
    std::map<std::optional<std::string>, Rack> by_name;  // no rack sorts first
    for (const UsableBroker& broker : brokers) {
      Rack& rack = by_name[broker.rack];
      (broker.fenced ? rack.fenced : rack.unfenced).add(broker.id);
      unfenced_count_ += broker.fenced ? 0 : 1;
    }
    for (auto& [name, rack] : by_name) {
      rack.fenced.begin(rng_);
      rack.unfenced.begin(rng_);
      racks_.push_back(std::move(rack));
    }
    if (!racks_.empty()) offset_ = rng_.below(racks_.size());
  }

  std::vector<BrokerId> place(int replication_factor) {
    // All assignments of this order are used up: another order gives others. A single unfenced
    // broker has no other order.
    if (round_ == unfenced_count_ && unfenced_count_ > 1) {
      shuffle(racks_, rng_);
      for (Rack& rack : racks_) {
        rack.fenced.reshuffle(rng_);
        rack.unfenced.reshuffle(rng_);
      }
      round_ = 0;
    }
    if (offset_ == racks_.size()) offset_ = 0;

    std::vector<BrokerId> replicas;
    std::optional<std::size_t> leader_rack = offset_;
    while (replicas.empty()) {
      if (const auto broker = racks_[*leader_rack].unfenced.next(round_)) {
        replicas.push_back(*broker);
      } else {
        leader_rack = (*leader_rack + 1) % racks_.size();
      }
    }
    std::size_t at = offset_;
    while (std::ssize(replicas) < replication_factor) {
      if (leader_rack == at) {
        leader_rack.reset();  // it has given one in this walk round the racks
      } else {
        auto broker = racks_[at].unfenced.next(round_);
        if (!broker) broker = racks_[at].fenced.next(round_);
        if (broker) replicas.push_back(*broker);
      }
      at = (at + 1) % racks_.size();
    }
    ++round_;
    ++offset_;
    return replicas;
  }

  [[nodiscard]] int unfenced_count() const { return unfenced_count_; }

 private:
  Rng& rng_;
  std::vector<Rack> racks_;
  int unfenced_count_ = 0;
  int round_ = 0;
  std::size_t offset_ = 0;
};

}  // namespace

Result<std::vector<std::vector<BrokerId>>> place_replicas(std::span<const UsableBroker> brokers,
                                                          int partitions, int replication_factor,
                                                          Rng& rng) {
  constexpr Errc k_invalid = Errc::invalid_replication_factor;
  if (replication_factor <= 0) {
    return fail(k_invalid,
                "Invalid replication factor {}: the replication factor must be positive.",
                replication_factor);
  }
  Racks racks(brokers, rng);
  if (racks.unfenced_count() == 0) {
    return fail(k_invalid,
                "All brokers are currently fenced, or have all their log directories cordoned.");
  }
  if (replication_factor > std::ssize(brokers)) {
    return fail(k_invalid,
                "The target replication factor of {} cannot be reached because only {} broker(s) "
                "are registered or some brokers have all their log directories cordoned.",
                replication_factor, brokers.size());
  }
  std::vector<std::vector<BrokerId>> placed;
  placed.reserve(static_cast<std::size_t>(partitions));
  for (int i = 0; i < partitions; ++i) placed.push_back(racks.place(replication_factor));
  return placed;
}

}  // namespace moldau::controller
