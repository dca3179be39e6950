#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "base/ids.h"

namespace moldau::harness {

// One record of a workload, unlike all others: its writer and a count. It is the record's value.
struct RecordId {
  std::uint32_t writer = 0;
  std::uint32_t number = 0;
  friend auto operator<=>(const RecordId&, const RecordId&) = default;
};
[[nodiscard]] std::string to_text(RecordId id);

struct SeenRecord {
  Offset offset;
  RecordId record;
};

// What clients learned of one partition, and what must therefore be true of it.
// Rules:
//   P1 the record at an offset never changes
//   P2 a record that nobody sent does not appear
//   P3 a record that was sent once, or by an idempotent producer, is there at most once
//   P4 offsets have no gaps
//   P5 the high watermark does not go back, and no record at or above it is shown
//   P6 what was acknowledged or read is there
//   P7 the records of an idempotent producer are in the order in which it sent them
// After a power cut a topic without flush.messages=1 may lose a tail: there what was learned before
// is doubtful until it is seen again; a doubtful record that is not where it was, and all doubtful
// ones behind it, count as lost.
// Context: pure. Every check answers nullopt, or the rule that is broken and by what.
class PartitionOracle {
 public:
  // `synced`: acknowledgements wait for the disk.
  PartitionOracle(std::string name, bool synced) : name_(std::move(name)), synced_(synced) {}
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] bool synced() const { return synced_; }

  void will_send(std::span<const RecordId> records);
  [[nodiscard]] std::optional<std::string> acknowledged(std::span<const RecordId> records,
                                                        Offset base);
  // A fetch showed these, and said where the high watermark is. `watermark_before` is the last that
  // the same reader was told; k_no_offset: none.
  [[nodiscard]] std::optional<std::string> read(std::span<const SeenRecord> records,
                                                Offset high_watermark, Offset watermark_before);
  // A reader found the log to end here although it had read up to `position`.
  [[nodiscard]] std::optional<std::string> out_of_range(Offset position);
  // The whole log was read: what is known and not shown is lost.
  [[nodiscard]] std::optional<std::string> complete(std::span<const SeenRecord> records,
                                                    Offset log_start, Offset end,
                                                    const std::set<std::uint32_t>& ordered_writers);
  void power_lost();
  // Counts power cuts that could take something: what was told before one is no promise after it.
  [[nodiscard]] std::uint64_t losses() const { return life_; }
  [[nodiscard]] std::size_t known() const { return known_.size(); }

 private:
  struct Entry {
    RecordId record;
    std::uint64_t life = 0;
  };
  [[nodiscard]] std::optional<std::string> place(Offset offset, RecordId record);
  [[nodiscard]] bool doubtful(const Entry& entry) const { return entry.life < life_; }
  void forget_doubtful_from(Offset offset);

  std::string name_;
  bool synced_;
  std::uint64_t life_ = 0;
  std::set<RecordId> sent_;
  std::map<Offset, Entry> known_;
  std::map<RecordId, Offset> where_;
};

}  // namespace moldau::harness
