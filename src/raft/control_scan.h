#pragma once
#include <optional>
#include <vector>

#include "base/result.h"
#include "raft/machine.h"
#include "record/batch.h"
#include "record/control.h"

namespace moldau::raft {

// Collects what the machine must know of batches that are on disk when the node starts. Give it the
// batches of the newest snapshot, then all batches of the log, in order.
// Errors: unusable_record, corrupt_data.
class ControlScan {
 public:
  // A batch of snapshot `id`.
  [[nodiscard]] Result<void> snapshot_batch(const SnapshotId& id, const record::BatchView& batch);
  [[nodiscard]] Result<void> log_batch(const record::BatchView& batch);

  [[nodiscard]] const std::vector<ControlFound>& found() const { return found_; }
  // lastContainedLogTimestamp of the snapshot's header.
  [[nodiscard]] Timestamp snapshot_time() const { return snapshot_time_; }
  // Whether the snapshot ended with its footer; without it the file is torn and must not be used.
  [[nodiscard]] bool snapshot_complete() const { return footer_; }

 private:
  [[nodiscard]] Result<void> control(const record::BatchView& batch, std::optional<Offset> at);
  [[nodiscard]] Result<void> one(record::ControlType type, Offset offset, Bytes value);

  std::vector<ControlFound> found_;
  Timestamp snapshot_time_ = k_no_timestamp;
  bool footer_ = false;
};

}  // namespace moldau::raft
