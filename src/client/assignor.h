#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "client/record.h"
#include "client/replica_racks.h"

// Who gets which partition in a group of the classic protocol: one member, the leader, decides for
// all. Every Kafka client must decide the same, or a group of mixed clients never settles. Members
// with a rack get what has a replica there, as far as that keeps the balance (KIP-881); roundrobin
// looks at no racks.
namespace moldau::client {

// Counts the rebalances of a group (classic protocol).
using GenerationId = Id<struct GenerationIdTag, std::int32_t>;
inline constexpr GenerationId k_no_generation{-1};

// What a member said of itself when it joined.
struct MemberSubscription {
  std::string id;
  std::optional<std::string> instance_id;  // group.instance.id
  std::vector<std::string> topics;
  std::vector<TopicPartition> owned;
  std::optional<GenerationId> generation;  // of what it owned
  std::optional<std::vector<std::byte>> user_data;
  std::optional<std::string> rack;  // client.rack; not empty
};

using PartitionCounts = std::map<std::string, std::int32_t>;  // of each topic that exists
struct AssignmentQuestion {
  std::vector<MemberSubscription> members;  // as the coordinator lists them
  PartitionCounts partition_counts;
  PartitionRacks partition_racks = {};  // what is missing has no rack
};
using MemberAssignments = std::map<std::string, std::vector<TopicPartition>>;  // each list sorted

// How a member gives up partitions: all before it joins again, or only those that it must.
enum class RebalanceProtocol : std::uint8_t { eager, cooperative };

// One way to assign (partition.assignment.strategy), with what it remembers between rebalances.
// Context: a value of one consumer; no clock, no I/O.
class Assignor {
 public:
  Assignor() = default;
  Assignor(const Assignor&) = delete;
  Assignor& operator=(const Assignor&) = delete;
  virtual ~Assignor() = default;
  [[nodiscard]] virtual std::string_view name() const = 0;
  // The most advanced protocol that it can.
  [[nodiscard]] virtual RebalanceProtocol protocol() const { return RebalanceProtocol::eager; }
  // What it wants to tell the leader beside the subscription.
  [[nodiscard]] virtual std::optional<std::vector<std::byte>> user_data() const { return {}; }
  // What this member got.
  virtual void on_assignment(const std::vector<TopicPartition>& /*assigned*/,
                             GenerationId /*generation*/) {}
  // The leader's task.
  [[nodiscard]] virtual MemberAssignments assign(const AssignmentQuestion& question) = 0;
};

// "range", "roundrobin", "sticky", "cooperative-sticky", or the class that Kafka has for it.
// Errors: bad_configuration, in Kafka's words.
[[nodiscard]] Result<std::unique_ptr<Assignor>> make_assignor(std::string_view name_or_class);
// Each of a list with commas. Errors: also when they have no rebalance protocol in common.
[[nodiscard]] Result<std::vector<std::unique_ptr<Assignor>>> make_assignors(std::string_view list);

// The algorithms, without memory.
[[nodiscard]] MemberAssignments assign_range(const AssignmentQuestion& question);
[[nodiscard]] MemberAssignments assign_round_robin(const AssignmentQuestion& question);

// Static members in the order of their instance ids, then the others in that of their member ids.
[[nodiscard]] bool comes_first(const MemberSubscription& a, const MemberSubscription& b);
[[nodiscard]] bool wants(const MemberSubscription& member, const std::string& topic);
// A list of nothing for each member.
[[nodiscard]] MemberAssignments no_assignments(const AssignmentQuestion& question);

}  // namespace moldau::client
