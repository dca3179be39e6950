#include "log/batch_facts.h"

#include "bytes/reader.h"
#include "record/control.h"
#include "record/records.h"

namespace moldau::log {
namespace {

namespace at = record::at;

constexpr std::size_t k_legacy_timestamp = 18;  // behind magic and attributes, from magic 1 on

template <class T>
T number(Bytes bytes, std::size_t position) {
  return load_big<T>(bytes.data() + position);
}

// The marker in the one record of a control batch, which is never compressed. nullopt: a control
// batch of another kind, or one that compaction emptied.
Result<std::optional<TxnMarker>> marker_of(const record::BatchView& batch) {
  record::RecordCursor cursor(batch, batch.body());
  TRY(const std::optional<record::RecordView> record, cursor.next());
  if (!record || !record->key) return std::optional<TxnMarker>{};
  TRY(const auto type, record::control_type_of(*record->key));
  if (type != record::ControlType::commit && type != record::ControlType::abort) {
    return std::optional<TxnMarker>{};
  }
  Reader value(record->value.value_or(Bytes{}));
  (void)value.i16();  // its version; the epoch is the first field of each
  const std::int32_t coordinator_epoch = value.i32();
  if (!value.ok()) return fail(Errc::corrupt_message, "a transaction marker without its epoch");
  return std::optional(TxnMarker{.commit = type == record::ControlType::commit,
                                 .coordinator_epoch = coordinator_epoch});
}

}  // namespace

std::optional<BatchFacts> batch_facts(Bytes front) {
  if (front.size() < record::k_size_up_to_magic) return std::nullopt;
  const auto length = number<std::int32_t>(front, at::k_length);
  BatchFacts facts;
  facts.magic = record::Magic{number<std::int8_t>(front, at::k_magic)};
  facts.base_offset = Offset{number<std::int64_t>(front, at::k_base_offset)};
  facts.last_offset = facts.base_offset;
  if (length < 0) return std::nullopt;
  facts.size = record::k_log_overhead + static_cast<std::size_t>(length);
  if (facts.magic == record::k_magic_0) {
    if (facts.size < record::k_log_overhead + record::k_legacy_length_min) return std::nullopt;
    return facts;
  }
  if (facts.magic == record::k_magic_1) {
    if (facts.size < record::k_log_overhead + record::k_legacy_length_min + 8) return std::nullopt;
    if (front.size() < k_legacy_timestamp + 8) return std::nullopt;
    facts.max_timestamp = timestamp_of(number<std::int64_t>(front, k_legacy_timestamp));
    return facts;
  }
  if (facts.magic != record::k_magic_2) return std::nullopt;
  if (facts.size < record::k_batch_header_size || front.size() < record::k_batch_header_size) {
    return std::nullopt;
  }
  const auto delta = number<std::int32_t>(front, at::k_last_offset_delta);
  if (delta < 0) return std::nullopt;
  facts.last_offset = facts.base_offset + delta;
  facts.max_timestamp = timestamp_of(number<std::int64_t>(front, at::k_max_timestamp));
  facts.leader_epoch = LeaderEpoch{number<std::int32_t>(front, at::k_leader_epoch)};
  return facts;
}

Result<std::optional<ProducerBatch>> producer_batch(const record::BatchView& batch) {
  if (!batch.has_producer_id()) return std::optional<ProducerBatch>{};
  ProducerBatch facts;
  facts.producer_id = batch.producer_id();
  facts.producer_epoch = batch.producer_epoch();
  facts.base_sequence = batch.base_sequence();
  facts.last_sequence = batch.last_sequence();
  facts.first_offset = batch.base_offset();
  facts.last_offset = batch.last_offset();
  facts.max_timestamp = batch.max_timestamp();
  facts.transactional = batch.is_transactional();
  facts.control = batch.is_control();
  if (facts.control) {
    TRY(facts.marker, marker_of(batch));
  }
  return std::optional(facts);
}

}  // namespace moldau::log
