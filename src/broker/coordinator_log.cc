#include "broker/coordinator_log.h"

#include <utility>

#include "record/batch.h"
#include "record/builder.h"
#include "record/control.h"
#include "record/records.h"

namespace moldau::broker {
namespace {

// A batch of a coordinator's topic cannot be larger than what one request brings.
constexpr std::size_t k_body_bytes_max = std::size_t{256} << 20U;

std::vector<std::byte> copy_of(Bytes bytes) { return {bytes.begin(), bytes.end()}; }

Result<void> show_marker(const record::BatchView& batch, const record::Records& records,
                         RecordSink& sink) {
  if (!batch.is_transactional() || records.all().empty()) return {};
  const record::RecordView& first = records.all().front();
  TRY(const auto type, record::control_type_of(first.key.value_or(Bytes{})));
  if (!type) return {};
  if (*type == record::ControlType::commit || *type == record::ControlType::abort) {
    sink.end_transaction({batch.producer_id(), batch.producer_epoch()},
                         *type == record::ControlType::commit);
  }
  return {};
}

Result<void> show_batch(const record::BatchView& batch, RecordSink& sink) {
  TRY(const record::Records records, record::Records::read(batch, k_body_bytes_max));
  std::optional<coordinator::Producer> producer;
  if (!batch.is_legacy()) {
    if (batch.is_control()) return show_marker(batch, records, sink);
    if (batch.is_transactional()) producer = {batch.producer_id(), batch.producer_epoch()};
  }
  for (const record::RecordView& record : records) {
    coordinator::Record out;
    if (record.key) out.key = copy_of(*record.key);
    if (record.value) out.value = copy_of(*record.value);
    TRY_OK(sink.record(record.offset, std::move(out), producer));
  }
  return {};
}

}  // namespace

env::Task<Result<void>> load_records(env::Env& env, std::shared_ptr<Partition> partition,
                                     std::int32_t buffer_bytes, RecordSink& sink) {
  Offset at = partition->log().log_start_offset();
  while (at < partition->log().log_end_offset()) {
    CO_TRY(const SharedBytes bytes,
           co_await partition->log().read_batches({.from = at,
                                                   .bytes_max = buffer_bytes,
                                                   .limit = partition->log().log_end_offset(),
                                                   .at_least_one_batch = true}));
    record::BatchesView batches(bytes.view());
    const Offset before = at;
    while (true) {
      CO_TRY(const std::optional<record::BatchView> batch, batches.next());
      if (!batch) break;
      CO_TRY_OK(show_batch(*batch, sink));
      at = batch->next_offset();
    }
    if (at == before) {
      co_return fail(Errc::corrupt_message,
                     "nothing can be read at offset {} of a log that ends at {}", at,
                     partition->log().log_end_offset());
    }
    // A long load lets others have the shard between two buffers.
    co_await env::sleep_for(env, Duration{0});
  }
  co_return Result<void>{};
}

std::vector<std::byte> encode_batch(const coordinator::Batch& batch, Timestamp now,
                                    compress::Compression compression) {
  record::BatchFields fields;
  fields.compression = compression;
  if (batch.producer) {
    fields.producer_id = batch.producer->id;
    fields.producer_epoch = batch.producer->epoch;
    fields.base_sequence = Sequence{0};
    fields.is_transactional = true;
  }
  record::BatchBuilder builder(fields);
  for (const coordinator::Record& record : batch.records) {
    record::NewRecord out{.timestamp = now, .key = Bytes{record.key}, .value = std::nullopt};
    if (record.value) out.value = Bytes{*record.value};
    builder.append(out);
  }
  return builder.build();
}

}  // namespace moldau::broker
