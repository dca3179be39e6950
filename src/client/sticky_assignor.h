#pragma once
#include <map>
#include <set>
#include <string>
#include <vector>

#include "client/assignor.h"
#include "client/rack_match.h"

namespace moldau::client {

// Which partitions a member says it had, and when.
struct MemberMemory {
  std::vector<TopicPartition> partitions;
  std::optional<GenerationId> generation;
};

// One member in the order in which Kafka's hash map gives it.
struct StickyMember {
  const MemberSubscription* subscription;
  MemberMemory memory;
  std::vector<TopicPartition> owned;  // that nobody contests
};

// The question with what each member had, contested partitions taken away.
struct StickyQuestion {
  std::vector<StickyMember> members;
  const PartitionCounts* partition_counts;
  std::set<TopicPartition> contested;  // by members of the same generation
  bool same_topics = true;             // all members want the same
  GenerationId newest = k_no_generation;
  RackMatch racks;
};
// `newest`: the newest generation that the assignor ever saw. The question has
// members, and outlives what is returned.
[[nodiscard]] StickyQuestion sticky_question(const AssignmentQuestion& question,
                                             std::vector<MemberMemory> memories,
                                             GenerationId newest);

using Transfers = std::map<TopicPartition, std::string>;  // to whom
struct StickyAnswer {
  MemberAssignments assignments;
  // Partitions that change hands; nullopt: not counted.
  std::optional<Transfers> transfers;
};
[[nodiscard]] StickyAnswer assign_sticky(const StickyQuestion& question);
// Where all members want the same topics.
[[nodiscard]] StickyAnswer assign_sticky_to_like(const StickyQuestion& question);
// Where they do not.
[[nodiscard]] MemberAssignments assign_sticky_to_mixed(const StickyQuestion& question);

// Balanced, and each member keeps what it can; eager: all is given up, and then given back.
// Source: org.apache.kafka.clients.consumer.StickyAssignor, AbstractStickyAssignor.
class StickyAssignor final : public Assignor {
 public:
  [[nodiscard]] std::string_view name() const override { return "sticky"; }
  [[nodiscard]] std::optional<std::vector<std::byte>> user_data() const override;
  void on_assignment(const std::vector<TopicPartition>& assigned, GenerationId generation) override;
  [[nodiscard]] MemberAssignments assign(const AssignmentQuestion& question) override;

 private:
  std::optional<std::vector<TopicPartition>> assigned_;
  GenerationId generation_ = k_no_generation;
  GenerationId newest_ = k_no_generation;
};

// The same, but a partition that changes hands is first nobody's: its owner goes on with the rest.
// Source: org.apache.kafka.clients.consumer.CooperativeStickyAssignor.
class CooperativeStickyAssignor final : public Assignor {
 public:
  [[nodiscard]] std::string_view name() const override { return "cooperative-sticky"; }
  [[nodiscard]] RebalanceProtocol protocol() const override {
    return RebalanceProtocol::cooperative;
  }
  [[nodiscard]] std::optional<std::vector<std::byte>> user_data() const override;
  void on_assignment(const std::vector<TopicPartition>& /*assigned*/,
                     GenerationId generation) override {
    generation_ = generation;
  }
  [[nodiscard]] MemberAssignments assign(const AssignmentQuestion& question) override;

 private:
  GenerationId generation_ = k_no_generation;
  GenerationId newest_ = k_no_generation;
};

}  // namespace moldau::client
