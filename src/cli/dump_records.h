#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/result.h"
#include "bytes/shared_bytes.h"
#include "record/batch.h"
#include "record/message_set.h"
#include "record/records.h"

namespace moldau::cli {

// How keys and values of a dumped log are read.
enum class RecordDecoder : std::uint8_t {
  text,
  int32,
  int64,
  cluster_metadata,
  offsets,
  transactions,
  share_state,
  remote_metadata,
};

struct DumpChoices {
  bool records = false;        // --deep-iteration
  bool contents = false;       // --print-data-log
  bool skip_metadata = false;  // --skip-record-metadata
  RecordDecoder key = RecordDecoder::text;
  RecordDecoder value = RecordDecoder::text;  // of the special decoders, the one for both
};

// Lines about the batches of a segment or a snapshot, in Kafka's words.
// Context: pure; feed the batches of one file in order.
// Source:  DumpLogSegments.dumpLog.
class RecordDumper {
 public:
  explicit RecordDumper(DumpChoices choices) : choices_(choices) {}

  // Appends the batch's line and, when asked for, a line for each record.
  // Errors: corrupt_message, invalid_record, message_too_large, or a text as of thrown(); what was
  // read stays in `out`.
  [[nodiscard]] Result<void> dump(const record::BatchView& batch, std::uint64_t position,
                                  std::string& out);
  // Pairs of offsets that follow each other with a gap: the earlier, and the later.
  [[nodiscard]] const std::map<Offset, Offset>& gaps() const { return gaps_; }

 private:
  [[nodiscard]] Result<void> dump_record(const record::BatchView& batch,
                                         const record::RecordView& record,
                                         const record::LegacyEntry* legacy, std::string& out);
  [[nodiscard]] Result<void> dump_legacy(const record::BatchView& batch, std::string& out);
  [[nodiscard]] Result<void> dump_contents(const record::RecordView& record,
                                           std::string_view prefix, std::string& out) const;

  DumpChoices choices_;
  Offset last_offset_{-1};
  std::map<Offset, Offset> gaps_;
};

}  // namespace moldau::cli
