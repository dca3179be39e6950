#include "group/consumer_update.h"

#include <algorithm>
#include <utility>

#include "protocol/java_order.h"

namespace moldau::group::consumer {
namespace {

// At most this often, whatever else asks for it.
constexpr Milliseconds k_regex_refresh_interval_min{10'000};

// Kafka's rule: a member whose answer got lost may come with the epoch before, if it has nothing
// that it should not have.
bool is_subset(const OwnedByClient& owned, const OwnedPartitions& assigned) {
  if (!owned) return false;
  return std::ranges::all_of(*owned, [&](const auto& topic) {
    const auto found = assigned.find(topic.topic_id);
    return found != assigned.end() &&
           std::ranges::all_of(topic.partitions, [&](PartitionIndex partition) {
             return found->second.contains(partition);
           });
  });
}

Result<void> check_epoch(const ConsumerMember& member, std::int32_t epoch,
                         const OwnedByClient& owned) {
  if (epoch == k_epoch_to_join || epoch == member.epoch) return {};
  const bool lost_answer =
      epoch < member.epoch && epoch == member.previous_epoch && is_subset(owned, member.assigned);
  if (lost_answer) return {};
  return fail(Errc::fenced_member_epoch,
              "The consumer group member has a {} member epoch ({}) than the one known by the "
              "group coordinator ({}). The member must abandon all its partitions and rejoin.",
              epoch > member.epoch ? "greater" : "smaller", epoch, member.epoch);
}

}  // namespace

Result<ConsumerMember> Update::find_or_make(const Arrival& arrival) {
  if (arrival.instance_id) return find_or_make_static(arrival);
  const ConsumerMember* known = group_.member(arrival.member_id);
  if (known == nullptr && !arrival.may_join) {
    return fail(Errc::unknown_member_id, "Member {} is not a member of group {}.",
                arrival.member_id, id_);
  }
  ConsumerMember member = known != nullptr ? *known : ConsumerMember{.id = arrival.member_id};
  if (!arrival.classic) TRY_OK(check_epoch(member, arrival.epoch, arrival.owned));
  return member;
}

Result<ConsumerMember> Update::find_or_make_static(const Arrival& arrival) {
  const ConsumerMember* known = group_.static_member(*arrival.instance_id);
  if (!arrival.may_join) {
    if (known == nullptr) {
      return fail(Errc::unknown_member_id, "Instance id {} is unknown.", *arrival.instance_id);
    }
    if (known->id != arrival.member_id) {
      return fail(Errc::fenced_instance_id,
                  "Static member {} with instance id {} was fenced by member {}.",
                  arrival.member_id, *arrival.instance_id, known->id);
    }
    if (!arrival.classic) TRY_OK(check_epoch(*known, arrival.epoch, arrival.owned));
    return *known;
  }
  if (known == nullptr) {
    const ConsumerMember* same_id = group_.member(arrival.member_id);
    return same_id != nullptr ? *same_id : ConsumerMember{.id = arrival.member_id};
  }
  if (!arrival.classic && !known->classic && known->epoch != k_epoch_to_leave_for_a_while) {
    return fail(Errc::unreleased_instance_id,
                "Static member {} with instance id {} cannot join the group because the instance "
                "id is owned by {} member.",
                arrival.member_id, *arrival.instance_id, known->id);
  }
  ConsumerMember member = *known;
  member.id = arrival.member_id;
  member.epoch = 0;
  member.previous_epoch = 0;
  replace(*known, member);
  return member;
}

void Update::replace(const ConsumerMember& old, const ConsumerMember& with) {
  append_member_tombstones(id_, old.id, records_);
  records_.push_back(consumer_member_record(id_, with));
  records_.push_back(target_record(id_, with.id, group_.target(old.id)));
  records_.push_back(current_assignment_record(id_, with));
}

Result<void> Update::change_member(const ConsumerMember& before, const ConsumerMember& after) {
  // A member that nothing was known of is written even if it wants nothing.
  if (after != before) records_.push_back(consumer_member_record(id_, after));
  topics_changed_ = after.topics != before.topics;
  return change_regex(before, after);
}

Result<void> Update::change_regex(const ConsumerMember& before, const ConsumerMember& after) {
  bool required = false;
  if (before.regex != after.regex) {
    regex_changed_ = true;
    if (before.has_regex() && group_.subscribers_of_regex(*before.regex) == 1) {
      records_.push_back(regex_tombstone(id_, *before.regex));
    }
    if (after.has_regex()) {
      if (group_.subscribers_of_regex(*after.regex) == 0) {
        TRY_OK(check_regex(*after.regex));
        required = true;
      } else {
        regex_is_resolved_ = group_.resolved().contains(*after.regex);
      }
    } else {
      regex_is_resolved_ = before.has_regex();
    }
  }
  refresh_regexes(required, before, after);
  return {};
}

void Update::refresh_regexes(bool required, const ConsumerMember& before,
                             const ConsumerMember& after) {
  if (!required && group_.regexes().empty()) return;
  const auto& resolved = group_.resolved();
  if (!resolved.empty()) {
    const ResolvedRegex& any = resolved.begin()->second;
    if (now_.wall <= any.resolved + k_regex_refresh_interval_min) return;
    required = required || any.version < machine_.topics_added ||
               now_.wall > any.resolved + machine_.settings.consumer_regex_refresh_interval;
  }
  const Counts regexes = group_.regexes_with(&before, &after);
  resolve_regexes_ = !regexes.empty() && (required || regexes.size() != resolved.size());
}

bool Update::assignor_changed(const ConsumerMember& before, const ConsumerMember& after) const {
  const std::string& preset = machine_.settings.consumer_assignors.front();
  return group_.wanted_assignor().value_or(preset) !=
         group_.wanted_assignor(&before, &after).value_or(preset);
}

bool may_make_target(const Machine& machine, const std::string& id, const ConsumerGroup& group,
                     Now now) {
  const Milliseconds interval = group_config(machine, id, "consumer.assignment.interval.ms",
                                             machine.settings.consumer_assignment_interval,
                                             machine.settings.consumer_assignment_interval_range);
  return group.target_made == Timestamp{} || interval == Milliseconds{0} ||
         now.wall >= group.target_made + interval;
}

void Update::change_epoch(bool bump, const ConsumerMember& before, const ConsumerMember& after) {
  if (!bump && !group_.metadata_is_stale) return;
  metadata_checked_ = true;
  const Subscriptions subscriptions = group_.subscriptions_with(&before, &after);
  const std::int64_t hash = metadata_hash(machine_, subscriptions);
  const bool is_new =
      group_.member(after.id) == nullptr && !group_.has_static_member(after.instance_id);
  homogeneous_ = ConsumerGroup::is_homogeneous(group_.regexes_with(&before, &after), subscriptions,
                                               group_.members().size() + (is_new ? 1 : 0));
  if (bump || hash != group_.metadata_hash) {
    records_.push_back(consumer_epoch_record(id_, ++epoch_, hash));
  }
  if (group_.has_topics_record) records_.push_back(topics_tombstone(id_));
}

Update::Target Update::last_target(const ConsumerMember& member) const {
  if (!member.instance_id) return {group_.target_epoch, group_.target(member.id)};
  const ConsumerMember* before = group_.static_member(*member.instance_id);
  return {group_.target_epoch, before == nullptr ? TopicPartitions{} : group_.target(before->id)};
}

AssignmentQuestion Update::question(const ConsumerMember& after) const {
  std::map<std::string, const ConsumerMember*> members;
  for (const auto& [member_id, member] : group_.members()) members[member_id] = &member;
  const ConsumerMember* replaced =
      after.instance_id ? group_.static_member(*after.instance_id) : nullptr;
  if (replaced != nullptr) members.erase(replaced->id);
  members[after.id] = &after;
  std::vector<std::string> ids;
  for (const auto& [member_id, member] : members) ids.push_back(member_id);
  const std::size_t capacity = protocol::java_capacity_grown(ids.size());
  AssignmentQuestion question{.members = {}, .homogeneous = homogeneous_, .partition_counts = {}};
  for (const std::string& member_id : protocol::in_java_order(std::move(ids), capacity)) {
    const ConsumerMember& member = *members.at(member_id);
    AssignedMember& asked = question.members.emplace_back();
    asked.id = member_id;
    asked.instance_id = member.instance_id;
    const bool takes_over = &member == &after && replaced != nullptr;
    asked.current = group_.target(takes_over ? replaced->id : member_id);
    for (const std::string& name : group_.topics_of(member)) {
      const auto* topic = machine_.image->topics.find(std::string_view(name));
      if (topic == nullptr) continue;
      asked.topics.insert(topic->id);
      question.partition_counts[topic->id] = static_cast<std::int32_t>(topic->partitions.size());
    }
  }
  return question;
}

Update::Target Update::make_target(const ConsumerMember& before, const ConsumerMember& after) {
  if (group_.target_epoch >= epoch_) return last_target(after);
  if (!may_make_target(machine_, id_, group_, now_)) return last_target(after);
  const std::string wanted = group_.wanted_assignor(&before, &after)
                                 .value_or(machine_.settings.consumer_assignors.front());
  const AssignmentQuestion asked = question(after);
  const GroupAssignment assignment =
      assign(assignor_of(wanted).value_or(AssignorName::uniform), asked);
  Target target{epoch_, {}};
  std::map<std::string, const AssignedMember*> by_id;  // the log does not depend on Java's order
  for (const AssignedMember& member : asked.members) by_id[member.id] = &member;
  for (const auto& [member_id, member] : by_id) {
    const auto found = assignment.find(member_id);
    TopicPartitions assigned = found == assignment.end() ? TopicPartitions{} : found->second;
    const bool is_known = group_.targets().contains(member_id) || !member->current.empty();
    if (!is_known || assigned != member->current) {
      records_.push_back(target_record(id_, member_id, assigned));
    }
    if (member_id == after.id) target.of_member = std::move(assigned);
  }
  records_.push_back(target_epoch_record(id_, epoch_, now_.wall));
  return target;
}

Result<ConsumerMember> Update::reconcile(const ConsumerMember& member, const Target& target,
                                         bool subscription_changed, const OwnedByClient& owned) {
  if (!subscription_changed && member.is_reconciled_to(target.epoch)) return member;
  TRY(ConsumerMember next, group::reconcile(member, {.group = group_,
                                                     .image = *machine_.image,
                                                     .target_epoch = target.epoch,
                                                     .target = target.of_member,
                                                     .subscription_changed = subscription_changed,
                                                     .owned = owned}));
  if (next != member) {
    records_.push_back(current_assignment_record(id_, next));
    reconciled_ = next;
  }
  return next;
}

void Update::commit(const Ask& ask, Step& out) {
  for (coordinator::Record& record : records_) out.append(std::move(record));
  if (metadata_checked_) {
    if (ConsumerGroup* group = machine_.consumer(id_)) group->metadata_is_stale = false;
  }
  if (resolve_regexes_) resolve_regexes_soon(machine_, id_, ask.may_describe, now_);
  // Members of the classic protocol have times to join and to sync instead.
  if (!reconciled_ || reconciled_->classic) return;
  TimerKey timer{TimerKind::consumer_rebalance, id_, reconciled_->id};
  if (reconciled_->state == MemberState::unrevoked_partitions) {
    machine_.timers.set(std::move(timer), now_.instant + reconciled_->rebalance_timeout,
                        reconciled_->epoch);
  } else {
    machine_.timers.cancel(timer);
  }
}

}  // namespace moldau::group::consumer
