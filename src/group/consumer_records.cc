#include "group/consumer_records.h"

#include <algorithm>
#include <utility>

namespace moldau::group {
namespace {

using coordinator::make_record;
using coordinator::make_tombstone;
using coordinator::Record;
using protocol::ConsumerGroupCurrentMemberAssignmentValue;

constexpr ApiVersion k_value_version{0};

std::vector<ConsumerGroupCurrentMemberAssignmentValue::TopicPartitions> to_list(
    const OwnedPartitions& partitions) {
  std::vector<ConsumerGroupCurrentMemberAssignmentValue::TopicPartitions> list;
  for (const auto& [topic, indexes] : partitions) {
    auto& entry = list.emplace_back();
    entry.topic_id = topic;
    for (const auto& [index, epoch] : indexes) {
      entry.partitions.push_back(index);
      entry.assignment_epochs->push_back(epoch);
    }
  }
  return list;
}

// Before 4.1 partitions had no epochs of their own: then the member's counts.
OwnedPartitions from_list(
    const std::vector<ConsumerGroupCurrentMemberAssignmentValue::TopicPartitions>& list,
    std::int32_t member_epoch) {
  OwnedPartitions partitions;
  for (const auto& entry : list) {
    auto& indexes = partitions[entry.topic_id];
    const bool has_epochs =
        entry.assignment_epochs && entry.assignment_epochs->size() == entry.partitions.size();
    for (std::size_t i = 0; i < entry.partitions.size(); ++i) {
      indexes[entry.partitions[i]] =
          has_epochs ? (*entry.assignment_epochs)[i] : std::max(member_epoch, 0);
    }
  }
  return partitions;
}

}  // namespace

Record consumer_member_record(const std::string& group, const ConsumerMember& member) {
  return make_record(
      protocol::ConsumerGroupMemberMetadataKey{.group_id = group, .member_id = member.id},
      protocol::ConsumerGroupMemberMetadataValue{
          .instance_id = member.instance_id,
          .rack_id = member.rack,
          .client_id = member.client_id,
          .client_host = member.client_host,
          .subscribed_topic_names = {member.topics.begin(), member.topics.end()},
          .subscribed_topic_regex = member.regex,
          .rebalance_timeout_ms = member.rebalance_timeout,
          .server_assignor = member.assignor,
          .classic_member_metadata = member.classic},
      k_value_version);
}

Record consumer_epoch_record(const std::string& group, std::int32_t epoch,
                             std::int64_t metadata_hash) {
  return make_record(
      protocol::ConsumerGroupMetadataKey{.group_id = group},
      protocol::ConsumerGroupMetadataValue{.epoch = epoch, .metadata_hash = metadata_hash},
      k_value_version);
}

Record target_record(const std::string& group, const std::string& member,
                     const TopicPartitions& target) {
  protocol::ConsumerGroupTargetAssignmentMemberValue value;
  for (const auto& [topic, partitions] : target) {
    auto& entry = value.topic_partitions.emplace_back();
    entry.topic_id = topic;
    entry.partitions.assign(partitions.begin(), partitions.end());
  }
  return make_record(
      protocol::ConsumerGroupTargetAssignmentMemberKey{.group_id = group, .member_id = member},
      value, k_value_version);
}

Record target_epoch_record(const std::string& group, std::int32_t epoch, Timestamp made) {
  return make_record(protocol::ConsumerGroupTargetAssignmentMetadataKey{.group_id = group},
                     protocol::ConsumerGroupTargetAssignmentMetadataValue{
                         .assignment_epoch = epoch, .assignment_timestamp = made},
                     k_value_version);
}

Record current_assignment_record(const std::string& group, const ConsumerMember& member) {
  return make_record(
      protocol::ConsumerGroupCurrentMemberAssignmentKey{.group_id = group, .member_id = member.id},
      ConsumerGroupCurrentMemberAssignmentValue{
          .member_epoch = member.epoch,
          .previous_member_epoch = member.previous_epoch,
          .state = static_cast<std::int8_t>(member.state),
          .assigned_partitions = to_list(member.assigned),
          .partitions_pending_revocation = to_list(member.to_revoke)},
      k_value_version);
}

Record regex_record(const std::string& group, const std::string& regex,
                    const ResolvedRegex& resolved) {
  return make_record(
      protocol::ConsumerGroupRegularExpressionKey{.group_id = group, .regular_expression = regex},
      protocol::ConsumerGroupRegularExpressionValue{
          .topics = {resolved.topics.begin(), resolved.topics.end()},
          .version = resolved.version.value(),
          .timestamp = resolved.resolved},
      k_value_version);
}

Record regex_tombstone(const std::string& group, const std::string& regex) {
  return make_tombstone(
      protocol::ConsumerGroupRegularExpressionKey{.group_id = group, .regular_expression = regex});
}

Record topics_tombstone(const std::string& group) {
  return make_tombstone(protocol::ConsumerGroupPartitionMetadataKey{.group_id = group});
}

namespace {

Record current_assignment_tombstone(const std::string& group, const std::string& member) {
  return make_tombstone(
      protocol::ConsumerGroupCurrentMemberAssignmentKey{.group_id = group, .member_id = member});
}
Record target_tombstone(const std::string& group, const std::string& member) {
  return make_tombstone(
      protocol::ConsumerGroupTargetAssignmentMemberKey{.group_id = group, .member_id = member});
}
Record member_tombstone(const std::string& group, const std::string& member) {
  return make_tombstone(
      protocol::ConsumerGroupMemberMetadataKey{.group_id = group, .member_id = member});
}

}  // namespace

void append_member_tombstones(const std::string& group, const std::string& member,
                              Records& records) {
  records.push_back(current_assignment_tombstone(group, member));
  records.push_back(target_tombstone(group, member));
  records.push_back(member_tombstone(group, member));
}

void append_group(const std::string& id, const ConsumerGroup& group, Records& records) {
  for (const auto& [member_id, member] : group.members()) {
    records.push_back(consumer_member_record(id, member));
  }
  records.push_back(consumer_epoch_record(id, group.epoch, group.metadata_hash));
  for (const auto& [member_id, member] : group.members()) {
    records.push_back(target_record(id, member_id, group.target(member_id)));
  }
  records.push_back(target_epoch_record(id, group.target_epoch, group.target_made));
  for (const auto& [member_id, member] : group.members()) {
    records.push_back(current_assignment_record(id, member));
  }
}

void append_consumer_group_tombstones(const std::string& id, const ConsumerGroup& group,
                                      Records& records) {
  std::vector<std::string> members;
  for (const auto& [member_id, member] : group.members()) members.push_back(member_id);
  for (const auto& member : members) records.push_back(current_assignment_tombstone(id, member));
  for (const auto& member : members) records.push_back(target_tombstone(id, member));
  records.push_back(
      make_tombstone(protocol::ConsumerGroupTargetAssignmentMetadataKey{.group_id = id}));
  for (const auto& member : members) records.push_back(member_tombstone(id, member));
  for (const auto& [regex, resolved] : group.resolved()) {
    records.push_back(regex_tombstone(id, regex));
  }
  records.push_back(topics_tombstone(id));
  records.push_back(make_tombstone(protocol::ConsumerGroupMetadataKey{.group_id = id}));
}

ConsumerMember with_record(ConsumerMember member,
                           const protocol::ConsumerGroupMemberMetadataValue& value) {
  member.instance_id = value.instance_id;
  member.rack = value.rack_id;
  member.client_id = value.client_id;
  member.client_host = value.client_host;
  member.topics = {value.subscribed_topic_names.begin(), value.subscribed_topic_names.end()};
  member.regex = value.subscribed_topic_regex;
  member.rebalance_timeout = value.rebalance_timeout_ms;
  member.assignor = value.server_assignor;
  member.classic = value.classic_member_metadata;
  return member;
}

ConsumerMember with_record(ConsumerMember member,
                           const ConsumerGroupCurrentMemberAssignmentValue& value) {
  member.epoch = value.member_epoch;
  member.previous_epoch = value.previous_member_epoch;
  const auto state = static_cast<MemberState>(value.state);
  const bool known = state == MemberState::stable || state == MemberState::unrevoked_partitions ||
                     state == MemberState::unreleased_partitions;
  member.state = known ? state : MemberState::unknown;
  member.assigned = from_list(value.assigned_partitions, value.member_epoch);
  member.to_revoke = from_list(value.partitions_pending_revocation, value.member_epoch);
  return member;
}

TopicPartitions target_of(const protocol::ConsumerGroupTargetAssignmentMemberValue& value) {
  TopicPartitions target;
  for (const auto& entry : value.topic_partitions) {
    target[entry.topic_id].insert(entry.partitions.begin(), entry.partitions.end());
  }
  return target;
}

}  // namespace moldau::group
