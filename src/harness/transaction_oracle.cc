#include "harness/transaction_oracle.h"

#include <fmt/core.h>

#include <algorithm>

namespace moldau::harness {

TransactionNumber TransactionOracle::begin() {
  const TransactionNumber number{transactions_.size() + 1};
  transactions_.emplace(number, Transaction{});
  return number;
}

void TransactionOracle::will_send(TransactionNumber transaction,
                                  std::span<const RecordId> records) {
  auto& own = transactions_.at(transaction).records;
  own.insert(own.end(), records.begin(), records.end());
  for (const RecordId& record : records) sent_.emplace(record, transaction);
}

void TransactionOracle::will_commit(TransactionNumber transaction) {
  transactions_.at(transaction).state = State::in_doubt;
}
void TransactionOracle::committed(TransactionNumber transaction) {
  transactions_.at(transaction).state = State::committed;
}

std::optional<std::string> TransactionOracle::shown(PartitionIndex partition,
                                                    const SeenRecord& seen) {
  const auto sent = sent_.find(seen.record);
  if (sent == sent_.end() || transactions_.at(sent->second).state == State::open) {
    return fmt::format("X1 partition {}: {} is shown at {}, and nobody {} it", partition,
                       to_text(seen.record), seen.offset,
                       sent == sent_.end() ? "sent" : "committed");
  }
  const auto [here, is_new] = known_.emplace(std::pair(partition, seen.offset), seen.record);
  const bool elsewhere = is_new && !shown_.insert(seen.record).second;
  if (here->second != seen.record || elsewhere) {
    return fmt::format("X4 partition {}: at {} is {}, {}", partition, seen.offset,
                       to_text(seen.record),
                       elsewhere ? "which is elsewhere too" : "another one was there before");
  }
  return std::nullopt;
}

std::optional<std::string> TransactionOracle::complete() const {
  for (const auto& [number, transaction] : transactions_) {
    const auto seen = std::ranges::count_if(
        transaction.records, [this](const RecordId& record) { return shown_.contains(record); });
    const auto all = std::ssize(transaction.records);
    if (seen != 0 && seen != all) {
      return fmt::format("X2 of transaction {}, which begins with {}, {} of {} records are shown",
                         number, to_text(transaction.records.front()), seen, all);
    }
    if (seen == 0 && all > 0 && transaction.state == State::committed) {
      return fmt::format("X3 transaction {}, which begins with {}, was committed and is not shown",
                         number, to_text(transaction.records.front()));
    }
  }
  return std::nullopt;
}

}  // namespace moldau::harness
