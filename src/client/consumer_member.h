#pragma once
#include "client/member.h"

namespace moldau::client {

using TopicIdPartitions = std::map<Uuid, std::set<PartitionIndex>>;

// A member of a group of the consumer protocol (KIP-848): everything goes through one heartbeat,
// and the broker assigns. The member reconciles: it gives up, begins, and acknowledges.
class ConsumerMember final : public Member {
 public:
  // `member_id`: made by the client, new for each consumer.
  ConsumerMember(GroupSettings settings, std::string member_id);

  void subscribe(Subscription subscription, Instant now) override;
  void polled(Instant now) override;
  void leave(Instant now) override;
  [[nodiscard]] bool is_out() const override;
  [[nodiscard]] std::optional<GroupQuestion> next(Instant now) override;
  void answered(GroupAnswer answer, Instant now) override;
  [[nodiscard]] std::optional<Instant> wake_at() const override;
  [[nodiscard]] TopicNeed topic_need() const override;
  [[nodiscard]] bool needs_topics() const override;
  void know(const TopicKnowledge& topics, Instant now) override;
  [[nodiscard]] const std::optional<Duty>& duty() const override { return duty_; }
  void duty_done(std::uint32_t number, Instant now) override;
  [[nodiscard]] const std::set<TopicPartition>& assigned() const override { return assigned_; }
  [[nodiscard]] std::optional<MemberIdentity> identity() const override;
  [[nodiscard]] std::optional<Error> take_failure() override;

  [[nodiscard]] std::int32_t epoch() const { return epoch_; }

 private:
  enum class State : std::uint8_t {
    unsubscribed,
    joining,
    reconciling,
    acknowledging,
    stable,
    fenced,           // gives up what it had, then joins again
    preparing_leave,  // gives up what it had, then leaves
    leaving,
    stale,  // left, because poll() did not come
    fatal,
  };
  // An assignment and which one it is: the same partitions twice are acknowledged twice.
  struct Numbered {
    std::int64_t number = -1;
    TopicIdPartitions partitions;
    friend bool operator==(const Numbered&, const Numbered&) = default;
  };
  struct Sent {
    std::optional<Milliseconds> rebalance_timeout;
    std::optional<std::vector<std::string>> topics;
    std::optional<std::string> pattern;
    std::optional<std::string> assignor;
    std::optional<Numbered> owned;
  };

  [[nodiscard]] bool is_member() const;
  [[nodiscard]] bool is_urgent() const;
  [[nodiscard]] protocol::ConsumerGroupHeartbeatRequest heartbeat();
  void was_asked();
  void alive(const protocol::ConsumerGroupHeartbeatResponse& answer, Instant now);
  void refused(const protocol::ConsumerGroupHeartbeatResponse& answer, Instant now);
  void take_target(const protocol::ConsumerGroupHeartbeatResponse::Assignment& assignment);
  void reconcile();
  void join_again();
  void begin_leaving();
  void lose_all();
  void clear();
  void fail_with(Error error);
  void retry_later(Instant now);
  void ask_program(Duty::Kind kind, std::vector<TopicPartition> partitions, bool commit_first);

  GroupSettings settings_;
  std::string member_id_;
  Subscription subscription_;
  State state_ = State::unsubscribed;
  std::int32_t epoch_ = 0;
  bool asked_ = false;
  Numbered target_;
  Numbered owned_;                         // acknowledged, or to be
  std::optional<Numbered> reconciled_to_;  // while the program works for it
  std::map<Uuid, std::string> names_;
  std::set<TopicPartition> coming_;
  std::set<TopicPartition> assigned_;
  Sent sent_;
  std::optional<Duty> duty_;
  std::uint32_t duties_ = 0;
  std::optional<Error> failure_;
  Milliseconds heartbeat_interval_{0};
  Milliseconds backoff_;
  Instant last_poll_{};
  Instant next_heartbeat_{};
  Instant not_before_{};
};

}  // namespace moldau::client
