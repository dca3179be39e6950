#pragma once
#include <absl/container/flat_hash_map.h>

#include <map>
#include <string>
#include <vector>

#include "client/assignor.h"

// Whom an assignor takes for near a partition (KIP-881).
namespace moldau::client {

// Of partitions of which nothing is said: none.
[[nodiscard]] const Racks& racks_at(const PartitionRacks& racks, const std::string& topic,
                                    PartitionIndex partition);

// False: nobody could be nearer to one partition than to another. No member has a rack, or none
// where a replica is, or all racks have all partitions.
// Source: AbstractPartitionAssignor.useRackAwareAssignment.
[[nodiscard]] bool racks_matter(const Racks& of_members,
                                const std::vector<const Racks*>& of_partitions);

// Members and partitions of a question, all taken together, as the sticky assignors look at racks.
// Context: refers to the question, which outlives it.
// Source:  AbstractStickyAssignor.RackInfo.
class RackMatch {
 public:
  explicit RackMatch(const AssignmentQuestion& question);

  // False: nobody is near or far from anything.
  [[nodiscard]] bool matters() const { return !member_racks_.empty(); }
  // It has a rack, and a replica is there.
  [[nodiscard]] bool is_near(const std::string& member, const TopicPartition& partition) const;
  // It has a rack, and no replica is there.
  [[nodiscard]] bool is_far(const std::string& member, const TopicPartition& partition) const;
  // How many members are near.
  [[nodiscard]] std::size_t members_near(const TopicPartition& partition) const;

 private:
  const PartitionRacks* partition_racks_;
  absl::flat_hash_map<std::string, std::string> member_racks_;
  std::map<std::string, std::size_t> members_in_;  // each rack
};

}  // namespace moldau::client
