#pragma once
#include <cstddef>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "coordinator/step.h"

namespace moldau::broker {

// The next batch of a coordinator's log: records that were replayed and are not written yet.
// Invariant: the records are those of whole steps, in the order in which they were decided; the
//            machine has seen them under the offsets from base() on.
// Context:   pure; one per CoordinatorHost.
class CoordinatorBatch {
 public:
  // What records may take in a batch of the log, without the batch's own header.
  [[nodiscard]] static std::size_t bytes_of(const std::vector<coordinator::Record>& records);

  [[nodiscard]] bool empty() const { return batch_.records.empty(); }
  // Whether `bytes` more make a batch of at most `bytes_max`. The records of one step are never
  // divided, so an empty one has room for all.
  [[nodiscard]] bool has_room_for(std::size_t bytes, std::size_t bytes_max) const {
    return empty() || bytes_ + bytes <= bytes_max;
  }
  // The first record goes to `base`, which is the end of the log. REQUIRES: empty().
  void begin(Offset base, Instant now);
  // REQUIRES: begun.
  void add(std::vector<coordinator::Record> records, std::size_t bytes);

  [[nodiscard]] const coordinator::Batch& batch() const { return batch_; }
  [[nodiscard]] Offset base() const { return base_; }
  [[nodiscard]] Offset next_offset() const;
  [[nodiscard]] Instant since() const { return since_; }  // when it was begun

 private:
  coordinator::Batch batch_;
  std::size_t bytes_ = 0;
  Offset base_;
  Instant since_;
};

}  // namespace moldau::broker
