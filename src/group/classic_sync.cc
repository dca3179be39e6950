#include <utility>

#include "group/classic.h"
#include "group/consumer.h"
#include "group/records.h"

namespace moldau::group::classic {
namespace {

using Request = protocol::SyncGroupRequest;
using Response = protocol::SyncGroupResponse;

constexpr ApiVersion k_protocol_named_from{5};

bool contradicts(const std::optional<std::string>& named, const std::optional<std::string>& real) {
  return named && real && named != real;
}

Errc check(const ClassicGroup& group, const Request& request) {
  if (const Errc code = group.check_member(request.member_id, request.group_instance_id);
      code != Errc::none) {
    return code;
  }
  if (request.generation_id != group.generation()) return Errc::illegal_generation;
  if (contradicts(request.protocol_type, group.protocol_type()) ||
      contradicts(request.protocol_name, group.protocol_name())) {
    return Errc::inconsistent_group_protocol;
  }
  return group.is(ClassicState::preparing) ? Errc::rebalance_in_progress : Errc::none;
}

Response describe_assignment(const ClassicGroup& group, Assignment assignment) {
  return {.protocol_type = group.protocol_type(),
          .protocol_name = group.protocol_name(),
          .assignment = std::move(assignment)};
}

// The leader's assignment goes to the log; replaying it makes the group stable. Who waits for its
// part is answered with this step, so after the record is committed.
void take_assignment(Machine& machine, ClassicGroup& group, const Request& request, Now now,
                     Step& out) {
  std::map<std::string, Assignment, std::less<>> assignments;
  for (const auto& each : request.assignments) {
    assignments.insert_or_assign(each.member_id, each.assignment);
  }
  out.append(group_metadata_record(request.group_id, group.to_record(assignments)));
  for (const auto& [id, unused] : group.members()) {
    ClassicMember& member = *group.member(id);
    const auto waiting = std::exchange(member.syncing, std::nullopt);
    if (!waiting) continue;
    out.answer(*waiting, describe_assignment(group, assignments[id]));
    keep_session(machine, request.group_id, member, now);
  }
}

}  // namespace

void sync(Machine& machine, const Ask& ask, const Request& request, Now now, Step& out) {
  const auto refuse = [&](Errc code) { out.answer(ask.id, Response{.error_code = code}); };
  if (ask.version >= k_protocol_named_from && (!request.protocol_type || !request.protocol_name)) {
    return refuse(Errc::inconsistent_group_protocol);
  }
  if (request.group_id.empty()) return refuse(Errc::invalid_group_id);
  if (const ConsumerGroup* consumers = machine.consumer(request.group_id)) {
    if (consumers->is_empty()) return refuse(Errc::unknown_member_id);
    return consumer::sync(machine, ask, request, now, out);
  }
  ClassicGroup* group = machine.classic(request.group_id);
  if (group == nullptr || group->is(ClassicState::empty)) return refuse(Errc::unknown_member_id);
  if (const Errc code = check(*group, request); code != Errc::none) return refuse(code);
  group->has_synced(request.member_id);
  if (group->not_synced().empty()) {
    machine.timers.cancel({TimerKind::classic_sync, request.group_id, ""});
  }
  ClassicMember& member = *group->member(request.member_id);
  if (group->is(ClassicState::stable)) {
    return out.answer(ask.id, describe_assignment(*group, member.assignment));
  }
  if (member.syncing) {  // it asks again and has given up the first answer
    out.answer(*member.syncing, Response{.error_code = Errc::rebalance_in_progress});
  }
  member.syncing = ask.id;
  if (group->is_leader(member.id)) take_assignment(machine, *group, request, now, out);
}

}  // namespace moldau::group::classic
