#pragma once
#include "controller/controller.h"
#include "controller/leadership.h"
#include "controller/view.h"

namespace moldau::controller {

// Leaders change their in-sync replicas, people ask for elections, brokers say where replicas lie.
// Source: ReplicationControlManager.alterPartition, electLeaders, handleAssignReplicasToDirs.
class IsrControl {
 public:
  explicit IsrControl(const View& view) : view_(view) {}

  [[nodiscard]] Result<Decision<protocol::AlterPartitionResponse>> alter(
      const Call& call, const protocol::AlterPartitionRequest& request) const;
  [[nodiscard]] Result<Decision<protocol::ElectLeadersResponse>> elect(
      const Call& call, const protocol::ElectLeadersRequest& request) const;
  [[nodiscard]] Result<Decision<protocol::AssignReplicasToDirsResponse>> assign_directories(
      const protocol::AssignReplicasToDirsRequest& request) const;

 private:
  using AskedPartition = protocol::AlterPartitionRequest::PartitionData;
  using AlteredPartition = protocol::AlterPartitionResponse::PartitionData;

  [[nodiscard]] Errc check(BrokerId broker, const Partition& partition, const AskedPartition& asked,
                           const std::vector<BrokerId>& isr) const;
  [[nodiscard]] bool is_eligible(BrokerId id, BrokerEpoch epoch) const;
  [[nodiscard]] AlteredPartition alter_one(const Call& call, BrokerId broker, const Topic& topic,
                                           const AskedPartition& asked, Records& records) const;
  [[nodiscard]] Result<void> elect_one(std::string_view topic, PartitionIndex index,
                                       Election election, Records& records) const;
  [[nodiscard]] Errc assign_one(BrokerId broker, const Uuid& dir, const Uuid& topic_id,
                                PartitionIndex index, Records& records) const;

  const View& view_;
};

}  // namespace moldau::controller
