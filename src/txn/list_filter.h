#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "protocol/api/list_transactions.h"
#include "txn/transaction.h"

namespace re2 {
class RE2;
}

namespace moldau::txn {

// Which transactional ids ListTransactions asks for. Immutable: shards share it.
// Source: TransactionStateManager.listTransactionStates.
class ListFilter {
 public:
  // Errors: invalid_regular_expression.
  [[nodiscard]] static Result<ListFilter> of(const protocol::ListTransactionsRequest& request);
  [[nodiscard]] bool matches(const std::string& transactional_id, const Transaction& transaction,
                             Timestamp now) const;
  // State names that mean nothing here, in the order of the request.
  [[nodiscard]] const std::vector<std::string>& unknown_states() const { return unknown_states_; }

 private:
  std::vector<ProducerId> producers_;  // empty: all
  bool all_states_ = true;
  std::vector<TransactionState> states_;
  std::vector<std::string> unknown_states_;
  Milliseconds longer_than_{-1};             // negative: however long
  std::shared_ptr<const re2::RE2> pattern_;  // nullptr: any; matches the whole id
};

}  // namespace moldau::txn
