#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/limits.h"
#include "base/result.h"
#include "base/time.h"
#include "bytes/shared_bytes.h"
#include "compress/codec.h"
#include "compress/decompressor.h"
#include "record/batch.h"

// The checks that stand between bytes from elsewhere and a log, each usable alone:
//   produce    the_one_batch() as the request is read, then check_append(), then assign.h
//   follower   BatchesView, then check_intact() and the offsets; the quorum's leader the same
//   recovery   BatchesView, then check_intact()
// Context: pure. Source: ProduceRequest.validateRecords, UnifiedLog.analyzeAndValidateRecords,
// LogValidator; docs/format/record_batch.md has the table of refusals.
namespace moldau::record {

// Who asks for the append. Source: AppendOrigin.
enum class Origin : std::uint8_t {
  client,       // a produce request: all checks
  coordinator,  // our own group or transaction coordinator: may write control batches
};

// What the topic's configuration says about an append.
struct AppendRules {
  Origin origin = Origin::client;
  std::size_t batch_size_max = 1'048'588;  // max.message.bytes, header included
  std::size_t record_size_max =
      2'147'483'639;  // max.decompressed.message.bytes, of a record's body
  std::size_t body_size_max = k_decompressed_batch_bytes_max.value;
  bool is_compacted = false;                                   // records need keys
  TimestampType timestamp_type = TimestampType::create_time;   // message.timestamp.type
  Milliseconds timestamp_before_max = Milliseconds::max();     // message.timestamp.before.max.ms
  Milliseconds timestamp_after_max = Milliseconds{3'600'000};  // message.timestamp.after.max.ms
  std::optional<compress::Compression> compression = std::nullopt;  // nullopt: as the producer's
};

// One entry of the produce answer's record_errors.
struct RecordError {
  int batch_index;  // of the record in its batch
  std::string message;
};

// What Kafka counts of the refusals (kafka.server:type=BrokerTopicMetrics, name=…PerSec).
enum class Violation : std::uint8_t {
  none,
  invalid_magic,               // InvalidMagicNumberRecords
  invalid_checksum,            // InvalidMessageCrcRecords
  invalid_offset_or_sequence,  // InvalidOffsetOrSequenceRecords
  no_key_compacted_topic,      // NoKeyCompactedTopicRecords
};

// Beside the Error of a refused batch.
struct RefusalDetails {
  Violation violation = Violation::none;
  std::vector<RecordError> record_errors;  // at most k_record_errors_max
};

// What check_append() found out about an accepted batch.
struct AppendFacts {
  Timestamp max_timestamp = k_no_timestamp;  // largest of the records; -1 when they have none
  // The batch must be rewritten: the topic wants another codec, or the offsets inside have gaps.
  bool needs_rewrite = false;
};

// The one batch of magic 2 that a produce request may carry for a partition.
// Bytes behind it that are no whole batch are dropped, as Kafka does.
// Errors: invalid_record (none, another magic, or more than one), corrupt_message (lengths that
// cannot be), unsupported_compression_type (zstd before version 7).
[[nodiscard]] Result<BatchView> the_one_batch(Bytes records, ApiVersion produce_version);

// Whether the batch is what its writer wrote: its size and its CRC, of any magic.
// Errors: corrupt_message.
// Cost: one CRC pass; no allocation, no copy, no look at the records.
[[nodiscard]] Result<void> check_intact(const BatchView& batch);

// Everything that Kafka's leader checks before it gives offsets to a batch: size, CRC, header
// fields, and each record's lengths, key and timestamp. Compressed records are decompressed piece
// by piece, so at most one piece is held. Does not look at producer state (sequences, epochs).
// Errors, in this order: invalid_record (base offset of a client's batch is not 0),
// message_too_large, corrupt_message (CRC), unsupported_compression_type (an id without a codec),
// invalid_record (offset range, count, control batch of a client, sequence below 0, a malformed or
// oversized record, undecodable bytes), invalid_timestamp or invalid_record with details.
// Cost: uncompressed: one pass for the CRC and the walk over the record lengths together, of which
//       the walk takes about 4 ns a record; no allocation, no copy.
//       compressed: the CRC pass and one decompression; allocation only where `decompressor` grows.
// Guard: bench/micro, check_append_*.
[[nodiscard]] Result<AppendFacts> check_append(const BatchView& batch, const AppendRules& rules,
                                               Timestamp now, compress::Decompressor& decompressor,
                                               RefusalDetails& details);

}  // namespace moldau::record
