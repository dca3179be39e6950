#pragma once
#include <set>
#include <string>
#include <vector>

#include "group/consumer_group.h"
#include "group/records.h"

// The records of consumer groups, as Kafka 4.4 writes them. Source: GroupCoordinatorRecordHelpers.
namespace moldau::group {

using Records = std::vector<coordinator::Record>;

[[nodiscard]] coordinator::Record consumer_member_record(const std::string& group,
                                                         const ConsumerMember& member);
[[nodiscard]] coordinator::Record consumer_epoch_record(const std::string& group,
                                                        std::int32_t epoch,
                                                        std::int64_t metadata_hash);
[[nodiscard]] coordinator::Record target_record(const std::string& group, const std::string& member,
                                                const TopicPartitions& target);
[[nodiscard]] coordinator::Record target_epoch_record(const std::string& group, std::int32_t epoch,
                                                      Timestamp made);
[[nodiscard]] coordinator::Record current_assignment_record(const std::string& group,
                                                            const ConsumerMember& member);
[[nodiscard]] coordinator::Record regex_record(const std::string& group, const std::string& regex,
                                               const ResolvedRegex& resolved);
[[nodiscard]] coordinator::Record regex_tombstone(const std::string& group,
                                                  const std::string& regex);
[[nodiscard]] coordinator::Record topics_tombstone(const std::string& group);

// The three tombstones of a member.
void append_member_tombstones(const std::string& group, const std::string& member,
                              Records& records);
// All that a group is made of: what a classic group becomes.
void append_group(const std::string& id, const ConsumerGroup& group, Records& records);
void append_consumer_group_tombstones(const std::string& id, const ConsumerGroup& group,
                                      Records& records);

// What the records say.
[[nodiscard]] ConsumerMember with_record(ConsumerMember member,
                                         const protocol::ConsumerGroupMemberMetadataValue& value);
[[nodiscard]] ConsumerMember with_record(
    ConsumerMember member, const protocol::ConsumerGroupCurrentMemberAssignmentValue& value);
[[nodiscard]] TopicPartitions target_of(
    const protocol::ConsumerGroupTargetAssignmentMemberValue& value);

}  // namespace moldau::group
