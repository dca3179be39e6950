#include "metadata/loader.h"

#include <fmt/core.h>

#include <utility>

namespace moldau::metadata {

Loader::Loader() : image_(std::make_shared<const Image>()), delta_(image_) {}

Result<void> Loader::apply(const MetadataRecord& record) {
  if (std::holds_alternative<protocol::BeginTransactionRecord>(record.data)) {
    if (in_transaction()) {
      return fail(Errc::unusable_record, "a transaction begins inside another");
    }
    before_transaction_ = delta_;
    return {};
  }
  if (std::holds_alternative<protocol::EndTransactionRecord>(record.data)) {
    if (!in_transaction())
      return fail(Errc::unusable_record, "a transaction ends that never began");
    before_transaction_.reset();
    return {};
  }
  if (std::holds_alternative<protocol::AbortTransactionRecord>(record.data)) {
    if (!in_transaction()) {
      return fail(Errc::unusable_record, "a transaction aborts that never began");
    }
    delta_ = std::move(*before_transaction_);
    before_transaction_.reset();
    return {};
  }
  return delta_.replay(record);
}

Loader::Published Loader::publish() {
  Published published{.before = image_, .image = delta_.build(provenance_)};
  published.changes = delta_.changes();
  published.from_snapshot = delta_.replaces();
  image_ = published.image;
  delta_ = Delta(image_);
  return published;
}

Result<std::optional<Loader::Published>> Loader::load(const Batch& batch) {
  Offset at = batch.base_offset;
  for (const MetadataRecord& record : batch.records) {
    if (Result<void> done = apply(record); !done) {
      return fail(Errc::unusable_record, "record at offset {} of __cluster_metadata-0: {}", at,
                  done.error().text());
    }
    at = at.next();
  }
  provenance_ = {.last_contained_offset = at - 1,
                 .last_contained_epoch = batch.epoch,
                 .last_contained_log_time = batch.append_time};
  if (in_transaction()) return std::optional<Published>{};
  return std::optional<Published>{publish()};
}

void Loader::skip_control(Offset last_offset, LeaderEpoch epoch, Timestamp append_time) {
  provenance_ = {.last_contained_offset = last_offset,
                 .last_contained_epoch = epoch,
                 .last_contained_log_time = append_time};
}

Result<Loader::Published> Loader::load_snapshot(std::span<const MetadataRecord> records,
                                                Provenance provenance) {
  delta_ = Delta::replacing(image_);
  before_transaction_.reset();
  for (std::size_t i = 0; i < records.size(); ++i) {
    if (Result<void> done = delta_.replay(records[i]); !done) {
      return fail(Errc::unusable_record, "record {} of the snapshot at offset {}: {}", i,
                  provenance.last_contained_offset.next(), done.error().text());
    }
  }
  provenance_ = provenance;
  return publish();
}

}  // namespace moldau::metadata
