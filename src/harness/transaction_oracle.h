#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "harness/partition_oracle.h"

namespace moldau::harness {

using TransactionNumber = Id<struct TransactionNumberTag, std::uint64_t>;

// What producers did in transactions on one topic, and what read_committed may therefore show.
// Rules:
//   X1 what nobody sent is not shown, nor what nobody asked to commit
//   X2 a transaction is shown whole, in all of its partitions, or not at all
//   X3 a transaction whose commit was answered is shown
//   X4 the record at an offset never changes, and none is there twice
// The topic and __transaction_state wait for the disk: no crash takes what was answered.
// Context: pure. Every check answers nullopt, or the rule that is broken and by what.
class TransactionOracle {
 public:
  [[nodiscard]] TransactionNumber begin();
  void will_send(TransactionNumber transaction, std::span<const RecordId> records);
  // Its end is not known from now on until committed() says so.
  void will_commit(TransactionNumber transaction);
  void committed(TransactionNumber transaction);
  // A read_committed reader was shown this.
  [[nodiscard]] std::optional<std::string> shown(PartitionIndex partition, const SeenRecord& seen);
  // Every partition was read to its end, and no transaction is open.
  [[nodiscard]] std::optional<std::string> complete() const;

 private:
  enum class State : std::uint8_t { open, in_doubt, committed };
  struct Transaction {
    State state = State::open;
    std::vector<RecordId> records;
  };

  std::map<TransactionNumber, Transaction> transactions_;
  std::map<RecordId, TransactionNumber> sent_;
  std::map<std::pair<PartitionIndex, Offset>, RecordId> known_;
  std::set<RecordId> shown_;
};

}  // namespace moldau::harness
