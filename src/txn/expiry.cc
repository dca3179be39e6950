#include "txn/expiry.h"

#include "txn/end_txn.h"
#include "txn/records.h"

namespace moldau::txn {

void abort_if_timed_out(Machine& machine, const std::string& transactional_id, Now now, Step& out) {
  const Transaction* known = machine.find(transactional_id);
  if (known == nullptr || known->state != TransactionState::ongoing) return;
  if (is_two_phase(*known) || known->started + known->timeout >= now.wall) return;
  if (!abort_by_fence(machine, transactional_id, now, out)) {
    machine.wait_for_id(WaitingAbort{transactional_id}, out);
  }
}

void abort_timed_out(Machine& machine, Now now, Step& out) {
  for (const std::string& id : machine.ongoing) abort_if_timed_out(machine, id, now, out);
}

void remove_expired(const Machine& machine, Now now, Step& out) {
  const Timestamp until = now.wall - machine.settings.transactional_id_expiration;
  for (const auto& [id, transaction] : machine.transactions) {
    if (!is_at_rest(transaction.state) || transaction.updated > until) continue;
    const bool full = out.batches.empty() ||
                      out.batches.back().records.size() >= coordinator::k_tombstones_per_batch_max;
    if (full) out.batches.emplace_back();
    out.batches.back().records.push_back(transaction_tombstone(id));
  }
}

}  // namespace moldau::txn
