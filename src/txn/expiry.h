#pragma once
#include "txn/machine.h"

namespace moldau::txn {

// Aborts transactions that are open for longer than their producers said.
void abort_timed_out(Machine& machine, Now now, Step& out);
// The same for one, when there is a producer id for it.
void abort_if_timed_out(Machine& machine, const std::string& transactional_id, Now now, Step& out);
// Forgets transactional ids that nobody used for transactional.id.expiration.ms.
void remove_expired(const Machine& machine, Now now, Step& out);

}  // namespace moldau::txn
