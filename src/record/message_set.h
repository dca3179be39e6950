#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "record/batch.h"
#include "record/records.h"

namespace moldau::record {

// One entry of a message set of magic 0 or 1: a message, or a wrapper whose value is a compressed
// message set. Old data directories hold them; Moldau reads them and never writes them.
// Context: pure; views the batch's bytes.
// Source:  LegacyRecord, AbstractLegacyRecordBatch; docs/format/message_set.md.
class LegacyEntry {
 public:
  // Errors: corrupt_message (shorter than its magic needs, or key or value run past the end).
  // REQUIRES: batch.is_legacy().
  [[nodiscard]] static Result<LegacyEntry> read(const BatchView& batch);

  [[nodiscard]] Magic magic() const { return magic_; }
  [[nodiscard]] Offset offset() const { return offset_; }
  // CRC-32 (not CRC-32C) over all behind the sum. Cost: one pass.
  [[nodiscard]] bool crc_matches() const;
  [[nodiscard]] std::uint32_t crc() const { return crc_; }
  [[nodiscard]] std::optional<compress::Codec> codec() const;
  [[nodiscard]] bool is_compressed() const { return (attributes_ & compress::k_codec_mask) != 0; }
  // nullopt for magic 0, which has neither type nor timestamp.
  [[nodiscard]] std::optional<TimestampType> timestamp_type() const;
  [[nodiscard]] Timestamp timestamp() const { return timestamp_; }  // -1 for magic 0
  [[nodiscard]] const std::optional<Bytes>& key() const { return key_; }
  [[nodiscard]] const std::optional<Bytes>& value() const { return value_; }
  [[nodiscard]] std::size_t size() const { return summed_.size() + k_log_overhead + 4; }

 private:
  LegacyEntry() = default;
  Bytes summed_;  // what the CRC covers
  Magic magic_;
  Offset offset_;
  std::uint32_t crc_ = 0;
  std::uint8_t attributes_ = 0;
  Timestamp timestamp_ = k_no_timestamp;
  std::optional<Bytes> key_;
  std::optional<Bytes> value_;
};

// The records of one entry with their absolute offsets: itself, or what it wraps. Inner offsets of
// magic 1 are relative to the wrapper's, which is that of the last (a wrapper offset of 0 from old
// librdkafka: they count from 0); of magic 0 absolute. A wrapper with append time gives it to all.
// `body` receives the decompressed bytes that the records view; it is empty for a plain message.
// As in Kafka, the sums of inner messages are not looked at: the wrapper's covers them.
// Errors: corrupt_message (undecodable, or an inner message is malformed), message_too_large
// (decompressed larger than body_size_max), invalid_record (empty wrapper, nested compression,
// zstd, null value, or a wrapper offset below the inner ones).
struct LegacyRecords {
  std::vector<std::byte> body;
  std::vector<RecordView> records;  // without headers and sequences
};
[[nodiscard]] Result<LegacyRecords> read_legacy_records(const BatchView& batch,
                                                        std::size_t body_size_max);

}  // namespace moldau::record
