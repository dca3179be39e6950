#include <utility>

#include "group/classic.h"
#include "group/consumer.h"

namespace moldau::group::classic {
namespace {

using LeaveRequest = protocol::LeaveGroupRequest;
using LeaveResponse = protocol::LeaveGroupResponse;
using Leaver = LeaveRequest::MemberIdentity;

constexpr ApiVersion k_leave_in_batches_from{3};

TimerKey session_timer(const std::string& id, const std::string& member) {
  return {TimerKind::classic_member, id, member};
}

std::vector<Leaver> leavers(const LeaveRequest& request, ApiVersion version) {
  if (version >= k_leave_in_batches_from) return request.members;
  return {{.member_id = request.member_id}};
}

// Versions before 3 speak of one member, whose error is that of the whole.
LeaveResponse fit_leave(LeaveResponse response, ApiVersion version) {
  if (version >= k_leave_in_batches_from) return response;
  if (response.error_code == Errc::none && !response.members.empty()) {
    response.error_code = response.members.front().error_code;
  }
  response.members.clear();
  return response;
}

Errc leave_one(Machine& machine, const std::string& id, ClassicGroup& group, const Leaver& leaver,
               Step& out) {
  if (leaver.member_id.empty()) {
    // An administrator names a static member by its instance id alone.
    const std::string* known =
        leaver.group_instance_id ? group.static_member_id(*leaver.group_instance_id) : nullptr;
    if (known == nullptr) return Errc::unknown_member_id;
    remove_member(machine, id, group, std::string(*known), out);
    return Errc::none;
  }
  if (group.is_pending(leaver.member_id)) {
    group.remove(leaver.member_id);
    stop_session(machine, id, leaver.member_id);
    return Errc::none;
  }
  const Errc code = group.check_member(leaver.member_id, leaver.group_instance_id);
  if (code == Errc::none) remove_member(machine, id, group, leaver.member_id, out);
  return code;
}

Errc beat(Machine& machine, const protocol::HeartbeatRequest& request, Now now) {
  if (request.group_id.empty()) return Errc::invalid_group_id;
  if (machine.consumer(request.group_id) != nullptr) {
    return consumer::beat(machine, request, now);
  }
  ClassicGroup* group = machine.classic(request.group_id);
  if (group == nullptr) return Errc::unknown_member_id;
  if (const Errc code = group->check_member(request.member_id, request.group_instance_id);
      code != Errc::none) {
    return code;
  }
  if (request.generation_id != group->generation()) return Errc::illegal_generation;
  // A member may send heartbeats from when it knows its generation, before it has its assignment.
  keep_session(machine, request.group_id, *group->member(request.member_id), now);
  return group->is(ClassicState::preparing) ? Errc::rebalance_in_progress : Errc::none;
}

}  // namespace

void heartbeat(Machine& machine, const Ask& ask, const protocol::HeartbeatRequest& request, Now now,
               Step& out) {
  out.answer(ask.id, protocol::HeartbeatResponse{.error_code = beat(machine, request, now)});
}

void leave(Machine& machine, const Ask& ask, const LeaveRequest& request, Now now, Step& out) {
  const std::string& id = request.group_id;
  LeaveResponse response;
  ClassicGroup* group = machine.classic(id);
  if (id.empty()) {
    response.error_code = Errc::invalid_group_id;
    return out.answer(ask.id, fit_leave(std::move(response), ask.version));
  }
  bool some_left = false;
  const std::vector<Leaver> all = leavers(request, ask.version);
  std::vector<Errc> codes(all.size(), Errc::unknown_member_id);
  if (machine.consumer(id) != nullptr) codes = consumer::leave(machine, id, all, now, out);
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (group != nullptr) codes[i] = leave_one(machine, id, *group, all[i], out);
    some_left = some_left || (group != nullptr && codes[i] == Errc::none);
    response.members.push_back({.member_id = all[i].member_id,
                                .group_instance_id = all[i].group_instance_id,
                                .error_code = codes[i]});
  }
  if (some_left && !group->is(ClassicState::empty)) {
    rebalance_or_complete(machine, id, *group, now, out);
  }
  out.answer(ask.id, fit_leave(std::move(response), ask.version));
}

void keep_session(Machine& machine, const std::string& id, const ClassicMember& member, Now now) {
  keep_session(machine, id, member, member.session_timeout, now);
}

void keep_session(Machine& machine, const std::string& id, const ClassicMember& member,
                  Milliseconds timeout, Now now) {
  machine.timers.set(session_timer(id, member.id), now.instant + timeout);
}

void stop_session(Machine& machine, const std::string& id, const std::string& member) {
  machine.timers.cancel(session_timer(id, member));
}

void remove_member(Machine& machine, const std::string& id, ClassicGroup& group,
                   const std::string& member_id, Step& out) {
  ClassicMember& member = *group.member(member_id);
  stop_session(machine, id, member_id);
  answer_join(group, member, join_refusal("", Errc::unknown_member_id), out);
  // Kafka leaves a waiting sync without answer here, until the client gives it up.
  if (const auto waiting = std::exchange(member.syncing, std::nullopt)) {
    out.answer(*waiting, protocol::SyncGroupResponse{.error_code = Errc::unknown_member_id});
  }
  group.remove(member_id);
}

void start_sessions(Machine& machine, const std::string& id, ClassicGroup& group, Now now,
                    Step& out) {
  for (const auto& [member_id, member] : group.members()) keep_session(machine, id, member, now);
  const auto size_max = static_cast<std::size_t>(machine.settings.group_max_size);
  // The limit was lowered: a rebalance gives the members time to commit before some must go. And a
  // group that became a classic one may have been about to rebalance (conversion.cc).
  if (group.is_to_rebalance || group.members().size() > size_max) {
    prepare_rebalance(machine, id, group, now, out);
  }
}

void session_over(Machine& machine, const std::string& id, const std::string& member_id, Now now,
                  Step& out) {
  ClassicGroup* group = machine.classic(id);
  if (group == nullptr) return;
  if (group->is_pending(member_id)) {
    group->remove(member_id);
    if (group->is(ClassicState::preparing) && group->all_have_joined()) {
      complete_join(machine, id, *group, now, out);
    }
    return;
  }
  const ClassicMember* member = group->member(member_id);
  if (member == nullptr || (!member->is_new && member->waits())) return;
  remove_member(machine, id, *group, member_id, out);
  if (group->is(ClassicState::stable) || group->is(ClassicState::completing)) {
    prepare_rebalance(machine, id, *group, now, out);
  } else if (group->is(ClassicState::preparing) && group->all_have_joined()) {
    complete_join(machine, id, *group, now, out);
  }
}

}  // namespace moldau::group::classic
