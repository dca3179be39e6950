#pragma once
#include "group/machine.h"
#include "group/records.h"

// What the records of consumer groups mean for the machine. Source: GroupMetadataManager.replay.
namespace moldau::group {

// Errors: corrupt_data, for a record of a group that is a classic one with members or a past.
[[nodiscard]] Result<void> replay_consumer_record(Machine& machine, const GroupRecord& record);

}  // namespace moldau::group
