#include "raft/control_scan.h"

#include <fmt/core.h>

#include "protocol/data/snapshot_header_record.h"
#include "record/control.h"
#include "record/records.h"

namespace moldau::raft {

Result<void> ControlScan::snapshot_batch(const SnapshotId& id, const record::BatchView& batch) {
  return control(batch, id.end_offset - 1);
}

Result<void> ControlScan::log_batch(const record::BatchView& batch) {
  return control(batch, std::nullopt);
}

Result<void> ControlScan::control(const record::BatchView& batch, std::optional<Offset> at) {
  if (batch.is_legacy()) {
    return fail(Errc::corrupt_data, "batch at offset {} has magic {}, metadata has only 2",
                batch.base_offset(), batch.magic());
  }
  if (!batch.is_control()) return {};
  TRY(record::Records records, record::Records::read(batch, k_batch_bytes_max));
  for (const record::RecordView& record : records) {
    if (!record.key || !record.value) {
      return fail(Errc::unusable_record, "control record at offset {} lacks its key or value",
                  record.offset);
    }
    TRY(std::optional<record::ControlType> type, record::control_type_of(*record.key));
    if (!type) continue;
    TRY_OK(one(*type, at.value_or(record.offset), *record.value));
  }
  return {};
}

Result<void> ControlScan::one(record::ControlType type, Offset offset, Bytes value) {
  constexpr ApiVersion k_version{0};
  switch (type) {
    case record::ControlType::kraft_version: {
      TRY(protocol::KRaftVersionRecord found,
          protocol::KRaftVersionRecord::decode(value, k_version));
      found_.push_back({offset, std::move(found)});
      return {};
    }
    case record::ControlType::kraft_voters: {
      TRY(protocol::VotersRecord found, protocol::VotersRecord::decode(value, k_version));
      found_.push_back({offset, std::move(found)});
      return {};
    }
    case record::ControlType::snapshot_header: {
      TRY(protocol::SnapshotHeaderRecord header,
          protocol::SnapshotHeaderRecord::decode(value, k_version));
      snapshot_time_ = header.last_contained_log_timestamp;
      return {};
    }
    case record::ControlType::snapshot_footer:
      footer_ = true;
      return {};
    case record::ControlType::leader_change:
    case record::ControlType::abort:
    case record::ControlType::commit:
      return {};
  }
  return {};
}

}  // namespace moldau::raft
