#pragma once
#include <array>
#include <cstddef>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "bytes/shared_bytes.h"
#include "compress/codec.h"
#include "record/batch.h"
#include "record/validate.h"

namespace moldau::record {

using BatchHeader = std::array<std::byte, k_batch_header_size>;

// What the leader decides about a batch as it appends it.
struct Assignment {
  Offset base_offset;
  LeaderEpoch leader_epoch;
  TimestampType timestamp_type;
  Timestamp max_timestamp;
};

// The batch's header with these fields in place; the body behind it stays as it is, so that the
// log writes header and body as one gather write. Base offset and leader epoch are outside the
// CRC. Only when timestamp type or max timestamp differ is the CRC computed anew, from the old
// one and the changed bytes: a byte that broke after the batch was checked stays detectable.
// REQUIRES: magic 2, and a CRC that matches.
// Cost: no allocation; at most about half a microsecond, whatever the size of the batch.
// Source: DefaultRecordBatch.setLastOffset, setMaxTimestamp, setPartitionLeaderEpoch.
[[nodiscard]] BatchHeader assign(const BatchView& batch, const Assignment& assignment);

// The same records under new offsets without gaps, compressed as `target` says. For a batch whose
// AppendFacts say needs_rewrite. With log_append_time, assignment.max_timestamp is that time.
// Errors: corrupt_message, message_too_large (decompressed above body_size_max), invalid_record.
[[nodiscard]] Result<std::vector<std::byte>> rewrite(const BatchView& batch,
                                                     const Assignment& assignment,
                                                     compress::Compression target,
                                                     std::size_t body_size_max);

// A checked batch, ready to be written: `header`, then `body`. It can be moved, not copied: `body`
// may view `rewritten`.
struct PreparedBatch {
  PreparedBatch() = default;
  PreparedBatch(const PreparedBatch&) = delete;
  PreparedBatch& operator=(const PreparedBatch&) = delete;
  PreparedBatch(PreparedBatch&&) = default;
  PreparedBatch& operator=(PreparedBatch&&) = default;
  ~PreparedBatch() = default;

  BatchHeader header{};
  Bytes body;                        // of the batch given, or of `rewritten`
  std::vector<std::byte> rewritten;  // empty unless the batch had to be rewritten
  Offset base_offset;
  Offset last_offset;
  Timestamp max_timestamp;  // of the batch's header
  [[nodiscard]] std::size_t size() const { return header.size() + body.size(); }
};

// check_append(), then assign() or rewrite(): all that a leader does with a batch before its
// producer-state check and the write. `base_offset` is the log's end. The batch's bytes must
// outlive the result. Errors: those of check_append(); message_too_large also when the rewritten
// batch is above max.message.bytes.
[[nodiscard]] Result<PreparedBatch> prepare_append(const BatchView& batch, const AppendRules& rules,
                                                   Offset base_offset, LeaderEpoch leader_epoch,
                                                   Timestamp now,
                                                   compress::Decompressor& decompressor,
                                                   RefusalDetails& details);

}  // namespace moldau::record
