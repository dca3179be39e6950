#include "txn/machine.h"

#include "metadata/features.h"
#include "txn/records.h"

namespace moldau::txn {

const Transaction* Machine::find(std::string_view transactional_id) const {
  const auto found = transactions.find(transactional_id);
  return found == transactions.end() ? nullptr : &found->second;
}

TransactionVersion Machine::version() const {
  return version_of_level(image->features.level(metadata::k_transaction_version).value);
}

void Machine::decide(const std::string& transactional_id, Transaction next, Step& out) {
  // A batch of its own, as Kafka writes it: records are large when there are many partitions.
  out.batches.push_back({.records = {transaction_record(transactional_id, next, version())}});
  decided.insert_or_assign(transactional_id, std::move(next));
}

std::optional<ProducerId> Machine::take_id() { return std::exchange(spare_id, std::nullopt); }

void Machine::wait_for_id(Waiting question, Step& out) {
  waiting.push_back(std::move(question));
  if (asked_for_id) return;
  asked_for_id = true;
  out.effects.emplace_back(NeedProducerId{});
}

}  // namespace moldau::txn
