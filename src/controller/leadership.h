#pragma once
#include <optional>
#include <vector>

#include "controller/partition_change.h"
#include "controller/view.h"

namespace moldau::controller {

using Records = std::vector<MetadataRecord>;

// What happens to partitions when a broker comes, goes or changes. Each call appends to `records`.
// Source: ReplicationControlManager.handleBroker..., generateLeaderAndIsrUpdates.
class Leadership {
 public:
  explicit Leadership(const View& view) : view_(view) {}

  // The broker's session ended: it leaves every ISR and leads nothing; it is marked fenced.
  void fence(BrokerId id, Records& records) const;
  // It may be chosen for partitions that have no leader; it is marked unfenced.
  void unfence(BrokerId id, BrokerEpoch epoch, Records& records) const;
  // It wants to go: its leaderships move, and it leaves the ISRs.
  void begin_controlled_shutdown(BrokerId id, BrokerEpoch epoch, Records& records) const;
  void unregister(BrokerId id, BrokerEpoch epoch, Records& records) const;
  // A new incarnation registers: what the old one led and followed ends. Not clean: with ELR it
  // leaves the eligible leader replicas too.
  void end_incarnation(BrokerId id, bool clean, Records& records) const;
  // These directories of the broker failed.
  void directories_offline(BrokerId id, BrokerEpoch epoch, const std::vector<Uuid>& offline,
                           Records& records) const;
  void directories_cordoned(BrokerId id, BrokerEpoch epoch, const std::vector<Uuid>& cordoned,
                            Records& records) const;
  // The replica on `id` of this partition went offline.
  void replica_offline(BrokerId id, const Topic& topic, const Partition& partition,
                       Records& records) const;

  [[nodiscard]] bool has_leaderships(BrokerId id) const;
  // At most `most` records; whether there may be more to do.
  bool elect_preferred_leaders(std::size_t most, Records& records) const;
  bool elect_unclean_leaders(std::size_t most, Records& records) const;

 private:
  struct Move {
    BrokerId remove = k_no_broker;   // leaves ISR, must not lead
    BrokerId add = k_no_broker;      // may lead though still marked fenced
    BrokerId unclean = k_no_broker;  // as remove, and leaves the ELR
  };
  template <class Affected>
  void update(const Move& move, const Affected& affected, Records& records) const;
  void update_one(const Move& move, const Topic& topic, const Partition& partition,
                  Records& records) const;

  const View& view_;
};

}  // namespace moldau::controller
