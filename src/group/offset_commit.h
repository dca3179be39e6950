#pragma once
#include "group/machine.h"
#include "group/records.h"

// Committing offsets, in a transaction or not, and what the records of it come to.
namespace moldau::group {

void commit_offsets(Machine& machine, const Ask& ask, const protocol::OffsetCommitRequest& request,
                    Now now, Step& out);
void commit_offsets_in_transaction(Machine& machine, const Ask& ask,
                                   const protocol::TxnOffsetCommitRequest& request, Now now,
                                   Step& out);
void replay_offset_commit(Machine& machine, Offset offset, const OffsetCommitEntry& entry,
                          const std::optional<coordinator::Producer>& producer);

}  // namespace moldau::group
