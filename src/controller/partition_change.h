#pragma once
#include <functional>
#include <optional>
#include <vector>

#include "controller/view.h"
#include "metadata/record.h"

namespace moldau::controller {

enum class Election : std::uint8_t {
  online,     // a leader that stays eligible stays; else any eligible replica
  preferred,  // the first replica, if it is eligible
  unclean,    // as online, and if nobody is eligible any replica that is alive: records may be lost
};

// A change that somebody wants of one partition. What is not set stays as it is.
struct WantedChange {
  Election election = Election::online;
  std::optional<std::vector<BrokerId>> isr;
  // Of a reassignment: `replicas` has those that come and those that go.
  std::optional<std::vector<BrokerId>> replicas;
  std::optional<std::vector<BrokerId>> removing;
  std::optional<std::vector<BrokerId>> adding;
  std::optional<metadata::LeaderRecoveryState> leader_recovery_state;
  // Replicas that came back without a clean shutdown: they may lack records, so they leave the ELR.
  std::vector<BrokerId> unclean_replicas;
  std::optional<std::pair<BrokerId, Uuid>> directory;  // a replica moves there
};

// Who may lead: alive (what that means is the caller's), with the replica's directory online.
using IsAlive = std::function<bool(BrokerId)>;

// The record that brings the change about, with everything that follows from it: completed
// reassignment, eligible leader replicas (KIP-966), the election, leader epoch bumps.
// nullopt: nothing would change.
// Source: PartitionChangeBuilder, ReplicationControlManager.LeaderAcceptor.
[[nodiscard]] std::optional<MetadataRecord> change_partition(const View& view, const Topic& topic,
                                                             const Partition& partition,
                                                             const WantedChange& wanted,
                                                             const IsAlive& is_alive);

}  // namespace moldau::controller
