#pragma once
#include <memory>

#include "client/member.h"

namespace moldau::client {

// A member of a group of the classic protocol: JoinGroup, SyncGroup, Heartbeat, LeaveGroup. One
// member, the leader, assigns the partitions for all.
class ClassicMember final : public Member {
 public:
  // At least one assignor, with a protocol in common (make_assignors).
  ClassicMember(GroupSettings settings, std::vector<std::unique_ptr<Assignor>> assignors);

  void subscribe(Subscription subscription, Instant now) override;
  void polled(Instant now) override;
  void leave(Instant now) override;
  [[nodiscard]] bool is_out() const override;
  [[nodiscard]] std::optional<GroupQuestion> next(Instant now) override;
  void answered(GroupAnswer answer, Instant now) override;
  [[nodiscard]] std::optional<Instant> wake_at() const override;
  [[nodiscard]] TopicNeed topic_need() const override;
  [[nodiscard]] bool needs_topics() const override { return state_ == State::assigning; }
  void know(const TopicKnowledge& topics, Instant now) override;
  [[nodiscard]] const std::optional<Duty>& duty() const override { return duty_; }
  void duty_done(std::uint32_t number, Instant now) override;
  [[nodiscard]] const std::set<TopicPartition>& assigned() const override { return assigned_; }
  [[nodiscard]] std::optional<MemberIdentity> identity() const override;
  [[nodiscard]] std::optional<Error> take_failure() override;

  [[nodiscard]] const std::string& member_id() const { return member_id_; }
  [[nodiscard]] GenerationId generation() const { return generation_; }
  [[nodiscard]] bool is_leader() const { return is_leader_; }

 private:
  enum class State : std::uint8_t {
    unjoined,
    joining,    // JoinGroup is asked
    assigning,  // it leads, and waits to know the topics
    syncing,    // SyncGroup is to be asked, or is
    stable,
  };
  enum class Leaving : std::uint8_t { no, wanted, told };

  [[nodiscard]] bool is_stale(Instant now) const;
  [[nodiscard]] protocol::JoinGroupRequest join_request() const;
  [[nodiscard]] std::vector<std::byte> subscription_bytes(const Assignor& assignor) const;
  [[nodiscard]] protocol::SyncGroupRequest sync_request() const;
  [[nodiscard]] protocol::HeartbeatRequest heartbeat_request() const;
  [[nodiscard]] protocol::LeaveGroupRequest leave_request(std::string reason) const;
  [[nodiscard]] std::optional<GroupQuestion> leave_question();
  void prepare_to_join();
  void ask_program(Duty::Kind kind, std::vector<TopicPartition> partitions, bool commit_first);
  void joined(const protocol::JoinGroupResponse& answer, Instant now);
  void lead(const protocol::JoinGroupResponse& answer);
  void assign_all(const TopicKnowledge& topics);
  void synced(const protocol::SyncGroupResponse& answer, Instant now);
  void take_assignment(std::vector<TopicPartition> partitions);
  void begin_assigned();
  void alive(const protocol::HeartbeatResponse& answer, Instant now);
  void refused(Errc code, Instant now);
  void retry_later(Instant now);
  void forget_generation(bool with_member_id);
  void fail_with(Error error);
  [[nodiscard]] TopicKnowledge seen_of(const TopicKnowledge& topics) const;
  [[nodiscard]] bool assigned_from(const TopicKnowledge& seen) const;
  [[nodiscard]] Assignor* assignor_called(std::string_view name) const;

  GroupSettings settings_;
  std::vector<std::unique_ptr<Assignor>> assignors_;
  RebalanceProtocol protocol_;
  Subscription subscription_;
  Subscription joined_with_;
  State state_ = State::unjoined;
  Leaving leaving_ = Leaving::no;
  bool asked_ = false;  // a question waits for its answer
  bool needs_rejoin_ = false;
  bool prepared_ = false;       // the program knows of the coming rebalance
  bool must_be_polled_ = true;  // before anything is asked
  bool stale_ = false;          // left, because poll() did not come
  std::string member_id_;
  GenerationId generation_ = k_no_generation;
  std::string chosen_;  // the assignor that the group agreed on
  std::string reason_;  // why it joins again
  bool is_leader_ = false;
  std::vector<MemberSubscription> members_;  // of the group, when it leads
  std::vector<protocol::SyncGroupRequest::SyncGroupRequestAssignment> assignments_;
  std::optional<TopicKnowledge> watched_;  // what the leader assigned from
  std::set<TopicPartition> assigned_;
  std::optional<std::vector<TopicPartition>> coming_;  // after a revoke
  std::optional<Duty> duty_;
  std::uint32_t duties_ = 0;
  std::optional<Error> failure_;
  Instant last_poll_{};
  Instant next_heartbeat_{};
  Instant not_before_{};
  Milliseconds backoff_{};
};

}  // namespace moldau::client
