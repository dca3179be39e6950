#pragma once
#include <cstddef>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "raft/types.h"
#include "record/builder.h"

namespace moldau::raft {

// Builds the bytes of a .checkpoint file: a control batch (SnapshotHeader; with kraft.version 1
// also KRaftVersionRecord and VotersRecord), data batches, a control batch (SnapshotFooter).
// Offsets count from 0; the batches carry the snapshot's epoch. Duty of the caller: write to a file
// with another name ("<name>.part"), sync, rename, sync the directory; then give the machine
// SnapshotTaken. Source: RecordsSnapshotWriter, KIP-630.
class SnapshotWriter {
 public:
  struct Header {
    SnapshotId id;
    Timestamp last_contained_log_time = k_no_timestamp;
    Timestamp now{};
    KRaftVersion kraft_version = KRaftVersion::static_voters;
    VoterSet voters;  // written with dynamic_voters only
  };
  explicit SnapshotWriter(Header header);
  // An encoded metadata record. REQUIRES: not finished; value.size() < k_batch_bytes_max.
  void add(Bytes value);
  // Bytes complete so far, to be written away while the rest is made; empty if there are none.
  [[nodiscard]] std::vector<std::byte> take();
  // Writes the footer and returns what take() has not returned yet. Call once, last.
  [[nodiscard]] std::vector<std::byte> finish();

 private:
  void flush_batch();
  [[nodiscard]] record::BatchFields fields(bool is_control) const;
  void put(record::BatchBuilder& builder);

  Header header_;
  Offset next_offset_{0};
  std::vector<std::vector<std::byte>> pending_;
  std::size_t pending_bytes_ = record::k_batch_header_size;
  std::vector<std::byte> out_;
  bool finished_ = false;
};

}  // namespace moldau::raft
