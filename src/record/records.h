#pragma once
#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "bytes/reader.h"
#include "record/batch.h"

namespace moldau::record {

// A header of a record. The key is never null, the value may be.
struct HeaderView {
  std::string_view key;
  std::optional<Bytes> value;
};

// The headers of one record, decoded as one walks. They were checked when the record was read, so
// walking cannot fail.
class HeadersView {
 public:
  HeadersView() = default;
  HeadersView(Bytes bytes, std::size_t count) : bytes_(bytes), count_(count) {}
  [[nodiscard]] std::size_t count() const { return count_; }
  // As they stand in the record, behind their count.
  [[nodiscard]] Bytes bytes() const { return bytes_; }
  // In order; duplicates of a key are allowed and kept.
  [[nodiscard]] std::vector<HeaderView> all() const;
  // The last of this key, as Kafka's lastHeader.
  [[nodiscard]] std::optional<HeaderView> last_of(std::string_view key) const;

 private:
  Bytes bytes_;
  std::size_t count_ = 0;
};

// One record. Views live as long as the body that was read.
struct RecordView {
  Offset offset;
  Timestamp timestamp;                // the batch's append time when its type is log_append_time
  Sequence sequence = k_no_sequence;  // k_no_sequence when the batch has none
  std::optional<Bytes> key;
  std::optional<Bytes> value;
  HeadersView headers;
  std::size_t size = 0;  // with its length prefix, uncompressed
};

// Walks the records of a batch of magic 2.
// Invariant: at most count() records are given, and each is inside the body.
// Context:   pure; `body` is the batch's body, decompressed, and must outlive the cursor.
// Source:    DefaultRecordBatch.RecordIterator, DefaultRecord.readFrom.
class RecordCursor {
 public:
  // REQUIRES: batch.magic() is 2.
  RecordCursor(const BatchView& batch, Bytes body);

  // The next record. nullopt after the last one that the header counts.
  // Errors: invalid_record (a length inside the record runs past its end or does not add up, or
  // bytes remain behind the last record).
  [[nodiscard]] Result<std::optional<RecordView>> next();

 private:
  Reader reader_;
  Offset base_offset_;
  Timestamp base_timestamp_;
  std::optional<Timestamp> append_time_;
  Sequence base_sequence_;
  int left_;
};

// The records of one batch of any magic, read whole. Owns the decompressed bytes where the batch is
// compressed; else it views the batch.
// Errors of read(): corrupt_message (cannot be decompressed), message_too_large (decompressed it is
// larger than body_size_max), invalid_record (a record is malformed).
class Records {
 public:
  Records(const Records&) = delete;  // the copy's views would be of the other's bytes
  Records& operator=(const Records&) = delete;
  Records(Records&&) = default;
  Records& operator=(Records&&) = default;
  ~Records() = default;

  [[nodiscard]] static Result<Records> read(const BatchView& batch, std::size_t body_size_max);
  [[nodiscard]] const std::vector<RecordView>& all() const { return records_; }
  [[nodiscard]] auto begin() const { return records_.begin(); }
  [[nodiscard]] auto end() const { return records_.end(); }

 private:
  Records() = default;
  std::vector<std::byte> body_;  // moving keeps its address, so the views stay good
  std::vector<RecordView> records_;
};

}  // namespace moldau::record
