#include "node/metadata_flow.h"

#include <fmt/core.h>

#include <utility>

#include "env/disk.h"
#include "log/file_names.h"
#include "metadata/features.h"
#include "metadata/snapshot.h"
#include "raft/control_scan.h"
#include "record/records.h"

namespace moldau::node {
namespace {
// Metadata batches are at most 8 MB and not compressed by any controller so far.
constexpr std::size_t k_body_size_max = 64U << 20U;
}  // namespace

Result<std::vector<metadata::MetadataRecord>> records_of(const record::BatchView& batch) {
  TRY(const record::Records records, record::Records::read(batch, k_body_size_max));
  std::vector<metadata::MetadataRecord> out;
  out.reserve(records.all().size());
  for (const record::RecordView& one : records) {
    if (!one.value)
      return fail(Errc::unusable_record, "offset {}: a record of no value", one.offset);
    Result<metadata::MetadataRecord> decoded = metadata::decode_record(*one.value);
    if (!decoded) {
      return fail(Errc::unusable_record, "offset {}: {}", one.offset, decoded.error().describe());
    }
    out.push_back(*std::move(decoded));
  }
  return out;
}

Result<std::vector<metadata::MetadataRecord>> records_of_snapshot(Bytes bytes) {
  std::vector<metadata::MetadataRecord> all;
  record::BatchesView batches(bytes);
  while (true) {
    TRY(const std::optional<record::BatchView> batch, batches.next());
    if (!batch) return all;
    if (batch->is_control()) continue;
    TRY(std::vector<metadata::MetadataRecord> some, records_of(*batch));
    all.insert(all.end(), std::make_move_iterator(some.begin()),
               std::make_move_iterator(some.end()));
  }
}

Result<void> MetadataFlow::load_snapshot(const raft::SnapshotId& id, const SharedBytes& bytes) {
  raft::ControlScan scan;
  record::BatchesView batches(bytes.view());
  while (true) {
    TRY(const std::optional<record::BatchView> batch, batches.next());
    if (!batch) break;
    TRY_OK(scan.snapshot_batch(id, *batch));
  }
  TRY(const std::vector<metadata::MetadataRecord> records, records_of_snapshot(bytes.view()));
  const metadata::Provenance provenance{.last_contained_offset = id.end_offset - 1,
                                        .last_contained_epoch = id.epoch,
                                        .last_contained_log_time = scan.snapshot_time()};
  Result<metadata::Loader::Published> published = loader_.load_snapshot(records, provenance);
  if (!published) {
    return fail(Errc::unusable_record, "snapshot {} of {}: {}", id.file_name(), parts_.log_path,
                published.error().describe());
  }
  if (parts_.controller != nullptr) parts_.controller->load(published->image);
  parts_.publisher.publish(*std::move(published));
  return {};
}

Result<void> MetadataFlow::apply(const record::BatchView& batch) {
  if (batch.is_control()) {
    loader_.skip_control(batch.last_offset(), batch.leader_epoch(), batch.max_timestamp());
    return {};
  }
  TRY(const std::vector<metadata::MetadataRecord> records, records_of(batch));
  if (parts_.controller != nullptr) {
    TRY_OK(parts_.controller->committed(records, batch.base_offset(), batch.next_offset()));
  }
  TRY(std::optional<metadata::Loader::Published> published,
      loader_.load({.records = records,
                    .base_offset = batch.base_offset(),
                    .epoch = batch.leader_epoch(),
                    .append_time = batch.max_timestamp()}));
  if (published) parts_.publisher.publish(*std::move(published));
  return {};
}

Result<void> MetadataFlow::committed(const SharedBytes& bytes) {
  record::BatchesView batches(bytes.view());
  while (true) {
    TRY(const std::optional<record::BatchView> batch, batches.next());
    if (!batch) return {};
    Result<void> applied = apply(*batch);
    if (!applied) {
      return fail(Errc::unusable_record,
                  "{}: a committed record of the batch at offset {} cannot be applied: {}",
                  parts_.log_path, batch->base_offset(), applied.error().describe());
    }
  }
}

void MetadataFlow::high_watermark(Offset end) {
  parts_.publisher.caught_up();
  if (parts_.controller != nullptr) parts_.controller->high_watermark(end);
}

Result<void> MetadataFlow::leadership_gained(const raft::LeadershipGained& gained) {
  return parts_.controller == nullptr ? Result<void>{} : parts_.controller->gained(gained);
}

void MetadataFlow::leadership_lost(const raft::LeadershipLost& /*lost*/) {
  if (parts_.controller != nullptr) parts_.controller->lost();
}

void MetadataFlow::metadata_log_failed(const Error& error) {
  if (parts_.controller != nullptr) parts_.controller->close();
  parts_.failed(error);
}

std::optional<MetadataLogUser::Image> MetadataFlow::snapshot() {
  const metadata::Image& image = *loader_.image();
  const metadata::Provenance& from = image.provenance;
  const bool known = image.features.metadata_version.has_value();
  if (!known || !from.offset_batch_aligned || from.last_contained_offset < Offset{0}) {
    return std::nullopt;
  }
  Image out;
  out.id = {from.last_contained_offset.next(), from.last_contained_epoch};
  out.last_contained_log_time = from.last_contained_log_time;
  for (const metadata::MetadataRecord& record : metadata::snapshot_records(image)) {
    out.records.push_back(metadata::encode_record(record));
  }
  return out;
}

env::Task<Result<std::vector<metadata::MetadataRecord>>> read_bootstrap(
    env::Env& env, std::string metadata_directory) {
  const std::string zero_snapshot = env::join_path(
      env::join_path(metadata_directory, log::folder_name("__cluster_metadata", PartitionIndex{0})),
      raft::k_bootstrap_snapshot.file_name());
  const std::string legacy =
      env::join_path(metadata_directory, std::string{log::k_bootstrap_checkpoint});
  for (const std::string& path : {zero_snapshot, legacy}) {
    Result<SharedBytes> bytes =
        co_await env::read_file(env.disk, path, MetadataSnapshots::k_size_max);
    if (!bytes && bytes.error().code() == Errc::not_found) continue;
    if (!bytes) co_return fail(std::move(bytes).error());
    CO_TRY(std::vector<metadata::MetadataRecord> records, records_of_snapshot(bytes->view()));
    if (!records.empty()) co_return records;
  }
  co_return metadata::bootstrap_records(metadata::k_latest_production_metadata_version);
}

}  // namespace moldau::node
