#include "txn/describe.h"

#include <utility>

namespace moldau::txn {
namespace {

using Described = protocol::DescribeTransactionsResponse::TransactionState;
using Listed = protocol::ListTransactionsResponse::TransactionState;

// Of a prepared transaction, those that have no marker yet.
const Partitions& partitions_of(const Machine& machine, const std::string& id,
                                const Transaction& transaction) {
  const auto found = machine.completions.find(id);
  return found == machine.completions.end() ? transaction.partitions : found->second.left;
}

Described describe(const Machine& machine, const std::string& id) {
  Described out;
  out.transactional_id = id;
  if (id.empty()) {
    out.error_code = Errc::invalid_request;
    return out;
  }
  const Transaction* known = machine.find(id);
  if (known == nullptr) {
    out.error_code = Errc::transactional_id_not_found;
    return out;
  }
  out.transaction_state = name_of(known->state);
  out.transaction_timeout_ms = known->timeout;
  out.transaction_start_time_ms = known->started;
  out.producer_id = known->producer_id;
  out.producer_epoch = known->epoch;
  for (const auto& [topic, partitions] : partitions_of(machine, id, *known)) {
    out.topics.push_back({.topic = topic, .partitions = {partitions.begin(), partitions.end()}});
  }
  return out;
}

}  // namespace

void list_transactions(const Machine& machine, const Ask& ask, const ListFilter& filter, Now now,
                       Step& out) {
  std::vector<Listed> all;
  for (const auto& [id, transaction] : machine.transactions) {
    if (!filter.matches(id, transaction, now.wall)) continue;
    all.push_back({.transactional_id = id,
                   .producer_id = transaction.producer_id,
                   .transaction_state = std::string(name_of(transaction.state))});
  }
  out.answer(ask.id, std::move(all));
}

void describe_transactions(const Machine& machine, const Ask& ask,
                           const std::vector<std::string>& transactional_ids, Step& out) {
  std::vector<Described> all;
  all.reserve(transactional_ids.size());
  for (const std::string& id : transactional_ids) all.push_back(describe(machine, id));
  out.answer(ask.id, std::move(all));
}

}  // namespace moldau::txn
