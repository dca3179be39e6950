#pragma once
#include <string>

#include "group/consumer.h"
#include "group/reconcile.h"

// A request that changes a member of a consumer group, on its way to records. A heartbeat and the
// JoinGroup of a classic member go the same way: member, epoch, target, reconciliation.
// Context: changes nothing but what is soft; who gives the request up drops the update.
namespace moldau::group::consumer {

// Whether enough time has passed since the last target assignment.
[[nodiscard]] bool may_make_target(const Machine& machine, const std::string& id,
                                   const ConsumerGroup& group, Now now);

class Update {
 public:
  // `group` may be one that is only about to come into being.
  Update(Machine& machine, const std::string& id, const ConsumerGroup& group, Now now)
      : machine_(machine), id_(id), group_(group), now_(now) {}

  // Errors: unknown_member_id, fenced_instance_id, unreleased_instance_id, fenced_member_epoch.
  struct Arrival {
    std::string member_id;
    std::optional<std::string> instance_id;
    std::int32_t epoch;
    bool may_join;
    bool classic;
    const OwnedByClient& owned;
  };
  [[nodiscard]] Result<ConsumerMember> find_or_make(const Arrival& arrival);

  // Writes the member if it changed, and takes account of its regular expression.
  // Errors: invalid_regular_expression.
  [[nodiscard]] Result<void> change_member(const ConsumerMember& before,
                                           const ConsumerMember& after);
  [[nodiscard]] bool topics_changed() const { return topics_changed_; }
  [[nodiscard]] bool regex_changed() const { return regex_changed_; }
  [[nodiscard]] bool regex_is_resolved() const { return regex_is_resolved_; }
  [[nodiscard]] bool assignor_changed(const ConsumerMember& before,
                                      const ConsumerMember& after) const;

  // A new epoch if `bump` says so or the topics are not what they were.
  void change_epoch(bool bump, const ConsumerMember& before, const ConsumerMember& after);
  [[nodiscard]] std::int32_t epoch() const { return epoch_; }

  struct Target {
    std::int32_t epoch;
    TopicPartitions of_member;
  };
  // A new target if the epoch is ahead of the last one and enough time has passed since that.
  [[nodiscard]] Target make_target(const ConsumerMember& before, const ConsumerMember& after);
  [[nodiscard]] Target last_target(const ConsumerMember& member) const;
  [[nodiscard]] Result<ConsumerMember> reconcile(const ConsumerMember& member, const Target& target,
                                                 bool subscription_changed,
                                                 const OwnedByClient& owned);

  // What has to be in the log first: of a conversion.
  Records& records() { return records_; }
  // The end of a request that was not given up: records and timers.
  void commit(const Ask& ask, Step& out);

 private:
  [[nodiscard]] Result<ConsumerMember> find_or_make_static(const Arrival& arrival);
  void replace(const ConsumerMember& old, const ConsumerMember& with);
  [[nodiscard]] Result<void> change_regex(const ConsumerMember& before,
                                          const ConsumerMember& after);
  void refresh_regexes(bool required, const ConsumerMember& before, const ConsumerMember& after);
  [[nodiscard]] AssignmentQuestion question(const ConsumerMember& after) const;

  Machine& machine_;
  const std::string& id_;
  const ConsumerGroup& group_;
  Now now_;
  Records records_;
  bool topics_changed_ = false;
  bool regex_changed_ = false;
  bool regex_is_resolved_ = false;  // and so the new one counts at once
  bool resolve_regexes_ = false;
  bool metadata_checked_ = false;
  std::int32_t epoch_ = group_.epoch;
  bool homogeneous_ = group_.is_homogeneous();
  std::optional<ConsumerMember> reconciled_;  // whose timers change
};

}  // namespace moldau::group::consumer
