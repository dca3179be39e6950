#include "group/conversion.h"

#include <algorithm>
#include <utility>

#include "bytes/reader.h"
#include "bytes/writer.h"
#include "group/classic.h"
#include "group/consumer.h"
#include "group/embedded.h"
#include "protocol/data/consumer_protocol_assignment.h"
#include "protocol/data/consumer_protocol_subscription.h"

namespace moldau::group {
namespace {

using protocol::ConsumerProtocolAssignment;
using protocol::ConsumerProtocolSubscription;

bool allows_upgrade(MigrationPolicy policy) {
  return policy == MigrationPolicy::upgrade || policy == MigrationPolicy::bidirectional;
}
bool allows_downgrade(MigrationPolicy policy) {
  return policy == MigrationPolicy::downgrade || policy == MigrationPolicy::bidirectional;
}

Result<void> refuse_upgrade(const std::string& id, std::string_view why) {
  return fail(Errc::group_id_not_found,
              "Cannot upgrade classic group {} to consumer group because {}.", id, why);
}

Result<void> check_upgrade(const Machine& machine, const std::string& id,
                           const ClassicGroup& group) {
  if (!allows_upgrade(machine.settings.migration_policy)) {
    return refuse_upgrade(id, "online upgrade is disabled");
  }
  if (!group.uses_consumer_protocol()) {
    return refuse_upgrade(id, "the group does not use the consumer embedded protocol");
  }
  if (group.members().size() > static_cast<std::size_t>(machine.settings.consumer_max_size)) {
    return refuse_upgrade(id, "the group size exceeds the consumer group maximum size");
  }
  return {};
}

Result<TopicPartitions> assigned_to(const Machine& machine, const std::string& id,
                                    const ClassicMember& member) {
  TopicPartitions partitions;
  if (member.assignment.empty()) return partitions;  // it has not synced yet
  const auto read = read_embedded<ConsumerProtocolAssignment>(member.assignment);
  if (!read) {
    TRY_OK(refuse_upgrade(id, "the embedded consumer protocol is malformed"));
  }
  if (read->user_data && !read->user_data->empty()) {
    TRY_OK(refuse_upgrade(id,
                          "an unsupported custom assignor is in use. Please refer to the "
                          "documentation or switch to a default assignor before re-attempting the "
                          "upgrade"));
  }
  for (const auto& entry : read->assigned_partitions) {
    const auto* topic = machine.image->topics.find(std::string_view(entry.topic));
    if (topic == nullptr) continue;
    partitions[topic->id] = {entry.partitions.begin(), entry.partitions.end()};
  }
  return partitions;
}

OwnedPartitions with_epoch(const TopicPartitions& partitions, std::int32_t epoch) {
  OwnedPartitions owned;
  for (const auto& [topic, indexes] : partitions) {
    for (const PartitionIndex index : indexes) owned[topic][index] = epoch;
  }
  return owned;
}

Result<ConsumerProtocolSubscription> subscription_of(const std::string& id,
                                                     const ClassicGroup& group,
                                                     const ClassicMember& member) {
  const auto* metadata = member.metadata(group.protocol_name().value_or(""));
  auto subscription =
      read_embedded<ConsumerProtocolSubscription>(metadata == nullptr ? Bytes{} : Bytes(*metadata));
  if (!subscription) {
    TRY_OK(refuse_upgrade(id, "the embedded consumer protocol is malformed"));
  }
  return *std::move(subscription);
}

// What the member had when it joined and is assigned to nobody: one of a cooperative assignor reads
// on there until it has learned that it lost it, and joins again then. `taken`: by all members.
void await_revocation(const Machine& machine, const ConsumerProtocolSubscription& subscription,
                      TopicPartitions& taken, ConsumerMember& member) {
  for (const auto& entry : subscription.owned_partitions) {
    const auto* topic = machine.image->topics.find(std::string_view(entry.topic));
    if (topic == nullptr) continue;
    for (const PartitionIndex index : entry.partitions) {
      if (!taken[topic->id].insert(index).second) continue;
      member.to_revoke[topic->id][index] = member.epoch;
      member.state = MemberState::unrevoked_partitions;
    }
  }
}

Result<ConsumerMember> upgraded_member(const std::string& id, const ClassicGroup& group,
                                       const ClassicMember& member,
                                       const TopicPartitions& partitions) {
  TRY(const ConsumerProtocolSubscription subscription, subscription_of(id, group, member));
  ConsumerMember becomes{.id = member.id,
                         .epoch = group.generation(),
                         .previous_epoch = group.generation(),
                         .instance_id = member.instance_id,
                         .rack = subscription.rack_id,
                         .rebalance_timeout = member.rebalance_timeout,
                         .client_id = member.client_id,
                         .client_host = member.client_host,
                         .topics = {subscription.topics.begin(), subscription.topics.end()},
                         .assigned = with_epoch(partitions, group.generation()),
                         .classic = ClassicMetadata{.session_timeout_ms = member.session_timeout}};
  for (const ClassicProtocol& each : member.protocols) {
    becomes.classic->supported_protocols.push_back({.name = each.name, .metadata = each.metadata});
  }
  return becomes;
}

// What a client may be reading.
TopicPartitions held_by(const ConsumerMember& member) {
  TopicPartitions held = without_epochs(member.assigned);
  for (const auto& [topic, indexes] : without_epochs(member.to_revoke)) {
    held[topic].insert(indexes.begin(), indexes.end());
  }
  return held;
}

ClassicMember downgraded_member(const ConsumerMember& member) {
  ClassicMember becomes{.id = member.id,
                        .instance_id = member.instance_id,
                        .client_id = member.client_id,
                        .client_host = member.client_host,
                        .rebalance_timeout = member.rebalance_timeout,
                        .session_timeout = member.classic->session_timeout_ms};
  for (const auto& each : member.classic->supported_protocols) {
    becomes.protocols.push_back({.name = each.name, .metadata = each.metadata});
  }
  return becomes;
}

}  // namespace

Result<ConsumerGroup> upgraded(Machine& machine, const std::string& id, const ClassicGroup& group) {
  TRY_OK(check_upgrade(machine, id, group));
  ConsumerGroup becomes;
  becomes.epoch = group.generation();
  becomes.target_epoch = group.generation();
  TopicPartitions taken;
  for (const auto& [member_id, member] : group.members()) {
    TRY(const TopicPartitions partitions, assigned_to(machine, id, member));
    for (const auto& [topic, indexes] : partitions) {
      taken[topic].insert(indexes.begin(), indexes.end());
    }
  }
  for (const auto& [member_id, member] : group.members()) {
    TRY(TopicPartitions partitions, assigned_to(machine, id, member));
    TRY(ConsumerMember as_consumer, upgraded_member(id, group, member, partitions));
    TRY(const ConsumerProtocolSubscription subscription, subscription_of(id, group, member));
    await_revocation(machine, subscription, taken, as_consumer);
    becomes.set_target(member_id, std::move(partitions));
    becomes.put(std::move(as_consumer));
  }
  becomes.metadata_hash = consumer::metadata_hash(machine, becomes.subscriptions());
  return becomes;
}

void upgrade(Machine& machine, const std::string& id, ClassicGroup& group,
             const ConsumerGroup& becomes, Now now, Step& out) {
  machine.timers.cancel({TimerKind::classic_join, id, ""});
  machine.timers.cancel({TimerKind::classic_sync, id, ""});
  for (const std::string& pending : group.pending()) classic::stop_session(machine, id, pending);
  for (const auto& [member_id, unused] : group.members()) {
    ClassicMember& member = *group.member(member_id);
    classic::answer_join(group, member,
                         classic::join_refusal(member_id, Errc::rebalance_in_progress), out);
    if (const auto waiting = std::exchange(member.syncing, std::nullopt)) {
      out.answer(*waiting, protocol::SyncGroupResponse{.error_code = Errc::rebalance_in_progress});
    }
    classic::stop_session(machine, id, member_id);
    consumer::keep_session(machine, id, *becomes.member(member_id), now);
  }
}

bool may_downgrade(const Machine& machine, const ConsumerGroup& group,
                   const std::vector<const ConsumerMember*>& gone) {
  if (!group.all_are_classic_without(gone) || group.members().size() <= gone.size()) return false;
  return allows_downgrade(machine.settings.migration_policy) &&
         group.members().size() - gone.size() <=
             static_cast<std::size_t>(machine.settings.group_max_size);
}

bool may_downgrade_for(const Machine& machine, const ConsumerGroup& group,
                       const ConsumerMember& replaced) {
  return !replaced.classic && group.all_are_classic_without({&replaced}) &&
         allows_downgrade(machine.settings.migration_policy) &&
         group.members().size() <= static_cast<std::size_t>(machine.settings.group_max_size);
}

Result<void> downgrade(Machine& machine, const std::string& id,
                       const std::vector<const ConsumerMember*>& gone, const ConsumerMember* joins,
                       bool rebalance, Now now, Step& out) {
  const ConsumerGroup& group = *machine.consumer(id);
  const ConsumerMember* replaced =
      joins == nullptr ? nullptr : group.static_member(*joins->instance_id);
  Records records;
  append_consumer_group_tombstones(id, group, records);
  std::vector<ClassicMember> members;
  // When they all join again, what they have until then counts: the group may be taken back to the
  // other protocol before. Else they go towards the target.
  std::map<std::string, TopicPartitions> shares;
  for (const auto& [member_id, member] : group.members()) {
    const bool goes = &member == replaced || std::ranges::find(gone, &member) != gone.end();
    if (!goes) members.push_back(downgraded_member(member));
    shares[member_id] = rebalance ? held_by(member) : group.target(member_id);
  }
  if (joins != nullptr) {
    members.push_back(downgraded_member(*joins));
    shares[joins->id] = rebalance ? held_by(*joins) : group.target(replaced->id);
  }
  ClassicGroup becomes = ClassicGroup::of_members(group.epoch, std::move(members), now.wall);
  std::map<std::string, Assignment, std::less<>> assignments;
  for (const auto& [member_id, member] : becomes.members()) {
    const auto* metadata = member.metadata(becomes.protocol_name().value_or(""));
    auto assignment = classic_assignment(machine, shares.at(member_id),
                                         metadata == nullptr ? Bytes{} : Bytes(*metadata));
    if (!assignment) {
      return fail(Errc::group_id_not_found, "Cannot downgrade the classic group {}.", id);
    }
    becomes.member(member_id)->assignment = *assignment;
    assignments.emplace(member_id, std::move(*assignment));
  }
  protocol::GroupMetadataValue written = becomes.to_record(assignments);
  // Who loads the group before it has rebalanced must know that it has to: nobody leads it yet.
  if (rebalance) written.leader.reset();
  records.push_back(group_metadata_record(id, written));
  for (const auto& [member_id, member] : group.members()) {
    consumer::stop_timers(machine, id, member_id);
  }
  for (coordinator::Record& record : records) out.append(std::move(record));
  // The log follows: who replays the tombstones finds no consumer group any more.
  auto& classic = std::get<ClassicGroup>(
      machine.groups.insert_or_assign(id, Group(std::move(becomes))).first->second);
  for (const auto& [member_id, member] : classic.members()) {
    classic::keep_session(machine, id, member, now);
  }
  if (rebalance) classic::prepare_rebalance(machine, id, classic, now, out);
  return {};
}

Result<Assignment> classic_assignment(const Machine& machine, const TopicPartitions& partitions,
                                      Bytes subscription) {
  Reader in(subscription);
  const std::int16_t version = in.i16();
  if (!in.ok() || version < 0) return fail(Errc::corrupt_data);
  const ApiVersion used =
      std::min(ApiVersion{version}, ConsumerProtocolAssignment::k_versions.last);
  ConsumerProtocolAssignment assignment;
  for (const auto& [id, indexes] : partitions) {
    const auto* topic = machine.image->topics.find(id);
    if (topic == nullptr) continue;
    auto& entry = assignment.assigned_partitions.emplace_back();
    entry.topic = topic->name;
    entry.partitions.assign(indexes.begin(), indexes.end());
  }
  Writer out;
  out.i16(used.value());
  assignment.encode(out, used);
  return out.take();
}

TopicPartitions without_epochs(const OwnedPartitions& partitions) {
  TopicPartitions all;
  for (const auto& [topic, indexes] : partitions) {
    for (const auto& [index, epoch] : indexes) all[topic].insert(index);
  }
  return all;
}

}  // namespace moldau::group
