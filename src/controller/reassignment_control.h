#pragma once
#include "controller/controller.h"
#include "controller/partition_change.h"
#include "controller/view.h"

namespace moldau::controller {

using Records = std::vector<MetadataRecord>;

// Partitions move to other replicas, or back (KIP-455). A reassignment that is under way shows in
// the partition: `adding` are copying, `removing` go when the in-sync replicas hold all that are
// added; the change of the in-sync replicas that completes it ends it (partition_change.h).
// Source: ReplicationControlManager.alterPartitionReassignments, listPartitionReassignments.
class ReassignmentControl {
 public:
  explicit ReassignmentControl(const View& view) : view_(view) {}

  [[nodiscard]] Result<Decision<protocol::AlterPartitionReassignmentsResponse>> alter(
      const protocol::AlterPartitionReassignmentsRequest& request) const;
  // Of committed state: `image` is not what the view shows.
  [[nodiscard]] static protocol::ListPartitionReassignmentsResponse list(
      const Image& image, const protocol::ListPartitionReassignmentsRequest& request);

 private:
  using Asked = protocol::AlterPartitionReassignmentsRequest::ReassignablePartition;
  [[nodiscard]] Result<void> alter_one(std::string_view topic, const Asked& asked,
                                       bool may_change_factor, Records& records) const;
  [[nodiscard]] Result<WantedChange> move(const Partition& partition,
                                          const std::vector<BrokerId>& target,
                                          bool may_change_factor) const;
  [[nodiscard]] Result<WantedChange> cancel(std::string_view topic,
                                            const Partition& partition) const;

  const View& view_;
};

}  // namespace moldau::controller
