#include <algorithm>
#include <utility>
#include <vector>

#include "group/classic.h"
#include "group/records.h"

namespace moldau::group::classic {
namespace {

TimerKey join_timer(const std::string& id) { return {TimerKind::classic_join, id, ""}; }
TimerKey sync_timer(const std::string& id) { return {TimerKind::classic_sync, id, ""}; }

void tell_to_join_again(Machine& machine, const std::string& id, ClassicGroup& group, Now now,
                        Step& out) {
  for (const auto& [member_id, unused] : group.members()) {
    ClassicMember& member = *group.member(member_id);
    member.assignment.clear();
    if (const auto waiting = std::exchange(member.syncing, std::nullopt)) {
      out.answer(*waiting, protocol::SyncGroupResponse{.error_code = Errc::rebalance_in_progress});
      // While it waited, the end of its session did not count, and no other one was set.
      keep_session(machine, id, member, now);
    }
  }
}

// Static members stay until their session ends: they are expected back.
void drop_missing_members(Machine& machine, const std::string& id, ClassicGroup& group) {
  std::vector<std::string> missing;
  for (const auto& [member_id, member] : group.members()) {
    if (!member.joining && !member.instance_id) missing.push_back(member_id);
  }
  for (const std::string& member : missing) {
    group.remove(member);
    stop_session(machine, id, member);
  }
}

void begin_generation(Machine& machine, const std::string& id, ClassicGroup& group, Now now,
                      Step& out) {
  group.next_generation(now.wall);
  if (group.is(ClassicState::empty)) {
    out.append(group_metadata_record(id, group.to_record({})));
    return;
  }
  for (const auto& [member_id, unused] : group.members()) {
    ClassicMember& member = *group.member(member_id);
    answer_join(group, member, describe_generation(group, member), out);
    keep_session(machine, id, member, now);
    member.is_new = false;
    group.expect_sync(member_id);
  }
  machine.timers.set(sync_timer(id), now.instant + group.rebalance_timeout());
}

}  // namespace

void rebalance_or_complete(Machine& machine, const std::string& id, ClassicGroup& group, Now now,
                           Step& out) {
  if (group.is(ClassicState::preparing)) {
    complete_if_joined(machine, id, group, now, out);
  } else {
    prepare_rebalance(machine, id, group, now, out);
  }
}

void prepare_rebalance(Machine& machine, const std::string& id, ClassicGroup& group, Now now,
                       Step& out) {
  if (group.is(ClassicState::completing)) tell_to_join_again(machine, id, group, now, out);
  group.expect_no_sync();
  machine.timers.cancel(sync_timer(id));
  group.become(ClassicState::preparing, now.wall);
  if (group.is_initial_rebalance()) {
    // More members are likely to come at once; each generation costs all of them a round.
    const Milliseconds delay = machine.settings.group_initial_rebalance_delay;
    group.initial_delay = delay;
    group.initial_remaining = std::max(group.rebalance_timeout() - delay, Milliseconds{0});
    machine.timers.set(join_timer(id), now.instant + delay);
  } else if (group.all_have_joined()) {
    complete_join(machine, id, group, now, out);
  } else {
    machine.timers.set(join_timer(id), now.instant + group.rebalance_timeout());
  }
}

void complete_if_joined(Machine& machine, const std::string& id, ClassicGroup& group, Now now,
                        Step& out) {
  const bool may = group.is(ClassicState::preparing) && !group.is_initial_rebalance();
  if (may && group.all_have_joined()) complete_join(machine, id, group, now, out);
}

void complete_join(Machine& machine, const std::string& id, ClassicGroup& group, Now now,
                   Step& out) {
  machine.timers.cancel(join_timer(id));
  drop_missing_members(machine, id, group);
  if (!group.elect_joined_leader() && !group.members().empty()) {
    // Only static members are left and none has joined: wait until one does, or their sessions end.
    machine.timers.set(join_timer(id), now.instant + group.rebalance_timeout());
    return;
  }
  begin_generation(machine, id, group, now, out);
}

protocol::JoinGroupResponse describe_generation(const ClassicGroup& group,
                                                const ClassicMember& member, bool skip_assignment) {
  protocol::JoinGroupResponse response{.generation_id = group.generation(),
                                       .protocol_type = group.protocol_type(),
                                       .protocol_name = group.protocol_name(),
                                       .leader = group.leader().value_or(""),
                                       .skip_assignment = skip_assignment,
                                       .member_id = member.id};
  if (!group.is_leader(member.id)) return response;
  for (const auto& [id, each] : group.members()) {
    const auto* metadata = each.metadata(group.protocol_name().value_or(""));
    response.members.push_back(
        {.member_id = id,
         .group_instance_id = each.instance_id,
         .metadata = metadata == nullptr ? std::vector<std::byte>{} : *metadata});
  }
  return response;
}

void answer_join(ClassicGroup& group, ClassicMember& member, protocol::JoinGroupResponse response,
                 Step& out) {
  const auto waiting = group.stop_joining(member);
  if (waiting) out.answer(waiting->ask, fit(std::move(response), waiting->version));
}

protocol::JoinGroupResponse fit(protocol::JoinGroupResponse response, ApiVersion version) {
  const bool has_null = version >= ApiVersion{7};
  if (!has_null && !response.protocol_name) response.protocol_name = "";
  if (has_null && response.protocol_name == "") response.protocol_name.reset();
  return response;
}

protocol::JoinGroupResponse join_refusal(std::string member, Errc code) {
  return {.error_code = code, .member_id = std::move(member)};
}

void join_time_over(Machine& machine, const std::string& id, Now now, Step& out) {
  ClassicGroup* group = machine.classic(id);
  if (group == nullptr || !group->is(ClassicState::preparing)) return;
  const bool extend = group->is_initial_rebalance() && group->member_came &&
                      group->initial_remaining != Milliseconds{0};
  if (!extend) return complete_join(machine, id, *group, now, out);
  group->member_came = false;
  const Milliseconds before = group->initial_delay;
  const Milliseconds remaining = group->initial_remaining;
  group->initial_delay = std::min(machine.settings.group_initial_rebalance_delay, remaining);
  group->initial_remaining = std::max(remaining - before, Milliseconds{0});
  machine.timers.set(join_timer(id), now.instant + group->initial_delay);
}

void sync_time_over(Machine& machine, const std::string& id, Now now, Step& out) {
  ClassicGroup* group = machine.classic(id);
  const bool counts =
      group != nullptr && (group->is(ClassicState::completing) || group->is(ClassicState::stable));
  if (!counts || group->not_synced().empty()) return;
  const auto missing = group->not_synced();
  for (const std::string& member : missing) {
    group->remove(member);
    stop_session(machine, id, member);
  }
  prepare_rebalance(machine, id, *group, now, out);
}

}  // namespace moldau::group::classic
