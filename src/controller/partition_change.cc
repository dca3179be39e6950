#include "controller/partition_change.h"

#include <algorithm>

namespace moldau::controller {
namespace {

using Replicas = std::vector<BrokerId>;
constexpr BrokerId k_no_leader_change{-2};

bool contains(const Replicas& replicas, BrokerId id) {
  return std::ranges::find(replicas, id) != replicas.end();
}
bool contains_all(const Replicas& replicas, const Replicas& others) {
  return std::ranges::all_of(others, [&](BrokerId id) { return contains(replicas, id); });
}
Replicas without(const Replicas& replicas, const Replicas& gone) {
  Replicas left;
  for (const BrokerId id : replicas) {
    if (!contains(gone, id)) left.push_back(id);
  }
  return left;
}

// One change in the making: targets, from which build() makes the record.
class Change {
 public:
  Change(const View& view, const Topic& topic, const Partition& partition,
         const WantedChange& wanted, const IsAlive& is_alive)
      : view_(view),
        topic_(topic),
        partition_(partition),
        wanted_(wanted),
        is_alive_(is_alive),
        elr_enabled_(view.elr_enabled()),
        isr_(wanted.isr.value_or(partition.isr)),
        replicas_(wanted.replicas.value_or(partition.replicas)),
        removing_(wanted.removing.value_or(partition.removing_replicas)),
        adding_(wanted.adding.value_or(partition.adding_replicas)),
        elr_(partition.elr) {}

  std::optional<MetadataRecord> build() {
    record_.partition_id = partition_.index;
    record_.topic_id = topic_.id;
    complete_reassignment();
    populate_elr();
    elect();
    if (record_.leader == k_no_leader_change && !contains_all(replicas_, partition_.replicas)) {
      record_.leader = partition_.leader;  // a replica leaves: followers must see a new epoch
    }
    set_elr();
    if (!record_.isr && (!isr_.empty() || elr_enabled_) && isr_ != partition_.isr) {
      record_.isr = isr_;
    }
    // KAFKA-15021: followers before 3.6 needed a new epoch to notice a smaller ISR.
    if (view_.version().leader_epoch_bump_on_isr_shrink() && record_.isr &&
        record_.leader == k_no_leader_change && !contains_all(*record_.isr, partition_.isr)) {
      record_.leader = partition_.leader;
    }
    set_last_known_leader();
    set_assignment();
    if (wanted_.leader_recovery_state &&
        *wanted_.leader_recovery_state != partition_.leader_recovery_state) {
      record_.leader_recovery_state = static_cast<std::int8_t>(*wanted_.leader_recovery_state);
    }
    protocol::PartitionChangeRecord nothing;
    nothing.partition_id = record_.partition_id;
    nothing.topic_id = record_.topic_id;
    if (record_ == nothing) return std::nullopt;
    return MetadataRecord{std::move(record_), view_.version().partition_change_record()};
  }

 private:
  [[nodiscard]] bool is_acceptable(BrokerId id) const {
    return is_alive_(id) && view_.has_online_dir(id, partition_.directory_of(id));
  }
  // In the ISR, or in the ELR when the ISR is empty.
  [[nodiscard]] bool is_eligible(BrokerId id) const {
    return (contains(isr_, id) || (isr_.empty() && contains(elr_, id))) && is_acceptable(id);
  }

  void complete_reassignment() {
    if (removing_.empty() && adding_.empty()) return;
    const Replicas isr = without(isr_, removing_);
    const Replicas replicas = without(replicas_, removing_);
    if (!removing_.empty() && (isr.empty() || replicas.empty())) return;
    if (!contains_all(isr, adding_)) return;
    // With fewer replicas than before, an early end could shrink the ISR for nothing.
    if (adding_.size() < removing_.size() && !contains_all(isr, replicas)) return;
    isr_ = isr;
    replicas_ = replicas;
    removing_.clear();
    adding_.clear();
  }

  // Members of the ISR that leave it while it is below the minimum have all committed records.
  void populate_elr() {
    if (!elr_enabled_) return;
    if (isr_.size() >= view_.min_insync_replicas(topic_)) {
      elr_.clear();
      return;
    }
    for (const BrokerId id : partition_.isr) {
      if (!contains(elr_, id)) elr_.push_back(id);
    }
    elr_ = without(without(elr_, isr_), wanted_.unclean_replicas);
    std::ranges::sort(elr_);
  }

  struct Elected {
    BrokerId leader = k_no_broker;
    bool unclean = false;
  };

  [[nodiscard]] Elected choose() const {
    const bool preferred_first = wanted_.election == Election::preferred;
    if (preferred_first && !replicas_.empty() && is_eligible(replicas_.front())) {
      return {.leader = replicas_.front()};
    }
    if (is_eligible(partition_.leader)) return {.leader = partition_.leader};
    for (const BrokerId id : replicas_) {
      if (is_eligible(id)) return {.leader = id};
    }
    if (can_elect_last_known_leader()) {
      return {.leader = partition_.last_known_elr.front(), .unclean = true};
    }
    if (wanted_.election == Election::unclean) {
      for (const BrokerId id : replicas_) {
        if (is_acceptable(id)) return {.leader = id, .unclean = true};
      }
    }
    return {};
  }

  [[nodiscard]] bool can_elect_last_known_leader() const {
    return elr_enabled_ && elr_.empty() && isr_.empty() && partition_.last_known_elr.size() == 1 &&
           is_acceptable(partition_.last_known_elr.front());
  }

  void elect() {
    const Elected elected = choose();
    if (elected.leader == partition_.leader) return;
    if (contains(elr_, elected.leader)) {
      isr_ = {elected.leader};
      elr_ = without(elr_, isr_);
    }
    record_.leader = elected.leader;
    if (!elected.unclean) return;
    record_.isr = Replicas{elected.leader};
    if (partition_.leader_recovery_state != metadata::LeaderRecoveryState::recovering) {
      record_.leader_recovery_state =
          static_cast<std::int8_t>(metadata::LeaderRecoveryState::recovering);
    }
  }

  void set_elr() {
    // After an unclean election nobody is known to have all records.
    if (record_.isr || !elr_enabled_) elr_.clear();
    if (elr_ != partition_.elr) record_.eligible_leader_replicas = elr_;
  }

  // lastKnownElr holds the last leader of a partition without one, for its recovery.
  void set_last_known_leader() {
    if (!elr_enabled_) return;
    if (record_.leader == k_no_broker && partition_.last_known_elr.empty()) {
      record_.last_known_elr = Replicas{partition_.leader};
    } else if (record_.leader >= BrokerId{0} && !partition_.last_known_elr.empty()) {
      record_.last_known_elr = Replicas{};
    }
  }

  void set_assignment() {
    if (!replicas_.empty()) {
      if (view_.version().directory_assignment()) {
        std::vector<Uuid> directories;
        for (const BrokerId id : replicas_) directories.push_back(target_directory(id));
        if (directories != partition_.directories) record_.directories = std::move(directories);
      }
      if (replicas_ != partition_.replicas) record_.replicas = replicas_;
    }
    if (removing_ != partition_.removing_replicas) record_.removing_replicas = removing_;
    if (adding_ != partition_.adding_replicas) record_.adding_replicas = adding_;
  }
  [[nodiscard]] Uuid target_directory(BrokerId id) const {
    if (wanted_.directory && wanted_.directory->first == id) return wanted_.directory->second;
    return contains(partition_.replicas, id) ? partition_.directory_of(id)
                                             : view_.default_directory(id);
  }

  const View& view_;
  const Topic& topic_;
  const Partition& partition_;
  const WantedChange& wanted_;
  const IsAlive& is_alive_;
  bool elr_enabled_;
  Replicas isr_;
  Replicas replicas_;
  Replicas removing_;
  Replicas adding_;
  Replicas elr_;
  protocol::PartitionChangeRecord record_;
};

}  // namespace

std::optional<MetadataRecord> change_partition(const View& view, const Topic& topic,
                                               const Partition& partition,
                                               const WantedChange& wanted,
                                               const IsAlive& is_alive) {
  return Change(view, topic, partition, wanted, is_alive).build();
}

}  // namespace moldau::controller
