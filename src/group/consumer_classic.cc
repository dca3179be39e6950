#include <algorithm>
#include <utility>

#include "group/classic.h"
#include "group/consumer_update.h"
#include "group/conversion.h"
#include "group/embedded.h"
#include "protocol/data/consumer_protocol_subscription.h"

namespace moldau::group::consumer {
namespace {

using protocol::ConsumerProtocolSubscription;
using protocol::JoinGroupRequest;
using protocol::JoinGroupResponse;
using protocol::SyncGroupRequest;
using protocol::SyncGroupResponse;

constexpr ApiVersion k_member_id_required_from{4};

Result<void> check_join(const Machine& machine, const ConsumerGroup& group,
                        const JoinGroupRequest& request) {
  if (machine.settings.migration_policy == MigrationPolicy::disabled) {
    return fail(Errc::inconsistent_group_protocol);
  }
  const auto size_max = static_cast<std::size_t>(machine.settings.consumer_max_size);
  const bool fits = group.has_static_member(request.group_instance_id) ||
                    group.members().size() < size_max || group.member(request.member_id) != nullptr;
  if (!fits) return fail(Errc::group_max_size_reached);
  std::set<std::string> names;
  for (const auto& protocol : request.protocols) names.insert(protocol.name);
  if (!group.supports_classic(request.protocol_type, names)) {
    return fail(Errc::inconsistent_group_protocol);
  }
  return {};
}

ConsumerMember with_request(ConsumerMember member, const Ask& ask, const JoinGroupRequest& request,
                            const ConsumerProtocolSubscription& subscription) {
  if (request.group_instance_id) member.instance_id = request.group_instance_id;
  if (subscription.rack_id && !subscription.rack_id->empty()) member.rack = subscription.rack_id;
  if (request.rebalance_timeout_ms != Milliseconds{-1}) {
    member.rebalance_timeout = request.rebalance_timeout_ms;
  }
  member.topics = {subscription.topics.begin(), subscription.topics.end()};
  member.regex = "";
  member.client_id = ask.client_id;
  member.client_host = ask.client_host;
  member.classic = ClassicMetadata{.session_timeout_ms = request.session_timeout_ms};
  for (const auto& each : request.protocols) {
    member.classic->supported_protocols.push_back({.name = each.name, .metadata = each.metadata});
  }
  return member;
}

OwnedByClient owned_by(const metadata::Image& image,
                       const ConsumerProtocolSubscription& subscription) {
  OwnedByClient owned(std::in_place);
  for (const auto& entry : subscription.owned_partitions) {
    const auto* topic = image.topics.find(std::string_view(entry.topic));
    if (topic == nullptr) continue;
    auto& added = owned->emplace_back();
    added.topic_id = topic->id;
    added.partitions = entry.partitions;
  }
  return owned;
}

// Joins, or takes the group back to the classic protocol by joining.
Result<JoinGroupResponse> answer_join(Machine& machine, const Ask& ask,
                                      const JoinGroupRequest& request, Now now, Step& out) {
  const std::string& id = request.group_id;
  const ConsumerGroup& group = *machine.consumer(id);
  TRY_OK(check_join(machine, group, request));
  const bool is_new = request.member_id.empty();
  const std::string member_id = is_new ? machine.new_uuid().to_string() : request.member_id;
  if (is_new && !request.group_instance_id && ask.version >= k_member_id_required_from) {
    return JoinGroupResponse{.error_code = Errc::member_id_required, .member_id = member_id};
  }
  Update update(machine, id, group, now);
  const OwnedByClient nothing(std::in_place);
  TRY(const ConsumerMember before,
      update.find_or_make({.member_id = member_id,
                           .instance_id = request.group_instance_id,
                           .epoch = -1,
                           .may_join = is_new || !request.group_instance_id,
                           .classic = true,
                           .owned = nothing}));
  const auto subscription =
      read_embedded<ConsumerProtocolSubscription>(request.protocols.front().metadata);
  if (!subscription) return fail(Errc::inconsistent_group_protocol);
  const OwnedByClient owned = owned_by(*machine.image, *subscription);
  const ConsumerMember after = with_request(before, ask, request, *subscription);
  TRY_OK(update.change_member(before, after));
  const bool bump = update.topics_changed() || update.regex_changed();
  update.change_epoch(bump, before, after);
  const ConsumerMember* replaced =
      request.group_instance_id ? group.static_member(*request.group_instance_id) : nullptr;
  const bool downgrades = replaced != nullptr && may_downgrade_for(machine, group, *replaced);
  const bool rebalance = downgrades && group.target_epoch < update.epoch();
  ConsumerMember joined = after;
  if (!rebalance) {
    const Update::Target target =
        downgrades ? update.last_target(after) : update.make_target(before, after);
    TRY(joined, update.reconcile(after, target, bump, owned));
  }
  JoinGroupResponse response{.generation_id = joined.epoch,
                             .protocol_type = "consumer",
                             .protocol_name = request.protocols.front().name,
                             .member_id = member_id};
  if (downgrades) {
    TRY_OK(downgrade(machine, id, {}, &joined, rebalance, now, out));
    return response;
  }
  update.commit(ask, out);
  machine.timers.cancel({TimerKind::consumer_join, id, member_id});
  keep_session(machine, id, joined, now);
  machine.timers.set({TimerKind::consumer_sync, id, member_id},
                     now.instant + request.rebalance_timeout_ms);
  return response;
}

Result<const ConsumerMember*> find_classic(const ConsumerGroup& group, const std::string& member_id,
                                           const std::optional<std::string>& instance_id) {
  const ConsumerMember* member =
      instance_id ? group.static_member(*instance_id) : group.member(member_id);
  if (member == nullptr) return fail(Errc::unknown_member_id);
  if (instance_id && member->id != member_id) return fail(Errc::fenced_instance_id);
  if (!member->classic || member->classic->supported_protocols.empty()) {
    return fail(Errc::unknown_member_id);
  }
  return member;
}

void expect_join(Machine& machine, const std::string& id, const ConsumerMember& member, Now now) {
  machine.timers.set_if_absent({TimerKind::consumer_join, id, member.id},
                               now.instant + member.rebalance_timeout);
}

// Heartbeats of the consumer protocol and joins make targets. In a group that has only members of
// the classic protocol left (the policy keeps it from becoming a classic one), somebody is to join.
bool wants_target(const Machine& machine, const std::string& id, const ConsumerGroup& group,
                  Now now) {
  if (group.classic_count() != group.members().size()) return false;
  if (group.target_epoch >= group.epoch) return group.metadata_is_stale;
  return may_make_target(machine, id, group, now);
}

Result<SyncGroupResponse> answer_sync(Machine& machine, const SyncGroupRequest& request, Now now) {
  const std::string& id = request.group_id;
  const ConsumerGroup& group = *machine.consumer(id);
  TRY(const ConsumerMember* member,
      find_classic(group, request.member_id, request.group_instance_id));
  if (member->epoch != request.generation_id) return fail(Errc::illegal_generation);
  const auto& chosen = member->classic->supported_protocols.front();
  if ((request.protocol_type && *request.protocol_type != "consumer") ||
      (request.protocol_name && *request.protocol_name != chosen.name)) {
    return fail(Errc::inconsistent_group_protocol);
  }
  // Who has partitions to give up has joined already and goes on from there.
  if (group.target_epoch > member->epoch && member->state != MemberState::unrevoked_partitions) {
    expect_join(machine, id, *member, now);
    return fail(Errc::rebalance_in_progress);
  }
  TRY(Assignment assignment,
      classic_assignment(machine, without_epochs(member->assigned), chosen.metadata));
  machine.timers.cancel({TimerKind::consumer_sync, id, member->id});
  keep_session(machine, id, *member, now);
  return SyncGroupResponse{.protocol_type = request.protocol_type,
                           .protocol_name = request.protocol_name,
                           .assignment = std::move(assignment)};
}

}  // namespace

void join(Machine& machine, const Ask& ask, const JoinGroupRequest& request, Now now, Step& out) {
  auto response = answer_join(machine, ask, request, now, out);
  if (!response) response = classic::join_refusal("", response.error().code());
  out.answer(ask.id, classic::fit(std::move(*response), ask.version));
}

void sync(Machine& machine, const Ask& ask, const SyncGroupRequest& request, Now now, Step& out) {
  auto response = answer_sync(machine, request, now);
  out.answer(ask.id, response ? std::move(*response)
                              : SyncGroupResponse{.error_code = response.error().code()});
}

Errc beat(Machine& machine, const protocol::HeartbeatRequest& request, Now now) {
  const ConsumerGroup& group = *machine.consumer(request.group_id);
  const auto found = find_classic(group, request.member_id, request.group_instance_id);
  if (!found) return found.error().code();
  const ConsumerMember& member = **found;
  if (member.epoch != request.generation_id) return Errc::illegal_generation;
  keep_session(machine, request.group_id, member, now);
  // It is to join again for a new target, to give up partitions, or to get what is free now.
  const bool is_to_join =
      wants_target(machine, request.group_id, group, now) || member.epoch < group.target_epoch ||
      member.state == MemberState::unrevoked_partitions ||
      (member.state == MemberState::unreleased_partitions && !group.waits_for_others(member));
  if (!is_to_join) return Errc::none;
  expect_join(machine, request.group_id, member, now);
  return Errc::rebalance_in_progress;
}

std::vector<Errc> leave(Machine& machine, const std::string& id,
                        const std::vector<protocol::LeaveGroupRequest::MemberIdentity>& members,
                        Now now, Step& out) {
  const ConsumerGroup& group = *machine.consumer(id);
  std::vector<Errc> codes;
  std::vector<std::string> gone;
  for (const auto& leaver : members) {
    const ConsumerMember* member = leaver.group_instance_id
                                       ? group.static_member(*leaver.group_instance_id)
                                       : group.member(leaver.member_id);
    // An administrator names a static member by its instance id alone.
    const bool is_fenced = member != nullptr && leaver.group_instance_id &&
                           !leaver.member_id.empty() && member->id != leaver.member_id;
    codes.push_back(member == nullptr ? Errc::unknown_member_id
                    : is_fenced       ? Errc::fenced_instance_id
                                      : Errc::none);
    if (codes.back() == Errc::none) gone.push_back(member->id);
  }
  fence(machine, id, gone, now, out);
  return codes;
}

}  // namespace moldau::group::consumer
