#include <algorithm>
#include <utility>

#include "group/consumer_update.h"
#include "group/conversion.h"

namespace moldau::group::consumer {
namespace {

using Request = protocol::ConsumerGroupHeartbeatRequest;
using Response = protocol::ConsumerGroupHeartbeatResponse;

constexpr ApiVersion k_member_makes_its_id_from{1};

Result<void> invalid(std::string_view why) { return fail(Errc::invalid_request, "{}", why); }

Result<void> check_joining(const Request& request) {
  if (request.rebalance_timeout_ms == Milliseconds{-1}) {
    return invalid("RebalanceTimeoutMs must be provided in first request.");
  }
  if (!request.topic_partitions || !request.topic_partitions->empty()) {
    return invalid("TopicPartitions must be empty when (re-)joining.");
  }
  if (!request.subscribed_topic_names && !request.subscribed_topic_regex) {
    return invalid(
        "Either SubscribedTopicNames or SubscribedTopicRegex must be non-null when (re-)joining.");
  }
  return {};
}

Result<void> check(const Request& request, ApiVersion version, const Settings& settings) {
  const auto is_blank = [](const std::string& text) {
    return std::ranges::all_of(text, [](unsigned char c) { return c <= ' '; });
  };
  const bool needs_member_id = version >= k_member_makes_its_id_from || request.member_epoch > 0 ||
                               request.member_epoch == k_epoch_to_leave;
  if (needs_member_id && is_blank(request.member_id)) return invalid("MemberId can't be empty.");
  if (is_blank(request.group_id)) return invalid("GroupId can't be empty.");
  if (request.instance_id && is_blank(*request.instance_id)) {
    return invalid("InstanceId can't be empty.");
  }
  if (request.rack_id && is_blank(*request.rack_id)) return invalid("RackId can't be empty.");
  if (request.member_epoch == k_epoch_to_join) {
    TRY_OK(check_joining(request));
  } else if (request.member_epoch == k_epoch_to_leave_for_a_while) {
    if (!request.instance_id) return invalid("InstanceId can't be null.");
  } else if (request.member_epoch < k_epoch_to_leave_for_a_while) {
    return invalid("MemberEpoch is invalid.");
  }
  const auto& assignors = settings.consumer_assignors;
  if (!request.server_assignor ||
      std::ranges::find(assignors, *request.server_assignor) != assignors.end()) {
    return {};
  }
  std::string all;
  for (const std::string& name : assignors) all += (all.empty() ? "" : ", ") + name;
  return fail(Errc::unsupported_assignor,
              "ServerAssignor {} is not supported. Supported assignors: {}.",
              *request.server_assignor, all);
}

// ---- leaving ------------------------------------------------------------------------------------
Result<const ConsumerMember*> find_leaver(const ConsumerGroup& group, const Request& request) {
  if (!request.instance_id) {
    const ConsumerMember* member = group.member(request.member_id);
    if (member != nullptr) return member;
    return fail(Errc::unknown_member_id, "Member {} is not a member of group {}.",
                request.member_id, request.group_id);
  }
  const ConsumerMember* member = group.static_member(*request.instance_id);
  if (member == nullptr) {
    return fail(Errc::unknown_member_id, "Instance id {} is unknown.", *request.instance_id);
  }
  if (member->id == request.member_id) return member;
  return fail(Errc::fenced_instance_id,
              "Static member {} with instance id {} was fenced by member {}.", request.member_id,
              *request.instance_id, member->id);
}

Result<Response> leave(Machine& machine, const Request& request, Now now, Step& out) {
  const ConsumerGroup* group = machine.consumer(request.group_id);
  if (machine.group(request.group_id) == nullptr) {
    return fail(Errc::group_id_not_found, "Group {} not found.", request.group_id);
  }
  if (group == nullptr) {
    return fail(Errc::group_id_not_found, "Group {} is not a consumer group.", request.group_id);
  }
  TRY(const ConsumerMember* member, find_leaver(*group, request));
  Response response{.member_id = request.member_id, .member_epoch = request.member_epoch};
  if (!request.instance_id || request.member_epoch != k_epoch_to_leave_for_a_while) {
    fence(machine, request.group_id, {member->id}, now, out);
    return response;
  }
  // It is expected back within its session, under another member id, to have what it had.
  ConsumerMember away = *member;
  away.epoch = k_epoch_to_leave_for_a_while;
  away.to_revoke.clear();
  for (auto& [topic, partitions] : away.assigned) {
    for (auto& [partition, epoch] : partitions) epoch = 0;
  }
  out.append(current_assignment_record(request.group_id, away));
  response.member_id = away.id;
  return response;
}

// ---- a regular heartbeat ------------------------------------------------------------------------
// The group that the heartbeat speaks of, which may have to be made from nothing or of another.
struct Found {
  const ConsumerGroup* group = nullptr;
  std::optional<ConsumerGroup> made;
  ClassicGroup* upgraded = nullptr;
  Records records;
};

Result<void> find_group(Machine& machine, const Request& request, Found& found) {
  const std::string& id = request.group_id;
  const bool may_make = request.member_epoch == k_epoch_to_join;
  Group* known = machine.group(id);
  if (known == nullptr && !may_make) {
    return fail(Errc::group_id_not_found, "Consumer group {} not found.", id);
  }
  ClassicGroup* classic = machine.classic(id);
  if (known == nullptr) {
    found.made.emplace();
  } else if (classic == nullptr) {
    found.group = machine.consumer(id);
    return {};
  } else if (!may_make) {
    return fail(Errc::group_id_not_found, "Group {} is not a consumer group.", id);
  } else if (classic->is(ClassicState::empty)) {
    found.made.emplace();
    found.records.push_back(group_metadata_tombstone(id));
  } else {
    TRY(found.made, upgraded(machine, id, *classic));
    found.upgraded = classic;
    found.records.push_back(group_metadata_tombstone(id));
    append_group(id, *found.made, found.records);
  }
  found.group = &*found.made;
  return {};
}

ConsumerMember with_request(ConsumerMember member, const Ask& ask, const Request& request) {
  if (request.instance_id) member.instance_id = request.instance_id;
  if (request.rack_id) member.rack = request.rack_id;
  if (request.rebalance_timeout_ms != Milliseconds{-1}) {
    member.rebalance_timeout = request.rebalance_timeout_ms;
  }
  if (request.server_assignor) member.assignor = request.server_assignor;
  if (request.subscribed_topic_names) {
    member.topics = {request.subscribed_topic_names->begin(),
                     request.subscribed_topic_names->end()};
  }
  if (request.subscribed_topic_regex) member.regex = request.subscribed_topic_regex;
  member.client_id = ask.client_id;
  member.client_host = ask.client_host;
  member.classic.reset();
  return member;
}

protocol::ConsumerGroupHeartbeatResponse::Assignment show(const OwnedPartitions& partitions) {
  protocol::ConsumerGroupHeartbeatResponse::Assignment assignment;
  for (const auto& [topic, indexes] : partitions) {
    auto& entry = assignment.topic_partitions.emplace_back();
    entry.topic_id = topic;
    for (const auto& [index, epoch] : indexes) entry.partitions.push_back(index);
  }
  return assignment;
}

Result<void> check_room(const Machine& machine, const ConsumerGroup& group,
                        const std::string& member_id,
                        const std::optional<std::string>& instance_id) {
  const auto size_max = static_cast<std::size_t>(machine.settings.consumer_max_size);
  const bool fits = group.has_static_member(instance_id) || group.members().size() < size_max ||
                    group.member(member_id) != nullptr;
  if (fits) return {};
  return fail(Errc::group_max_size_reached,
              "The consumer group has reached its maximum capacity of {} members.", size_max);
}

Result<Response> live(Machine& machine, const Ask& ask, const Request& request, Now now,
                      Step& out) {
  const std::string& id = request.group_id;
  Found found;
  TRY_OK(find_group(machine, request, found));
  const ConsumerGroup& group = *found.group;
  TRY_OK(check_room(machine, group, request.member_id, request.instance_id));
  const std::string member_id =
      request.member_id.empty() ? machine.new_uuid().to_string() : request.member_id;
  Update update(machine, id, group, now);
  update.records() = std::move(found.records);
  TRY(const ConsumerMember before,
      update.find_or_make({.member_id = member_id,
                           .instance_id = request.instance_id,
                           .epoch = request.member_epoch,
                           .may_join = request.member_epoch == k_epoch_to_join,
                           .classic = false,
                           .owned = request.topic_partitions}));
  const ConsumerMember after = with_request(before, ask, request);
  TRY_OK(update.change_member(before, after));
  const bool bump = update.topics_changed() || update.regex_is_resolved() ||
                    update.assignor_changed(before, after);
  update.change_epoch(bump, before, after);
  const Update::Target target = update.make_target(before, after);
  TRY(const ConsumerMember reconciled,
      update.reconcile(after, target, update.topics_changed() || update.regex_changed(),
                       request.topic_partitions));
  if (found.upgraded != nullptr) upgrade(machine, id, *found.upgraded, group, now, out);
  update.commit(ask, out);
  keep_session(machine, id, reconciled, now);
  Response response{
      .member_id = member_id,
      .member_epoch = reconciled.epoch,
      .heartbeat_interval_ms = group_config(machine, id, "consumer.heartbeat.interval.ms",
                                            machine.settings.consumer_heartbeat_interval,
                                            machine.settings.consumer_heartbeat_interval_range)};
  // A request that says everything is from a member that may have lost the last answer.
  const bool is_full = request.rebalance_timeout_ms != Milliseconds{-1} &&
                       (request.subscribed_topic_names || request.subscribed_topic_regex) &&
                       request.topic_partitions;
  if (request.member_epoch == k_epoch_to_join || is_full ||
      reconciled.assigned != before.assigned) {
    response.assignment = show(reconciled.assigned);
  }
  return response;
}

Result<Response> answer(Machine& machine, const Ask& ask, const Request& request, Now now,
                        Step& out) {
  TRY_OK(check(request, ask.version, machine.settings));
  const bool leaves = request.member_epoch == k_epoch_to_leave ||
                      request.member_epoch == k_epoch_to_leave_for_a_while;
  return leaves ? leave(machine, request, now, out) : live(machine, ask, request, now, out);
}

}  // namespace

void heartbeat(Machine& machine, const Ask& ask, const Request& request, Now now, Step& out) {
  auto response = answer(machine, ask, request, now, out);
  if (response) return out.answer(ask.id, std::move(*response));
  out.answer(ask.id, Response{.error_code = response.error().code(),
                              .error_message = std::string(response.error().text())});
}

}  // namespace moldau::group::consumer
