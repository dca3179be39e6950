#pragma once
#include <string>
#include <vector>

#include "group/consumer_records.h"
#include "group/machine.h"

// Groups go from one protocol to the other while their members live, as the migration policy lets
// them. Source: GroupMetadataManager.convertToConsumerGroup, convertToClassicGroup; KIP-848.
namespace moldau::group {

// Whether a member of the consumer protocol may take the classic group with it, and to what. What a
// cooperative member had when it joined and nobody is assigned stays its own until it joins again:
// it may still read there. (In Kafka it is free at once.)
// Errors: group_id_not_found, as Kafka says it.
[[nodiscard]] Result<ConsumerGroup> upgraded(Machine& machine, const std::string& id,
                                             const ClassicGroup& group);
// Those who wait in the classic group are told to join again, and sessions go on as they were.
// Duty: the records of the new group follow in the same step.
void upgrade(Machine& machine, const std::string& id, ClassicGroup& group,
             const ConsumerGroup& becomes, Now now, Step& out);

// Whether without `gone` only members of the classic protocol are left, and may be one.
[[nodiscard]] bool may_downgrade(const Machine& machine, const ConsumerGroup& group,
                                 const std::vector<const ConsumerMember*>& gone);
// `joins` takes the place of `replaced`, a member of its instance id.
[[nodiscard]] bool may_downgrade_for(const Machine& machine, const ConsumerGroup& group,
                                     const ConsumerMember& replaced);
// The group is a classic one from here on; with `rebalance` its members join again. What was
// decided of the consumer group in the same step need not be written: it ends with this. Errors:
// group_id_not_found, for subscriptions that cannot be read.
[[nodiscard]] Result<void> downgrade(Machine& machine, const std::string& id,
                                     const std::vector<const ConsumerMember*>& gone,
                                     const ConsumerMember* joins, bool rebalance, Now now,
                                     Step& out);

// The assignment of a member as classic clients read it, in the version of its subscription.
// Errors: corrupt_data.
[[nodiscard]] Result<Assignment> classic_assignment(const Machine& machine,
                                                    const TopicPartitions& partitions,
                                                    Bytes subscription);
[[nodiscard]] TopicPartitions without_epochs(const OwnedPartitions& partitions);

}  // namespace moldau::group
