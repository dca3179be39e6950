#pragma once
#include <optional>
#include <string>

#include "bytes/shared_bytes.h"
#include "record/records.h"

namespace moldau::cli {

// What dump-log writes as key and payload of a record; no payload where nothing can be said of it.
struct KeyAndPayload {
  std::string key;
  std::optional<std::string> payload;
};

// A record of a coordinator's topic: {"type":"1","data":{...}} and {"version":"4","data":{...}}.
// Context: pure. Source: CoordinatorRecordMessageParser in DumpLogSegments. REQUIRES: record.key.
[[nodiscard]] KeyAndPayload group_text(const record::RecordView& record);
[[nodiscard]] KeyAndPayload transaction_text(const record::RecordView& record);
[[nodiscard]] KeyAndPayload share_text(const record::RecordView& record);

// Kafka's name of a transaction's state in __transaction_state; its number when there is none.
[[nodiscard]] std::string transaction_state_name(int state);

}  // namespace moldau::cli
