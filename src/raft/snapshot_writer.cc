#include "raft/snapshot_writer.h"

#include <utility>

#include "base/check.h"
#include "protocol/data/k_raft_version_record.h"
#include "protocol/data/snapshot_footer_record.h"
#include "protocol/data/snapshot_header_record.h"
#include "raft/control_value.h"
#include "raft/machine.h"
#include "record/control.h"

namespace moldau::raft {
namespace {

// More than any record adds to its value.
constexpr std::size_t k_record_overhead = 32;

}  // namespace

SnapshotWriter::SnapshotWriter(Header header) : header_(std::move(header)) {
  record::BatchBuilder builder(fields(true));
  record::append_control(
      builder, record::ControlType::snapshot_header, header_.now,
      control_value(protocol::SnapshotHeaderRecord{
          .version = 0, .last_contained_log_timestamp = header_.last_contained_log_time}));
  if (header_.kraft_version != KRaftVersion::static_voters) {
    record::append_control(
        builder, record::ControlType::kraft_version, header_.now,
        control_value(protocol::KRaftVersionRecord{
            .version = 0, .k_raft_version = static_cast<std::int16_t>(header_.kraft_version)}));
    record::append_control(builder, record::ControlType::kraft_voters, header_.now,
                           control_value(header_.voters.to_record()));
  }
  put(builder);
}

record::BatchFields SnapshotWriter::fields(bool is_control) const {
  return {.base_offset = next_offset_, .leader_epoch = header_.id.epoch, .is_control = is_control};
}

void SnapshotWriter::put(record::BatchBuilder& builder) {
  next_offset_ = builder.next_offset();
  const std::vector<std::byte> batch = builder.build();
  out_.insert(out_.end(), batch.begin(), batch.end());
}

void SnapshotWriter::add(Bytes value) {
  CHECK(!finished_);
  const std::size_t size = value.size() + k_record_overhead;
  CHECK_OP(size, <, static_cast<std::size_t>(k_batch_bytes_max));
  if (pending_bytes_ + size > static_cast<std::size_t>(k_batch_bytes_max)) flush_batch();
  pending_bytes_ += size;
  pending_.emplace_back(value.begin(), value.end());
}

void SnapshotWriter::flush_batch() {
  if (pending_.empty()) return;
  record::BatchBuilder builder(fields(false));
  for (const std::vector<std::byte>& value : pending_) {
    builder.append({.timestamp = header_.now, .key = std::nullopt, .value = Bytes{value}});
  }
  pending_.clear();
  pending_bytes_ = record::k_batch_header_size;
  put(builder);
}

std::vector<std::byte> SnapshotWriter::take() { return std::exchange(out_, {}); }

std::vector<std::byte> SnapshotWriter::finish() {
  CHECK(!finished_);
  finished_ = true;
  flush_batch();
  record::BatchBuilder builder(fields(true));
  record::append_control(builder, record::ControlType::snapshot_footer, header_.now,
                         control_value(protocol::SnapshotFooterRecord{.version = 0}));
  put(builder);
  return take();
}

}  // namespace moldau::raft
