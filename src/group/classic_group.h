#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/errc.h"
#include "base/ids.h"
#include "base/time.h"
#include "coordinator/step.h"
#include "protocol/api/join_group.h"
#include "protocol/data/group_metadata_value.h"

namespace moldau::group {

using Assignment = std::vector<std::byte>;
using ClassicProtocol = protocol::JoinGroupRequest::JoinGroupRequestProtocol;

//   state        leaves to   because
//   empty        preparing   the first member joins
//   preparing    completing  every member joined, or the time to join is over: a new generation
//                empty       nobody is left
//   completing   stable      the leader's assignment is in the log
//                preparing   a member came, went or changed
//   stable       preparing   a member came, went or changed
// Kafka's Dead is a group that a coordinator gave up; here the whole machine is gone then.
enum class ClassicState : std::uint8_t { empty, preparing, completing, stable };
[[nodiscard]] std::string_view name_of(ClassicState state);  // as Kafka writes it

struct JoinWaiter {
  coordinator::AskId ask;
  ApiVersion version;
};

struct ClassicMember {
  std::string id;
  std::optional<std::string> instance_id;
  std::string client_id;
  std::string client_host;
  Milliseconds rebalance_timeout{0};
  Milliseconds session_timeout{0};
  std::vector<ClassicProtocol> protocols;  // the best one first
  Assignment assignment;
  std::optional<JoinWaiter> joining;          // waits for the generation; see start_joining()
  std::optional<coordinator::AskId> syncing;  // waits for the assignment
  bool is_new = false;                        // has not seen a generation

  // Whether it supports the same protocols, with the same metadata, in the same order.
  [[nodiscard]] bool matches(const std::vector<ClassicProtocol>& others) const;
  // nullptr: not supported.
  [[nodiscard]] const std::vector<std::byte>* metadata(std::string_view protocol) const;
  // A member that waits for an answer of ours is alive.
  [[nodiscard]] bool waits() const { return joining || syncing; }
};

// A group of the classic protocol. What is persistent of it is its last GroupMetadata record: the
// generation, and its members once their assignment is known; all else is soft.
// Context: pure data; classic.h has the protocol that moves it.
// Source:  ClassicGroup.
class ClassicGroup {
 public:
  explicit ClassicGroup(Timestamp now) : since_(now) {}
  // A stable group of these, which support a common protocol of consumers; at least one.
  [[nodiscard]] static ClassicGroup of_members(std::int32_t generation,
                                               std::vector<ClassicMember> members, Timestamp now);
  [[nodiscard]] static ClassicGroup restore(const protocol::GroupMetadataValue& value);

  [[nodiscard]] ClassicState state() const { return state_; }
  [[nodiscard]] bool is(ClassicState state) const { return state_ == state; }
  [[nodiscard]] std::int32_t generation() const { return generation_; }
  [[nodiscard]] const std::optional<std::string>& protocol_type() const { return protocol_type_; }
  [[nodiscard]] const std::optional<std::string>& protocol_name() const { return protocol_name_; }
  [[nodiscard]] const std::optional<std::string>& leader() const { return leader_; }
  [[nodiscard]] bool is_leader(std::string_view member) const { return leader_ == member; }
  // When it came into its state; k_no_timestamp for a group of an old record.
  [[nodiscard]] Timestamp since() const { return since_; }
  [[nodiscard]] bool uses_consumer_protocol() const { return protocol_type_ == "consumer"; }
  // It exists only because offsets were committed in its name.
  [[nodiscard]] bool is_simple() const {
    return !protocol_type_ && is(ClassicState::empty) && pending_.empty();
  }
  // Whether it prepares its first generation since it was empty.
  [[nodiscard]] bool is_initial_rebalance() const { return initial_; }

  using Members = std::map<std::string, ClassicMember, std::less<>>;
  [[nodiscard]] const Members& members() const { return members_; }
  [[nodiscard]] ClassicMember* member(std::string_view id);
  [[nodiscard]] const std::string* static_member_id(std::string_view instance_id) const;
  // unknown_member_id, fenced_instance_id, or none.
  [[nodiscard]] Errc check_member(std::string_view id,
                                  const std::optional<std::string>& instance_id) const;
  void start_joining(ClassicMember& member, JoinWaiter waiter);
  [[nodiscard]] std::optional<JoinWaiter> stop_joining(ClassicMember& member);
  [[nodiscard]] std::size_t joining_count() const { return joining_count_; }
  [[nodiscard]] bool all_have_joined() const {
    return pending_.empty() && joining_count_ == members_.size();
  }
  [[nodiscard]] Milliseconds rebalance_timeout() const;  // the longest of the members

  // Members that were given an id and have not used it yet.
  [[nodiscard]] bool is_pending(std::string_view id) const { return pending_.contains(id); }
  [[nodiscard]] std::size_t pending_count() const { return pending_.size(); }
  // In the order in which they were given out.
  [[nodiscard]] std::vector<std::string> pending() const;
  [[nodiscard]] const std::string& oldest_pending() const {
    return pending_by_age_.begin()->second;
  }
  void add_pending(std::string id);
  // Members of this generation that have not asked for their assignment yet.
  [[nodiscard]] const std::set<std::string, std::less<>>& not_synced() const { return not_synced_; }
  void expect_sync(std::string id) { not_synced_.insert(std::move(id)); }
  void has_synced(std::string_view id);
  void expect_no_sync() { not_synced_.clear(); }

  // REQUIRES: supports(); the instance id is free.
  ClassicMember& add(ClassicMember member, std::string_view protocol_type);
  void remove(std::string_view id);
  void set_protocols(ClassicMember& member, std::vector<ClassicProtocol> protocols);
  // The member of the instance id goes on under a new id, with all that it has but its waiters.
  ClassicMember& rename_static(const std::string& instance_id, const std::string& new_id);

  [[nodiscard]] bool supports(std::string_view protocol_type,
                              const std::vector<ClassicProtocol>& protocols) const;
  // What most members prefer of the protocols that all support. REQUIRES: there are members.
  [[nodiscard]] std::string select_protocol() const;
  // Another leader when the present one has not joined. False: nobody has.
  [[nodiscard]] bool elect_joined_leader();

  void become(ClassicState state, Timestamp now);
  // The next generation, completing or, without members, empty.
  void next_generation(Timestamp now);

  // A new member came since the initial delay began.
  // Its record names no leader: it was about to rebalance when it was written.
  bool is_to_rebalance = false;
  bool member_came = false;
  Milliseconds initial_delay{0};      // of the initial rebalance: the present part of it
  Milliseconds initial_remaining{0};  // and what it can still be extended by

  // nullopt: not known, which is never to be taken for none.
  [[nodiscard]] const std::optional<std::set<std::string, std::less<>>>& subscribed_topics() const {
    return subscribed_topics_;
  }
  [[nodiscard]] bool subscribes(std::string_view topic) const;

  [[nodiscard]] protocol::GroupMetadataValue to_record(
      const std::map<std::string, Assignment, std::less<>>& assignments) const;
  // The record of a group that was just made for its first member.
  [[nodiscard]] protocol::GroupMetadataValue to_first_record() const;
  // What such a record, now in the log, means for this group.
  void persisted(const protocol::GroupMetadataValue& value, Timestamp now);

 private:
  void remove_pending(std::string_view id);
  void compute_subscribed_topics();
  void count_protocols(const ClassicMember& member, int by);

  ClassicState state_ = ClassicState::empty;
  bool initial_ = false;
  Timestamp since_;
  std::optional<std::string> protocol_type_;
  std::optional<std::string> protocol_name_;
  std::int32_t generation_ = 0;
  std::optional<std::string> leader_;
  Members members_;
  std::map<std::string, std::string, std::less<>> static_members_;  // instance id -> member id
  std::size_t joining_count_ = 0;
  std::map<std::string, std::uint64_t, std::less<>> pending_;  // id -> its place by age
  std::map<std::uint64_t, std::string> pending_by_age_;
  std::uint64_t next_pending_ = 0;
  std::set<std::string, std::less<>> not_synced_;
  std::map<std::string, int, std::less<>> supported_;  // how many members support it
  std::optional<std::set<std::string, std::less<>>> subscribed_topics_;
};

}  // namespace moldau::group
