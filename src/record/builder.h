#pragma once
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "bytes/writer.h"
#include "compress/codec.h"
#include "record/batch.h"
#include "record/records.h"

namespace moldau::record {

// What a batch of magic 2 says about itself, beside its records.
struct BatchFields {
  Offset base_offset{0};
  LeaderEpoch leader_epoch = k_no_leader_epoch;
  compress::Compression compression{};
  TimestampType timestamp_type = TimestampType::create_time;
  Timestamp log_append_time = k_no_timestamp;  // the max timestamp when the type is log_append_time
  ProducerId producer_id = k_no_producer_id;
  ProducerEpoch producer_epoch = k_no_producer_epoch;
  Sequence base_sequence = k_no_sequence;
  bool is_transactional = false;
  bool is_control = false;
  std::optional<Timestamp> delete_horizon = std::nullopt;  // becomes the base timestamp
};

// A record to be written; the views need to live only through the call.
struct NewRecord {
  Timestamp timestamp;
  std::optional<Bytes> key;
  std::optional<Bytes> value;
  std::span<const HeaderView> headers = {};
};

// Writes one batch of magic 2, record after record, in the bytes that Kafka's builder would write
// (compressed bodies differ in their compressed bytes only).
// Context: pure, one owner. Used up by build().
// Source:  MemoryRecordsBuilder, DefaultRecordBatch.writeHeader.
class BatchBuilder {
 public:
  // REQUIRES: transactional fields have a producer id; a producer id has an epoch, and a base
  // sequence unless the batch is a control batch; the level is one of the codec's.
  explicit BatchBuilder(const BatchFields& fields);

  // Gives the record the next offset. REQUIRES: timestamp >= -1.
  void append(const NewRecord& record);
  // Leaves a gap, as compaction does. REQUIRES: offset above the last one's, and within an int of
  // the base offset.
  void append_at(Offset offset, const NewRecord& record);
  // Copies a record that was read, with offset and timestamp.
  void append_copy(const RecordView& record);

  [[nodiscard]] int count() const { return count_; }
  [[nodiscard]] bool empty() const { return count_ == 0; }
  [[nodiscard]] Offset next_offset() const { return next_offset_; }
  [[nodiscard]] Timestamp max_timestamp() const { return max_timestamp_; }
  // Header and records before compression: what a producer compares with batch.size.
  [[nodiscard]] std::size_t uncompressed_size() const { return out_.size(); }
  [[nodiscard]] std::size_t uncompressed_size_with(const NewRecord& record) const;

  // Producer id, epoch and sequence may be known only when the batch is sent.
  void set_producer(ProducerId id, ProducerEpoch epoch, Sequence base_sequence,
                    bool is_transactional);
  // Compaction keeps the offset range of the batch it rewrites. REQUIRES: not below the last one's.
  void override_last_offset(Offset last);

  // The batch. REQUIRES: not empty().
  [[nodiscard]] std::vector<std::byte> build();

 private:
  BatchFields fields_;
  Writer out_;  // room for the header, then records
  std::optional<Timestamp> base_timestamp_;
  Timestamp max_timestamp_ = k_no_timestamp;
  Offset next_offset_;
  int count_ = 0;
};

// A batch whose records compaction removed, but which still holds its offsets and its producer's
// sequence. Source: DefaultRecordBatch.writeEmptyHeader.
[[nodiscard]] std::vector<std::byte> empty_batch(const BatchFields& fields, Offset last_offset,
                                                 Timestamp max_timestamp);

// Bytes of one record with its length prefix.
[[nodiscard]] std::size_t record_size(int offset_delta, Milliseconds timestamp_delta,
                                      const NewRecord& record);

}  // namespace moldau::record
