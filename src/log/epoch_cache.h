#pragma once
#include <optional>
#include <span>
#include <vector>

#include "base/ids.h"
#include "base/result.h"

namespace moldau::log {

struct EpochStart {
  LeaderEpoch epoch;
  Offset start_offset;  // of the first record under `epoch`
  friend bool operator==(const EpochStart&, const EpochStart&) = default;
};
struct EpochEnd {
  LeaderEpoch epoch;
  Offset end_offset;  // exclusive, like every `end`
  friend bool operator==(const EpochEnd&, const EpochEnd&) = default;
};

// Which leader epoch wrote which part of one partition log. Leader and follower compare theirs to
// find where their logs part (KIP-101, KIP-279); consumers use it to notice lost records (KIP-320).
// Invariant: epochs and start offsets both increase strictly over entries().
// Context:   pure; one per partition, touched only by the shard that owns the partition.
// Durable:   no. Write entries() to leader-epoch-checkpoint before a new epoch's first append.
// Source:    LeaderEpochFileCache.
class EpochCache {
 public:
  // Takes over what the checkpoint held, in file order, as if by assign().
  // Errors: corrupt_data (a negative epoch or offset); then rebuild it from the batches.
  [[nodiscard]] static Result<EpochCache> restore(std::span<const EpochStart> from_file);

  // `epoch` begins at `start`. Entries at or above either of them go first: the log was truncated
  // under them. No effect if `epoch` is the latest and starts no later than `start`.
  // Returns whether entries() changed and must be written. REQUIRES: epoch >= 0, start >= 0.
  [[nodiscard]] bool assign(LeaderEpoch epoch, Offset start);
  // Where `asked` ends in this log (rows E1-E5). nullopt: this log cannot say.
  // REQUIRES: log_end_offset is not below the start of the latest entry.
  [[nodiscard]] std::optional<EpochEnd> end_of(LeaderEpoch asked, Offset log_end_offset) const;
  // The epoch that wrote the record at `offset`; nullopt below the first entry.
  [[nodiscard]] std::optional<LeaderEpoch> epoch_at(Offset offset) const;
  [[nodiscard]] std::optional<EpochStart> latest() const;
  [[nodiscard]] std::optional<EpochStart> earliest() const;

  // Each returns whether entries() changed and must be written.
  [[nodiscard]] bool truncate_from(Offset end);  // forgets [end, ...)
  [[nodiscard]] bool drop_before(Offset start);  // forgets (..., start); the epoch across it stays,
                                                 // and begins there now
  [[nodiscard]] bool clear();

  // Oldest first. The view is good until the next non-const call.
  [[nodiscard]] std::span<const EpochStart> entries() const { return entries_; }

 private:
  std::vector<EpochStart> entries_;  // few and sorted: a binary search beats a tree
};

}  // namespace moldau::log
