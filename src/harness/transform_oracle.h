#pragma once
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>

#include "harness/partition_oracle.h"

namespace moldau::harness {

// What a group made of its topics: each record that it read is to be in its output once, whatever
// happened to members and node. Members write a record and how far they read in one transaction.
// Rules:
//   E1 a record is not shown to read_committed before somebody asked to commit it
//   E2 a record is shown in one place
//   E3 at the end every record of the input is shown
// Context: pure. Checks answer nullopt, or the rule that is broken and by what.
class TransformOracle {
 public:
  void will_commit(std::span<const RecordId> records);
  [[nodiscard]] std::optional<std::string> shown(PartitionIndex partition, const SeenRecord& seen);
  // The output was read to its end, and `input` is all that its group read.
  [[nodiscard]] std::optional<std::string> complete(std::span<const RecordId> input) const;

 private:
  using Place = std::pair<PartitionIndex, Offset>;
  std::set<RecordId> asked_for_;
  std::map<RecordId, Place> shown_;
};

}  // namespace moldau::harness
