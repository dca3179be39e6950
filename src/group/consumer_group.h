#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "group/assignor.h"
#include "protocol/api/consumer_group_heartbeat.h"
#include "protocol/data/consumer_group_current_member_assignment_value.h"
#include "protocol/data/consumer_group_member_metadata_value.h"

namespace moldau::group {

//   state                  the member
//   stable                 has all that it is to have
//   unrevoked_partitions   has to give up partitions first, and stays in its epoch until then
//   unreleased_partitions  is in the group's epoch and waits for what others have to give up
//   unknown                a later version of Kafka wrote its record
enum class MemberState : std::int8_t {
  stable = 0,
  unrevoked_partitions = 1,
  unreleased_partitions = 2,
  unknown = 127,
};

// Partitions of a member, each with the epoch in which the member got it.
using OwnedPartitions = std::map<Uuid, std::map<PartitionIndex, std::int32_t>>;
using ClassicMetadata = protocol::ConsumerGroupMemberMetadataValue::ClassicMemberMetadata;

// A member's epochs with a meaning of their own.
constexpr std::int32_t k_epoch_to_join = 0;
constexpr std::int32_t k_epoch_to_leave = -1;
constexpr std::int32_t k_epoch_to_leave_for_a_while = -2;  // a static member

struct ConsumerMember {
  std::string id;
  std::int32_t epoch = 0;
  std::int32_t previous_epoch = -1;
  MemberState state = MemberState::stable;
  std::optional<std::string> instance_id;
  std::optional<std::string> rack;
  Milliseconds rebalance_timeout{-1};
  std::string client_id;
  std::string client_host;
  std::set<std::string, std::less<>> topics;
  std::optional<std::string> regex = "";
  std::optional<std::string> assignor;
  OwnedPartitions assigned;
  OwnedPartitions to_revoke;
  std::optional<ClassicMetadata> classic;  // it speaks the classic protocol

  [[nodiscard]] bool is_reconciled_to(std::int32_t target_epoch) const {
    return state == MemberState::stable && epoch == target_epoch;
  }
  [[nodiscard]] bool has_regex() const { return regex && !regex->empty(); }
  // nullopt: it has not got the partition.
  [[nodiscard]] std::optional<std::int32_t> assignment_epoch(const Uuid& topic,
                                                             PartitionIndex partition) const;
  void move_to_epoch(std::int32_t to) {
    previous_epoch = epoch;
    epoch = to;
  }
  friend bool operator==(const ConsumerMember&, const ConsumerMember&) = default;
};

// The topics that a regular expression stood for when it was last looked at.
struct ResolvedRegex {
  std::set<std::string, std::less<>> topics;
  Offset version;  // of the metadata
  Timestamp resolved{};
  friend bool operator==(const ResolvedRegex&, const ResolvedRegex&) = default;
};

// How many members subscribe to a topic by its name, and how many regular expressions match it.
struct SubscriptionCount {
  std::int32_t by_name = 0;
  std::int32_t by_regex = 0;
};
using Subscriptions = std::map<std::string, SubscriptionCount, std::less<>>;
using Counts = std::map<std::string, std::int32_t, std::less<>>;
void count(Counts& counts, const std::string& key, std::int32_t by);

// A group of the consumer protocol. Members say what they subscribe to, which moves the group to a
// new epoch; a target assignment is made for that; each member goes towards it on its own.
// Invariant: all of it but metadata_is_stale comes from records; who decides makes records.
// Context:   pure data; consumer.h has the protocol.
// Source:    ModernGroup, ConsumerGroup.
class ConsumerGroup {
 public:
  using Members = std::map<std::string, ConsumerMember, std::less<>>;
  [[nodiscard]] const Members& members() const { return members_; }
  [[nodiscard]] const ConsumerMember* member(std::string_view id) const;
  [[nodiscard]] const ConsumerMember* static_member(std::string_view instance_id) const;
  [[nodiscard]] bool has_static_member(const std::optional<std::string>& instance_id) const {
    return instance_id && static_members_.contains(*instance_id);
  }
  [[nodiscard]] bool is_empty() const { return members_.empty(); }
  [[nodiscard]] std::string_view state_name() const;  // as Kafka writes it
  void put(ConsumerMember member);
  void remove(std::string_view id);

  // ---- epochs and the target
  // ----------------------------------------------------------------------
  std::int32_t epoch = 1;
  std::int64_t metadata_hash = 0;
  std::int32_t target_epoch = 1;
  Timestamp target_made{};  // 0: no reason to wait before the next one
  [[nodiscard]] const TopicPartitions& target(std::string_view member) const;
  [[nodiscard]] const std::map<std::string, TopicPartitions, std::less<>>& targets() const {
    return targets_;
  }
  void set_target(const std::string& member, TopicPartitions target);
  void drop_target(std::string_view member);
  // The epoch of the member that has the partition; -1: it is free.
  [[nodiscard]] std::int32_t partition_epoch(const Uuid& topic, PartitionIndex partition) const;
  [[nodiscard]] bool waits_for_others(const ConsumerMember& member) const;

  // ---- subscriptions
  // ------------------------------------------------------------------------------
  [[nodiscard]] const Subscriptions& subscriptions() const { return subscriptions_; }
  [[nodiscard]] bool subscribes(std::string_view topic) const {
    return subscriptions_.contains(topic);
  }
  // As if `before` had become `after`; nullptr: nobody.
  [[nodiscard]] Subscriptions subscriptions_with(const ConsumerMember* before,
                                                 const ConsumerMember* after) const;
  [[nodiscard]] Subscriptions subscriptions_without(
      const std::vector<const ConsumerMember*>& members,
      const std::set<std::string>& regexes) const;
  [[nodiscard]] static bool is_homogeneous(const Counts& regexes,
                                           const Subscriptions& subscriptions,
                                           std::size_t member_count);
  [[nodiscard]] bool is_homogeneous() const {
    return is_homogeneous(regexes_, subscriptions_, members_.size());
  }
  [[nodiscard]] const Counts& regexes() const { return regexes_; }  // members by regex
  [[nodiscard]] std::int32_t subscribers_of_regex(std::string_view regex) const;
  [[nodiscard]] Counts regexes_with(const ConsumerMember* before,
                                    const ConsumerMember* after) const;
  using Resolved = std::map<std::string, ResolvedRegex, std::less<>>;
  [[nodiscard]] const Resolved& resolved() const { return resolved_; }
  void set_resolved(const std::string& regex, ResolvedRegex resolved);
  void drop_resolved(std::string_view regex);
  // The topics of the member by name and by its regex, as far as that is resolved.
  [[nodiscard]] std::set<std::string, std::less<>> topics_of(const ConsumerMember& member) const;
  // What most members with a wish want; nullopt: none has one.
  [[nodiscard]] std::optional<std::string> wanted_assignor(
      const ConsumerMember* before = nullptr, const ConsumerMember* after = nullptr) const;

  // ---- members of the classic protocol
  // ------------------------------------------------------------
  [[nodiscard]] std::size_t classic_count() const { return classic_count_; }
  // Whether all members would speak the classic protocol without these.
  [[nodiscard]] bool all_are_classic_without(
      const std::vector<const ConsumerMember*>& members) const;
  [[nodiscard]] bool supports_classic(std::string_view protocol_type,
                                      const std::set<std::string>& protocols) const;

  // Before 4.1 the group's topics were written down; such a record goes with the next heartbeat.
  bool has_topics_record = false;
  // Its topics may have changed since the hash was made. Soft.
  bool metadata_is_stale = true;

 private:
  void count_member(const ConsumerMember& member, std::int32_t by);
  void take_partitions(const OwnedPartitions& partitions, std::int32_t epoch);
  void free_partitions(const OwnedPartitions& partitions, std::int32_t epoch);

  Members members_;
  std::map<std::string, std::string, std::less<>> static_members_;  // instance id -> member id
  std::map<std::string, TopicPartitions, std::less<>> targets_;
  OwnedPartitions partition_epochs_;
  Subscriptions subscriptions_;
  Counts regexes_;
  Resolved resolved_;
  Counts assignors_;
  std::size_t classic_count_ = 0;
  Counts classic_protocols_;
};

}  // namespace moldau::group
