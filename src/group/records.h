#pragma once
#include <optional>
#include <variant>

#include "base/result.h"
#include "coordinator/record.h"
#include "protocol/data/consumer_group_current_member_assignment_key.h"
#include "protocol/data/consumer_group_current_member_assignment_value.h"
#include "protocol/data/consumer_group_member_metadata_key.h"
#include "protocol/data/consumer_group_member_metadata_value.h"
#include "protocol/data/consumer_group_metadata_key.h"
#include "protocol/data/consumer_group_metadata_value.h"
#include "protocol/data/consumer_group_partition_metadata_key.h"
#include "protocol/data/consumer_group_partition_metadata_value.h"
#include "protocol/data/consumer_group_regular_expression_key.h"
#include "protocol/data/consumer_group_regular_expression_value.h"
#include "protocol/data/consumer_group_target_assignment_member_key.h"
#include "protocol/data/consumer_group_target_assignment_member_value.h"
#include "protocol/data/consumer_group_target_assignment_metadata_key.h"
#include "protocol/data/consumer_group_target_assignment_metadata_value.h"
#include "protocol/data/group_metadata_key.h"
#include "protocol/data/group_metadata_value.h"
#include "protocol/data/offset_commit_key.h"
#include "protocol/data/offset_commit_value.h"

// The records of __consumer_offsets.
namespace moldau::group {

// What a record says; without a value it is a tombstone.
template <class Key, class Value>
struct Entry {
  Key key;
  std::optional<Value> value;
};

using OffsetCommitEntry = Entry<protocol::OffsetCommitKey, protocol::OffsetCommitValue>;
using GroupMetadataEntry = Entry<protocol::GroupMetadataKey, protocol::GroupMetadataValue>;
using ConsumerMetadataEntry =
    Entry<protocol::ConsumerGroupMetadataKey, protocol::ConsumerGroupMetadataValue>;
using ConsumerPartitionMetadataEntry = Entry<protocol::ConsumerGroupPartitionMetadataKey,
                                             protocol::ConsumerGroupPartitionMetadataValue>;
using ConsumerMemberEntry =
    Entry<protocol::ConsumerGroupMemberMetadataKey, protocol::ConsumerGroupMemberMetadataValue>;
using ConsumerTargetMetadataEntry = Entry<protocol::ConsumerGroupTargetAssignmentMetadataKey,
                                          protocol::ConsumerGroupTargetAssignmentMetadataValue>;
using ConsumerTargetMemberEntry = Entry<protocol::ConsumerGroupTargetAssignmentMemberKey,
                                        protocol::ConsumerGroupTargetAssignmentMemberValue>;
using ConsumerCurrentAssignmentEntry = Entry<protocol::ConsumerGroupCurrentMemberAssignmentKey,
                                             protocol::ConsumerGroupCurrentMemberAssignmentValue>;
using ConsumerRegexEntry = Entry<protocol::ConsumerGroupRegularExpressionKey,
                                 protocol::ConsumerGroupRegularExpressionValue>;

// monostate: of a type that is not known here (share and streams groups, later versions).
using GroupRecord =
    std::variant<std::monostate, OffsetCommitEntry, GroupMetadataEntry, ConsumerMetadataEntry,
                 ConsumerPartitionMetadataEntry, ConsumerMemberEntry, ConsumerTargetMetadataEntry,
                 ConsumerTargetMemberEntry, ConsumerCurrentAssignmentEntry, ConsumerRegexEntry>;

// The old form of an offset commit's key (type 0) reads as the new one (type 1).
// Errors: corrupt_data, for a key without type or a known type that cannot be read.
[[nodiscard]] Result<GroupRecord> read_record(const coordinator::Record& record);

// In the value versions that Kafka 4.4 writes. An offset with a time of expiry of its own is
// written in version 1, the only one that can say it.
[[nodiscard]] coordinator::Record group_metadata_record(const std::string& group,
                                                        const protocol::GroupMetadataValue& value);
[[nodiscard]] coordinator::Record group_metadata_tombstone(const std::string& group);
[[nodiscard]] coordinator::Record offset_commit_record(const protocol::OffsetCommitKey& key,
                                                       const protocol::OffsetCommitValue& value);
[[nodiscard]] coordinator::Record offset_commit_tombstone(const std::string& group,
                                                          const std::string& topic,
                                                          PartitionIndex partition);

}  // namespace moldau::group
