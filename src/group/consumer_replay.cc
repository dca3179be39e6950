#include "group/consumer_replay.h"

#include <utility>

#include "group/consumer_records.h"

namespace moldau::group {
namespace {

// The group that a record speaks of, made where there is none yet. A simple group stands for
// offsets alone, without a record of its own, and gives way.
Result<ConsumerGroup*> group_to_change(Machine& machine, const std::string& id) {
  Group* found = machine.group(id);
  if (found != nullptr) {
    if (auto* group = std::get_if<ConsumerGroup>(found)) return group;
    if (!std::get<ClassicGroup>(*found).is_simple()) {
      return fail(Errc::corrupt_data, "a record of consumer group {}, which is a classic group",
                  id);
    }
  }
  const auto made = machine.groups.insert_or_assign(id, ConsumerGroup()).first;
  return &std::get<ConsumerGroup>(made->second);
}

ConsumerMember member_to_change(const ConsumerGroup& group, const std::string& id) {
  const ConsumerMember* known = group.member(id);
  return known != nullptr ? *known : ConsumerMember{.id = id};
}

// Without a value it is a tombstone. Of a group that is no consumer group any more it says nothing.
Result<void> apply(Machine& machine, const ConsumerMetadataEntry& entry) {
  const std::string& id = entry.key.group_id;
  if (!entry.value) {
    if (machine.consumer(id) != nullptr) machine.groups.erase(id);
    return {};
  }
  TRY(ConsumerGroup * group, group_to_change(machine, id));
  group->epoch = entry.value->epoch;
  group->metadata_hash = entry.value->metadata_hash;
  return {};
}

Result<void> apply(Machine& machine, const ConsumerPartitionMetadataEntry& entry) {
  if (!entry.value) {
    if (auto* group = machine.consumer(entry.key.group_id)) group->has_topics_record = false;
    return {};
  }
  TRY(ConsumerGroup * group, group_to_change(machine, entry.key.group_id));
  group->has_topics_record = true;
  return {};
}

Result<void> apply(Machine& machine, const ConsumerMemberEntry& entry) {
  if (!entry.value) {
    if (auto* group = machine.consumer(entry.key.group_id)) group->remove(entry.key.member_id);
    return {};
  }
  TRY(ConsumerGroup * group, group_to_change(machine, entry.key.group_id));
  group->put(with_record(member_to_change(*group, entry.key.member_id), *entry.value));
  return {};
}

Result<void> apply(Machine& machine, const ConsumerTargetMetadataEntry& entry) {
  if (!entry.value) {
    if (auto* group = machine.consumer(entry.key.group_id)) {
      group->target_epoch = -1;
      group->target_made = Timestamp{};
    }
    return {};
  }
  TRY(ConsumerGroup * group, group_to_change(machine, entry.key.group_id));
  group->target_epoch = entry.value->assignment_epoch;
  group->target_made = entry.value->assignment_timestamp;
  return {};
}

Result<void> apply(Machine& machine, const ConsumerTargetMemberEntry& entry) {
  if (!entry.value) {
    if (auto* group = machine.consumer(entry.key.group_id)) group->drop_target(entry.key.member_id);
    return {};
  }
  TRY(ConsumerGroup * group, group_to_change(machine, entry.key.group_id));
  group->set_target(entry.key.member_id, target_of(*entry.value));
  return {};
}

Result<void> apply(Machine& machine, const ConsumerCurrentAssignmentEntry& entry) {
  if (!entry.value) {
    ConsumerGroup* group = machine.consumer(entry.key.group_id);
    const ConsumerMember* known = group == nullptr ? nullptr : group->member(entry.key.member_id);
    if (known == nullptr) return {};
    ConsumerMember member = *known;
    member.epoch = k_epoch_to_leave;
    member.previous_epoch = k_epoch_to_leave;
    member.assigned.clear();
    member.to_revoke.clear();
    group->put(std::move(member));
    return {};
  }
  TRY(ConsumerGroup * group, group_to_change(machine, entry.key.group_id));
  group->put(with_record(member_to_change(*group, entry.key.member_id), *entry.value));
  return {};
}

Result<void> apply(Machine& machine, const ConsumerRegexEntry& entry) {
  const std::string& regex = entry.key.regular_expression;
  if (!entry.value) {
    if (auto* group = machine.consumer(entry.key.group_id)) group->drop_resolved(regex);
    return {};
  }
  TRY(ConsumerGroup * group, group_to_change(machine, entry.key.group_id));
  group->set_resolved(regex, {.topics = {entry.value->topics.begin(), entry.value->topics.end()},
                              .version = Offset{entry.value->version},
                              .resolved = entry.value->timestamp});
  return {};
}

// Not of consumer groups.
Result<void> apply(Machine& /*machine*/, const std::monostate& /*entry*/) { return {}; }
Result<void> apply(Machine& /*machine*/, const OffsetCommitEntry& /*entry*/) { return {}; }
Result<void> apply(Machine& /*machine*/, const GroupMetadataEntry& /*entry*/) { return {}; }

}  // namespace

Result<void> replay_consumer_record(Machine& machine, const GroupRecord& record) {
  return std::visit([&](const auto& entry) { return apply(machine, entry); }, record);
}

}  // namespace moldau::group
