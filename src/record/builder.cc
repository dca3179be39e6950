#include "record/builder.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <limits>

namespace moldau::record {
namespace {

constexpr std::int64_t k_offset_delta_max = std::numeric_limits<std::int32_t>::max();

std::size_t nullable_size(const std::optional<Bytes>& bytes) {
  if (!bytes) return varint_size(-1);
  return varint_size(static_cast<std::int32_t>(bytes->size())) + bytes->size();
}

void put_nullable(Writer& out, const std::optional<Bytes>& bytes) {
  out.varint(bytes ? static_cast<std::int32_t>(bytes->size()) : -1);
  if (bytes) out.bytes(*bytes);
}

// Of the record without its length prefix.
std::size_t record_body_size(int offset_delta, std::int64_t timestamp_delta,
                             const NewRecord& record) {
  std::size_t size = 1 + varlong_size(timestamp_delta) + varint_size(offset_delta) +
                     nullable_size(record.key) + nullable_size(record.value) +
                     varint_size(static_cast<std::int32_t>(record.headers.size()));
  for (const HeaderView& header : record.headers) {
    size += nullable_size(as_bytes(header.key)) + nullable_size(header.value);
  }
  return size;
}

void put_record(Writer& out, int offset_delta, std::int64_t timestamp_delta,
                const NewRecord& record) {
  const std::size_t size = record_body_size(offset_delta, timestamp_delta, record);
  CHECK_OP(size, <=, static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max()));
  out.varint(static_cast<std::int32_t>(size));
  out.i8(0);  // attributes: no bit of them is used
  out.varlong(timestamp_delta);
  out.varint(offset_delta);
  put_nullable(out, record.key);
  put_nullable(out, record.value);
  out.varint(static_cast<std::int32_t>(record.headers.size()));
  for (const HeaderView& header : record.headers) {
    put_nullable(out, as_bytes(header.key));
    put_nullable(out, header.value);
  }
}

Attributes attributes_of(const BatchFields& fields) {
  unsigned bits = static_cast<unsigned>(fields.compression.codec);
  if (fields.timestamp_type == TimestampType::log_append_time) bits |= Attributes::k_timestamp_type;
  if (fields.is_transactional) bits |= Attributes::k_transactional;
  if (fields.is_control) bits |= Attributes::k_control;
  if (fields.delete_horizon) bits |= Attributes::k_delete_horizon;
  return Attributes{static_cast<std::uint16_t>(bits)};
}

struct Totals {
  Offset last_offset;
  Timestamp base_timestamp;
  Timestamp max_timestamp;
  int count;
};

// Fills the first 61 bytes of `batch` once its records stand behind them; the CRC comes last.
void put_header(std::vector<std::byte>& batch, const BatchFields& fields, const Totals& totals) {
  constexpr std::size_t k_batch_size_max = std::numeric_limits<std::int32_t>::max();
  CHECK_OP(batch.size(), <=, k_batch_size_max);
  std::byte* to = batch.data();
  store_big(to + at::k_base_offset, fields.base_offset.value());
  store_big(to + at::k_length, static_cast<std::int32_t>(batch.size() - k_log_overhead));
  store_big(to + at::k_leader_epoch, fields.leader_epoch.value());
  store_big(to + at::k_magic, k_magic_2.value());
  store_big(to + at::k_attributes, attributes_of(fields).bits());
  store_big(to + at::k_last_offset_delta,
            static_cast<std::int32_t>(totals.last_offset - fields.base_offset));
  store_big(to + at::k_base_timestamp, to_millis(totals.base_timestamp));
  store_big(to + at::k_max_timestamp, to_millis(totals.max_timestamp));
  store_big(to + at::k_producer_id, fields.producer_id.value());
  store_big(to + at::k_producer_epoch, fields.producer_epoch.value());
  store_big(to + at::k_base_sequence, fields.base_sequence.value());
  store_big(to + at::k_count, static_cast<std::int32_t>(totals.count));
  store_big(to + at::k_crc, crc32c(Bytes{batch}.subspan(at::k_attributes)));
}

void check_producer(const BatchFields& fields) {
  CHECK(!fields.is_transactional || fields.producer_id != k_no_producer_id);
  if (fields.producer_id == k_no_producer_id) return;
  CHECK_OP(fields.producer_epoch, >, k_no_producer_epoch);
  CHECK(fields.is_control || fields.base_sequence > k_no_sequence);
}

}  // namespace

std::size_t record_size(int offset_delta, Milliseconds timestamp_delta, const NewRecord& record) {
  const std::size_t size = record_body_size(offset_delta, timestamp_delta.count(), record);
  return varint_size(static_cast<std::int32_t>(size)) + size;
}

BatchBuilder::BatchBuilder(const BatchFields& fields)
    : fields_(fields), base_timestamp_(fields.delete_horizon), next_offset_(fields.base_offset) {
  constexpr std::array<std::byte, k_batch_header_size> k_room{};
  out_.bytes(k_room);
}

void BatchBuilder::append(const NewRecord& record) { append_at(next_offset_, record); }

void BatchBuilder::append_at(Offset offset, const NewRecord& record) {
  CHECK_OP(offset, >=, next_offset_);
  CHECK_OP(offset - fields_.base_offset, <=, k_offset_delta_max);
  CHECK_OP(to_millis(record.timestamp), >=, to_millis(k_no_timestamp));
  if (!base_timestamp_) base_timestamp_ = record.timestamp;
  put_record(out_, static_cast<int>(offset - fields_.base_offset),
             wrapping_sub(to_millis(record.timestamp), to_millis(*base_timestamp_)), record);
  max_timestamp_ = std::max(max_timestamp_, record.timestamp);
  next_offset_ = offset.next();
  ++count_;
}

void BatchBuilder::append_copy(const RecordView& record) {
  const std::vector<HeaderView> headers = record.headers.all();
  append_at(record.offset, {record.timestamp, record.key, record.value, headers});
}

std::size_t BatchBuilder::uncompressed_size_with(const NewRecord& record) const {
  const Timestamp base = base_timestamp_.value_or(record.timestamp);
  const Milliseconds delta{wrapping_sub(to_millis(record.timestamp), to_millis(base))};
  return out_.size() +
         record_size(static_cast<int>(next_offset_ - fields_.base_offset), delta, record);
}

void BatchBuilder::set_producer(ProducerId id, ProducerEpoch epoch, Sequence base_sequence,
                                bool is_transactional) {
  fields_.producer_id = id;
  fields_.producer_epoch = epoch;
  fields_.base_sequence = base_sequence;
  fields_.is_transactional = is_transactional;
}

void BatchBuilder::override_last_offset(Offset last) {
  CHECK_OP(last.next(), >=, next_offset_);
  CHECK_OP(last - fields_.base_offset, <=, k_offset_delta_max);
  next_offset_ = last.next();
}

std::vector<std::byte> BatchBuilder::build() {
  CHECK(!empty());
  check_producer(fields_);
  std::vector<std::byte> batch = out_.take();
  if (fields_.compression.codec != compress::Codec::none) {
    const std::vector<std::byte> plain =
        std::exchange(batch, std::vector<std::byte>(k_batch_header_size));
    compress::compress_onto(batch, fields_.compression.codec, fields_.compression.level,
                            Bytes{plain}.subspan(k_batch_header_size));
  }
  const bool has_append_time = fields_.timestamp_type == TimestampType::log_append_time;
  put_header(batch, fields_,
             {.last_offset = next_offset_ - 1,
              .base_timestamp = *base_timestamp_,
              .max_timestamp = has_append_time ? fields_.log_append_time : max_timestamp_,
              .count = count_});
  return batch;
}

std::vector<std::byte> empty_batch(const BatchFields& fields, Offset last_offset,
                                   Timestamp max_timestamp) {
  BatchFields plain = fields;
  plain.compression = {};
  plain.delete_horizon = std::nullopt;
  std::vector<std::byte> batch(k_batch_header_size);
  put_header(batch, plain,
             {.last_offset = last_offset,
              .base_timestamp = k_no_timestamp,
              .max_timestamp = max_timestamp,
              .count = 0});
  return batch;
}

}  // namespace moldau::record
