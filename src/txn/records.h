#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "coordinator/record.h"
#include "txn/transaction.h"

// The records of __transaction_state. Source: TransactionLog.
namespace moldau::txn {

struct TransactionEntry {
  std::string transactional_id;
  std::optional<Transaction> value;  // nullopt: a tombstone
};

// nullopt: of a type that is not known here.
// Errors: corrupt_data, for a key without type, a value of an unknown version, or a state that no
// record may have.
[[nodiscard]] Result<std::optional<TransactionEntry>> read_record(
    const coordinator::Record& record);

// Version 0 of the value under transaction.version 0, which says less, and else 1.
[[nodiscard]] coordinator::Record transaction_record(const std::string& transactional_id,
                                                     const Transaction& transaction,
                                                     TransactionVersion server);
[[nodiscard]] coordinator::Record transaction_tombstone(const std::string& transactional_id);

}  // namespace moldau::txn
