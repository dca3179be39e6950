#include <utility>

#include "base/limits.h"
#include "group/classic.h"
#include "group/consumer.h"
#include "group/records.h"

namespace moldau::group::classic {
namespace {

using Request = protocol::JoinGroupRequest;

constexpr ApiVersion k_member_id_required_from{4};
constexpr ApiVersion k_skip_assignment_from{9};

// A member that joined for the first time cannot send heartbeats while it waits; whoever does not
// come back for its answer must not stay for ever. Source: classicGroupNewMemberJoinTimeoutMs.
constexpr Milliseconds k_new_member_join_timeout = std::chrono::minutes{5};

// One request to join, on its way through the checks.
struct Joining {
  Machine& machine;
  const Ask& ask;
  const Request& request;
  Now now;
  Step& out;
  ClassicGroup& group;

  [[nodiscard]] const std::string& id() const { return request.group_id; }
  [[nodiscard]] JoinWaiter waiter() const { return {ask.id, ask.version}; }
  // Version 0 has one timeout for both.
  [[nodiscard]] Milliseconds rebalance_timeout() const {
    return ask.version == ApiVersion{0} ? request.session_timeout_ms : request.rebalance_timeout_ms;
  }
  void refuse(std::string member, Errc code) const {
    out.answer(ask.id, fit(join_refusal(std::move(member), code), ask.version));
  }
};

// Members that exist are let in again. While a rebalance is prepared, those who have joined count:
// a group that is over the limit because it was lowered loses who comes last.
bool has_room(const Joining& join) {
  const auto size_max = static_cast<std::size_t>(join.machine.settings.group_max_size);
  ClassicGroup& group = join.group;
  const ClassicMember* member = group.member(join.request.member_id);
  switch (group.state()) {
    case ClassicState::empty:
      return true;
    case ClassicState::preparing:
      return (member != nullptr && member->joining) || group.joining_count() < size_max;
    case ClassicState::completing:
    case ClassicState::stable:
      return member != nullptr || group.members().size() < size_max;
  }
  return false;
}

void update_member(const Joining& join, ClassicMember& member) {
  join.group.set_protocols(member, join.request.protocols);
  member.rebalance_timeout = join.rebalance_timeout();
  member.session_timeout = join.request.session_timeout_ms;
  // It asks again and has given up the first answer; Kafka leaves that one without any.
  answer_join(join.group, member, join_refusal(member.id, Errc::rebalance_in_progress), join.out);
  join.group.start_joining(member, join.waiter());
}

void add_member(const Joining& join, std::string member_id) {
  ClassicGroup& group = join.group;
  if (group.is_initial_rebalance()) group.member_came = true;
  ClassicMember& member = group.add({.id = std::move(member_id),
                                     .instance_id = join.request.group_instance_id,
                                     .client_id = join.ask.client_id,
                                     .client_host = join.ask.client_host,
                                     .rebalance_timeout = join.rebalance_timeout(),
                                     .session_timeout = join.request.session_timeout_ms,
                                     .protocols = join.request.protocols,
                                     .is_new = true},
                                    join.request.protocol_type);
  group.start_joining(member, join.waiter());
  keep_session(join.machine, join.id(), member, k_new_member_join_timeout, join.now);
  rebalance_or_complete(join.machine, join.id(), group, join.now, join.out);
}

// A static member came back without its member id, so it is another process: it takes over what
// the one before had, and that one is fenced. In a stable group nobody else needs to know.
void replace_static_member(const Joining& join, const std::string& old_id, std::string new_id) {
  ClassicGroup& group = join.group;
  ClassicMember& old = *group.member(old_id);
  const std::string leader_before = group.leader().value_or("");
  protocol::JoinGroupResponse fenced = join_refusal(old_id, Errc::fenced_instance_id);
  fenced.protocol_name.reset();
  answer_join(group, old, std::move(fenced), join.out);
  if (old.syncing) {
    join.out.answer(*old.syncing,
                    protocol::SyncGroupResponse{.error_code = Errc::fenced_instance_id});
  }
  ClassicMember& member = group.rename_static(*join.request.group_instance_id, new_id);
  keep_session(join.machine, join.id(), member, join.now);
  update_member(join, member);
  switch (group.state()) {
    case ClassicState::stable: {
      if (group.protocol_name() != group.select_protocol()) {
        return rebalance_or_complete(join.machine, join.id(), group, join.now, join.out);
      }
      std::map<std::string, Assignment, std::less<>> assignments;
      for (const auto& [id, each] : group.members()) assignments.emplace(id, each.assignment);
      join.out.append(group_metadata_record(join.id(), group.to_record(assignments)));
      protocol::JoinGroupResponse response =
          describe_generation(group, member, group.is_leader(member.id));
      if (join.ask.version < k_skip_assignment_from) {
        // Told that it leads, it would assign again, and nobody would hear of it: so it is told the
        // id that led before.
        response.skip_assignment = false;
        response.members.clear();
        response.leader = leader_before;
      }
      return answer_join(group, member, std::move(response), join.out);
    }
    case ClassicState::completing:
      // The leader may be assigning to the id that is gone.
      return prepare_rebalance(join.machine, join.id(), group, join.now, join.out);
    case ClassicState::empty:
    case ClassicState::preparing:
      return complete_if_joined(join.machine, join.id(), group, join.now, join.out);
  }
}

void join_as_new(const Joining& join) {
  const Request& request = join.request;
  if (!join.group.supports(request.protocol_type, request.protocols)) {
    return join.refuse("", Errc::inconsistent_group_protocol);
  }
  const auto& instance = request.group_instance_id;
  std::string new_id =
      make_member_id(instance ? *instance : join.ask.client_id, join.machine.new_uuid());
  if (instance) {
    const std::string* known = join.group.static_member_id(*instance);
    if (known != nullptr) {
      return replace_static_member(join, std::string(*known), std::move(new_id));
    }
    return add_member(join, std::move(new_id));
  }
  if (join.ask.version < k_member_id_required_from) return add_member(join, std::move(new_id));
  // A client that gives up while it waits would leave a member behind with every attempt; so it is
  // given an id first, and joins with that (KIP-394).
  if (std::cmp_greater_equal(join.group.pending_count(), k_pending_members_max.value)) {
    const std::string oldest = join.group.oldest_pending();
    stop_session(join.machine, join.id(), oldest);
    join.group.remove(oldest);
  }
  join.group.add_pending(new_id);
  join.machine.timers.set({TimerKind::classic_member, join.id(), new_id},
                          join.now.instant + request.session_timeout_ms);
  join.refuse(std::move(new_id), Errc::member_id_required);
}

void join_again(const Joining& join) {
  const Request& request = join.request;
  ClassicGroup& group = join.group;
  if (!group.supports(request.protocol_type, request.protocols)) {
    return join.refuse(request.member_id, Errc::inconsistent_group_protocol);
  }
  if (group.is_pending(request.member_id)) {
    if (request.group_instance_id) {  // Kafka fails the request too, by an exception of its own
      return join.refuse(request.member_id, Errc::unknown_server_error);
    }
    return add_member(join, request.member_id);
  }
  if (const Errc code = group.check_member(request.member_id, request.group_instance_id);
      code != Errc::none) {
    protocol::JoinGroupResponse response = join_refusal(request.member_id, code);
    response.protocol_name.reset();
    return join.out.answer(join.ask.id, fit(std::move(response), join.ask.version));
  }
  ClassicMember& member = *group.member(request.member_id);
  const bool changed = !member.matches(request.protocols);
  switch (group.state()) {
    case ClassicState::empty:
      return join.refuse(request.member_id, Errc::unknown_member_id);
    case ClassicState::preparing:
      break;
    case ClassicState::completing:
      // The answer got lost, probably.
      if (changed) break;
      return join.out.answer(join.ask.id,
                             fit(describe_generation(group, member), join.ask.version));
    case ClassicState::stable:
      // The leader joins again to make a change known that no metadata shows: of the topics, say.
      if (changed || group.is_leader(member.id)) break;
      return join.out.answer(join.ask.id,
                             fit(describe_generation(group, member), join.ask.version));
  }
  update_member(join, member);
  rebalance_or_complete(join.machine, join.id(), group, join.now, join.out);
}

// The records that a call has asked for so far.
std::size_t record_count(const Step& out) {
  std::size_t count = 0;
  for (const auto& batch : out.batches) count += batch.records.size();
  return count;
}

}  // namespace

void join(Machine& machine, const Ask& ask, const Request& request, Now now, Step& out) {
  const auto refuse = [&](Errc code) {
    out.answer(ask.id, fit(join_refusal(request.member_id, code), ask.version));
  };
  if (request.group_id.empty()) return refuse(Errc::invalid_group_id);
  if (request.session_timeout_ms < machine.settings.group_min_session_timeout ||
      request.session_timeout_ms > machine.settings.group_max_session_timeout) {
    return refuse(Errc::invalid_session_timeout);
  }
  if (const ConsumerGroup* consumers = machine.consumer(request.group_id)) {
    if (!consumers->is_empty()) return consumer::join(machine, ask, request, now, out);
    if (!request.member_id.empty()) return refuse(Errc::unknown_member_id);
    // Nobody is there to mind: a classic group takes its place.
    Records tombstones;
    append_consumer_group_tombstones(request.group_id, *consumers, tombstones);
    for (coordinator::Record& record : tombstones) out.append(std::move(record));
    machine.groups.erase(request.group_id);
  }
  const bool is_new_group = machine.group(request.group_id) == nullptr;
  if (is_new_group) {
    if (!request.member_id.empty()) return refuse(Errc::unknown_member_id);
    machine.ensure_group(request.group_id, now.wall);
  }
  ClassicGroup* group = machine.classic(request.group_id);
  if (group == nullptr) return refuse(Errc::unknown_member_id);
  const auto first_record = group->to_first_record();
  const std::size_t records_before = record_count(out);
  const Joining join{machine, ask, request, now, out, *group};
  if (!has_room(join)) {
    if (ClassicMember* member = group->member(request.member_id)) {
      if (member->syncing) {
        out.answer(*member->syncing,
                   protocol::SyncGroupResponse{.error_code = Errc::unknown_member_id});
      }
    }
    group->remove(request.member_id);
    join.refuse("", Errc::group_max_size_reached);
  } else if (request.member_id.empty()) {
    join_as_new(join);
  } else {
    join_again(join);
  }
  if (is_new_group && record_count(out) == records_before) {
    out.append(group_metadata_record(request.group_id, first_record));
  }
}

}  // namespace moldau::group::classic
