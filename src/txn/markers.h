#pragma once
#include "txn/machine.h"

namespace moldau::txn {

// Has the markers of a prepared transaction written as soon as all that was decided is committed.
void complete_when_committed(Machine& machine, const std::string& transactional_id,
                             const Transaction& prepared, Step& out);
// What came of it: the end of the transaction, or another try later.
void markers_written(Machine& machine, const MarkersWritten& report, Now now, Step& out);
// Tries again what is due.
void retry_markers(Machine& machine, Now now, Step& out);

}  // namespace moldau::txn
