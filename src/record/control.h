#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "record/builder.h"

namespace moldau::record {

// What a control record says; the value is the id in its key. Source: ControlRecordType.
enum class ControlType : std::int16_t {
  abort = 0,            // value: EndTxnMarker behind its int16 version
  commit = 1,           // value: EndTxnMarker behind its int16 version
  leader_change = 2,    // value: LeaderChangeMessage (its version is its first field)
  snapshot_header = 3,  // value: SnapshotHeaderRecord
  snapshot_footer = 4,  // value: SnapshotFooterRecord
  kraft_version = 5,    // value: KRaftVersionRecord
  kraft_voters = 6,     // value: VotersRecord
};

using ControlKey = std::array<std::byte, 4>;  // int16 version 0, int16 type

[[nodiscard]] std::string_view name_of(ControlType type);  // as Kafka's: COMMIT, LEADER_CHANGE…
[[nodiscard]] ControlKey control_key(ControlType type);
// nullopt: a type of a later version, which readers skip.
// Errors: invalid_record (shorter than 4 bytes, or a negative version).
[[nodiscard]] Result<std::optional<ControlType>> control_type_of(Bytes key);

// A batch of one control record, as brokers and controllers write it: not compressed.
// `value` is the encoded message. REQUIRES: fields.is_control; commit and abort need
// is_transactional with a producer id and epoch; leader_change needs a leader epoch.
[[nodiscard]] std::vector<std::byte> control_batch(const BatchFields& fields, ControlType type,
                                                   Timestamp timestamp, Bytes value);
// The same on a builder, for batches of several control records (bootstrap of a snapshot).
void append_control(BatchBuilder& builder, ControlType type, Timestamp timestamp, Bytes value);

}  // namespace moldau::record
