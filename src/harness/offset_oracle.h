#pragma once
#include <map>
#include <optional>
#include <set>
#include <string>

#include "client/record.h"

namespace moldau::harness {

// What members committed in one group, each of them monotonically and only what it owned, and what
// fetching the group's offsets may therefore show.
// Rules:
//   C1 what nobody committed is not shown
//   C2 an offset does not go back: what was answered or shown before a question is the least that
//      its answer may show
//   C3 an offset is shown with the metadata that it was committed with
// __consumer_offsets waits for the disk: no crash takes what was answered.
// Context: pure. Checks answer nullopt, or the rule that is broken and by what.
class OffsetOracle {
 public:
  // It may be committed from now on, or not. In a transaction: not before its end is asked for.
  void will_commit(const client::TopicPartition& partition, Offset offset, std::string metadata);
  void committed(const client::TopicPartition& partition, Offset offset);
  // The topic goes, and all that was committed of it.
  void forget(const std::string& topic);
  // The least that an answer may show to a question that is asked now; k_no_offset: nothing.
  [[nodiscard]] Offset least(const client::TopicPartition& partition) const;
  // `shown` is k_no_offset when nothing is committed; `least_then` is least() as of the question.
  [[nodiscard]] std::optional<std::string> shown(const client::TopicPartition& partition,
                                                 Offset shown, const std::string& metadata,
                                                 Offset least_then);

 private:
  struct Partition {
    std::map<Offset, std::set<std::string>> sent;  // with the metadata
    Offset least = k_no_offset;
  };
  std::map<client::TopicPartition, Partition> partitions_;
};

}  // namespace moldau::harness
