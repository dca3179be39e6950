#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/uuid.h"

// Who gets which partitions in a consumer group: the server-side assignors, with Kafka's results.
// Source: RangeAssignor, UniformAssignor and its two builders.
namespace moldau::group {

using TopicPartitions = std::map<Uuid, std::set<PartitionIndex>>;

struct AssignedMember {
  std::string id;
  std::optional<std::string> instance_id;
  std::set<Uuid> topics;    // that exist
  TopicPartitions current;  // what it has
};

// Members in the order in which Kafka walks them; see protocol/java_order.h.
struct AssignmentQuestion {
  std::vector<AssignedMember> members;
  // Whether all of them subscribe to the same topics.
  bool homogeneous = true;
  std::map<Uuid, std::int32_t> partition_counts;
};

// By member id; who gets nothing may be absent.
using GroupAssignment = std::map<std::string, TopicPartitions, std::less<>>;

// Each topic is cut into ranges, one for each subscriber, in the order of the members' ids:
// topics with equally many partitions and the same subscribers are assigned alike.
[[nodiscard]] GroupAssignment assign_ranges(const AssignmentQuestion& question);

// As evenly as subscriptions allow, and as little different from what members have as that allows.
[[nodiscard]] GroupAssignment assign_uniformly(const AssignmentQuestion& question);
// The part of it for members of different subscriptions.
[[nodiscard]] GroupAssignment assign_uniformly_mixed(const AssignmentQuestion& question);

enum class AssignorName : std::uint8_t { uniform, range };
[[nodiscard]] std::optional<AssignorName> assignor_of(std::string_view name);
[[nodiscard]] std::string_view name_of(AssignorName assignor);
[[nodiscard]] GroupAssignment assign(AssignorName assignor, const AssignmentQuestion& question);

}  // namespace moldau::group
