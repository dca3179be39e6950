#include "record/assign.h"

#include <fmt/core.h>

#include <algorithm>

#include "record/builder.h"
#include "record/records.h"

namespace moldau::record {
namespace {

// The attributes with another timestamp type. As in Kafka, bits without a meaning go with it.
Attributes with_timestamp_type(Attributes attributes, TimestampType type) {
  constexpr unsigned k_kept = compress::k_codec_mask | Attributes::k_transactional |
                              Attributes::k_control | Attributes::k_delete_horizon;
  unsigned bits = attributes.bits() & k_kept;
  if (type == TimestampType::log_append_time) bits |= Attributes::k_timestamp_type;
  return Attributes{static_cast<std::uint16_t>(bits)};
}

BatchFields fields_of(const BatchView& batch, const Assignment& assignment,
                      compress::Compression target) {
  return {.base_offset = assignment.base_offset,
          .leader_epoch = assignment.leader_epoch,
          .compression = target,
          .timestamp_type = assignment.timestamp_type,
          .log_append_time = assignment.max_timestamp,
          .producer_id = batch.producer_id(),
          .producer_epoch = batch.producer_epoch(),
          .base_sequence = batch.base_sequence(),
          .is_transactional = batch.is_transactional(),
          .is_control = batch.is_control()};
}

// What the builder takes as given but a client can send otherwise.
Result<void> check_rewritable(const BatchView& batch) {
  if (batch.count() <= 0) return fail(Errc::invalid_record, "a batch without records");
  const bool has_producer = batch.producer_id() != k_no_producer_id;
  if (!has_producer && batch.is_transactional()) {
    return fail(Errc::invalid_record, "a transactional batch without a producer id");
  }
  if (has_producer && (batch.producer_epoch() <= k_no_producer_epoch ||
                       (batch.base_sequence() < Sequence{0} && !batch.is_control()))) {
    return fail(Errc::invalid_record, "producer {} sent epoch {} and sequence {}",
                batch.producer_id(), batch.producer_epoch(), batch.base_sequence());
  }
  return {};
}

}  // namespace

BatchHeader assign(const BatchView& batch, const Assignment& assignment) {
  CHECK(!batch.is_legacy());
  BatchHeader header;
  std::ranges::copy(batch.bytes().first(header.size()), header.begin());
  store_big(header.data() + at::k_base_offset, assignment.base_offset.value());
  store_big(header.data() + at::k_leader_epoch, assignment.leader_epoch.value());
  if (batch.timestamp_type() == assignment.timestamp_type &&
      batch.max_timestamp() == assignment.max_timestamp) {
    return header;
  }
  const Attributes attributes = with_timestamp_type(batch.attributes(), assignment.timestamp_type);
  store_big(header.data() + at::k_attributes, attributes.bits());
  store_big(header.data() + at::k_max_timestamp, to_millis(assignment.max_timestamp));
  constexpr std::size_t k_changed_size = at::k_producer_id - at::k_attributes;
  const std::uint32_t crc = crc32c_replaced(
      batch.crc(), batch.bytes().subspan(at::k_attributes, k_changed_size),
      Bytes{header}.subspan(at::k_attributes, k_changed_size), batch.size() - at::k_producer_id);
  store_big(header.data() + at::k_crc, crc);
  return header;
}

Result<std::vector<std::byte>> rewrite(const BatchView& batch, const Assignment& assignment,
                                       compress::Compression target, std::size_t body_size_max) {
  TRY_OK(check_rewritable(batch));
  TRY(const Records records, Records::read(batch, body_size_max));
  BatchBuilder builder(fields_of(batch, assignment, target));
  for (const RecordView& record : records) {
    if (record.timestamp < k_no_timestamp) {
      return fail(Errc::invalid_timestamp, "timestamp {} cannot be", to_millis(record.timestamp));
    }
    const std::vector<HeaderView> headers = record.headers.all();
    builder.append({record.timestamp, record.key, record.value, headers});
  }
  return builder.build();
}

Result<PreparedBatch> prepare_append(const BatchView& batch, const AppendRules& rules,
                                     Offset base_offset, LeaderEpoch leader_epoch, Timestamp now,
                                     compress::Decompressor& decompressor,
                                     RefusalDetails& details) {
  TRY(const AppendFacts facts, check_append(batch, rules, now, decompressor, details));
  const bool has_append_time = rules.timestamp_type == TimestampType::log_append_time;
  const Assignment assignment{.base_offset = base_offset,
                              .leader_epoch = leader_epoch,
                              .timestamp_type = rules.timestamp_type,
                              .max_timestamp = has_append_time ? now : facts.max_timestamp};
  PreparedBatch prepared;
  prepared.base_offset = base_offset;
  prepared.last_offset = base_offset + batch.last_offset_delta();
  prepared.max_timestamp = assignment.max_timestamp;
  if (!facts.needs_rewrite) {
    prepared.header = assign(batch, assignment);
    prepared.body = batch.body();
    return prepared;
  }
  const compress::Compression target =
      rules.compression.value_or(compress::Compression::of(*batch.codec()));
  TRY(prepared.rewritten, rewrite(batch, assignment, target, rules.body_size_max));
  if (prepared.rewritten.size() > rules.batch_size_max) {
    return fail(Errc::message_too_large, "compressed anew a batch has {} bytes, above {}",
                prepared.rewritten.size(), rules.batch_size_max);
  }
  const Bytes whole{prepared.rewritten};
  std::ranges::copy(whole.first(k_batch_header_size), prepared.header.begin());
  prepared.body = whole.subspan(k_batch_header_size);
  prepared.last_offset = base_offset + (batch.count() - 1);
  return prepared;
}

}  // namespace moldau::record
