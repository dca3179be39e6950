#pragma once
#include "txn/machine.h"

namespace moldau::txn {

void end_transaction(Machine& machine, const Ask& ask, const protocol::EndTxnRequest& request,
                     Now now, Step& out);
void refuse_end(const Ask& ask, Errc error, Step& out);

// Aborts an ongoing transaction behind its producer's back, which is fenced by that.
// false: a producer id is needed first. REQUIRES: it is ongoing.
[[nodiscard]] bool abort_by_fence(Machine& machine, const std::string& transactional_id, Now now,
                                  Step& out);

}  // namespace moldau::txn
