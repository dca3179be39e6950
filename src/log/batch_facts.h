#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "bytes/shared_bytes.h"
#include "log/producer_state.h"
#include "record/batch.h"

namespace moldau::log {

// What the log needs of one batch, of any magic, from the front of its bytes alone.
struct BatchFacts {
  Offset base_offset;  // of magic 0 and 1: that of the last record, the first is not known
  Offset last_offset;
  std::size_t size = 0;  // whole batch
  Timestamp max_timestamp = k_no_timestamp;
  LeaderEpoch leader_epoch = k_no_leader_epoch;
  record::Magic magic;
};

// Enough bytes for batch_facts() of any batch.
inline constexpr std::size_t k_batch_front_size = record::k_batch_header_size;

// Reads the front of a batch; `front` may end inside it. nullopt: too few bytes to tell, or bytes
// that cannot be a batch (a torn tail looks like that).
[[nodiscard]] std::optional<BatchFacts> batch_facts(Bytes front);

// What producer state needs of it; nullopt when it has no producer id. Reads the marker of a
// control batch. Errors: corrupt_message, for a marker that does not parse. REQUIRES: magic 2.
[[nodiscard]] Result<std::optional<ProducerBatch>> producer_batch(const record::BatchView& batch);

}  // namespace moldau::log
