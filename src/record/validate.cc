#include "record/validate.h"

#include <fmt/core.h>

#include <algorithm>

#include "record/message_set.h"
#include "record/record_walk.h"

namespace moldau::record {
namespace {

constexpr ApiVersion k_first_version_with_zstd{7};

// Gathers what is wrong with single records while the walk goes on: all of them are named at once.
class RecordErrors {
 public:
  explicit RecordErrors(RefusalDetails& details) : details_(details) {}

  void missing_key(int index) {
    details_.violation = Violation::no_key_compacted_topic;
    add(index, [] { return std::string("a record of a compacted topic needs a key"); });
  }
  void bad_timestamp(int index, std::int64_t timestamp, const AppendRules& rules, Timestamp now) {
    has_timestamp_error_ = true;
    add(index, [&] {
      return fmt::format(
          "timestamp {} is outside [{}, {}], which message.timestamp.before.max.ms and "
          "message.timestamp.after.max.ms allow",
          timestamp, wrapping_sub(to_millis(now), rules.timestamp_before_max.count()),
          wrapping_add(to_millis(now), rules.timestamp_after_max.count()));
    });
  }
  void append_time_from_client(int index) {
    has_timestamp_error_ = true;
    add(index,
        [] { return std::string("a producer cannot set the timestamp type LogAppendTime"); });
  }

  [[nodiscard]] bool any() const { return count_ != 0; }
  [[nodiscard]] std::unexpected<Error> refusal() const {
    const Errc code = has_timestamp_error_ ? Errc::invalid_timestamp : Errc::invalid_record;
    return fail(code, "{} records of the batch are refused; the first is number {}: {}", count_,
                details_.record_errors.front().batch_index, details_.record_errors.front().message);
  }

 private:
  template <class MakeText>
  void add(int index, MakeText make_text) {
    if (count_++ >= k_record_errors_max.value) return;
    details_.record_errors.push_back({index, make_text()});
  }

  RefusalDetails& details_;
  std::int64_t count_ = 0;
  bool has_timestamp_error_ = false;
};

// Whether the distance from now is above what the topic allows, counted as Kafka does, which wraps.
bool is_out_of_range(std::int64_t timestamp, const AppendRules& rules, Timestamp now) {
  const std::int64_t age = wrapping_sub(to_millis(now), timestamp);
  return age > rules.timestamp_before_max.count() ||
         wrapping_sub(0, age) > rules.timestamp_after_max.count();
}

Result<void> check_client_header(const BatchView& batch, RefusalDetails& details) {
  details.violation = Violation::invalid_offset_or_sequence;
  const std::int64_t offsets = std::int64_t{batch.last_offset_delta()} + 1;
  if (offsets <= 0 || batch.count() <= 0 || offsets != batch.count()) {
    return fail(Errc::invalid_record, "a batch of {} records spans {} offsets", batch.count(),
                offsets);
  }
  if (batch.is_control()) {
    return fail(Errc::invalid_record, "clients cannot write control records");
  }
  if (batch.has_producer_id() && batch.base_sequence() < Sequence{0}) {
    return fail(Errc::invalid_record, "producer {} sent a batch with sequence {}",
                batch.producer_id(), batch.base_sequence());
  }
  details.violation = Violation::none;
  return {};
}

Result<AppendFacts> check_records(const BatchView& batch, RecordWalk walk, const AppendRules& rules,
                                  std::size_t record_size_max, Timestamp now,
                                  RefusalDetails& details) {
  const bool has_append_time = batch.timestamp_type() == TimestampType::log_append_time;
  const bool topic_has_create_time = rules.timestamp_type == TimestampType::create_time;
  const std::int64_t base_timestamp = to_millis(batch.base_timestamp());
  std::int64_t max_timestamp = to_millis(k_no_timestamp);
  AppendFacts facts;
  RecordErrors errors(details);
  const int count = batch.count();
  for (int index = 0; index < count; ++index) {
    RecordFacts record{};
    if (!walk.next(record_size_max, record)) {
      details = {};  // the batch as a whole is malformed: single records are beside the point
      return fail(walk.error());
    }
    if (record.offset_delta != index) facts.needs_rewrite = true;
    const std::int64_t timestamp = has_append_time
                                       ? to_millis(batch.max_timestamp())
                                       : wrapping_add(base_timestamp, record.timestamp_delta);
    max_timestamp = std::max(max_timestamp, timestamp);
    if (rules.is_compacted && !record.has_key) {
      errors.missing_key(index);
    } else if (topic_has_create_time && timestamp != to_millis(k_no_timestamp)) {
      if (is_out_of_range(timestamp, rules, now)) {
        errors.bad_timestamp(index, timestamp, rules, now);
      }
    } else if (has_append_time) {
      errors.append_time_from_client(index);
    }
  }
  if (count < 0) return fail(Errc::invalid_record, "a count of {} records cannot be", count);
  if (count > 0 && !walk.at_end()) {
    details = {};
    return fail(walk.error());
  }
  if (errors.any()) return errors.refusal();
  facts.max_timestamp = timestamp_of(max_timestamp);
  return facts;
}

}  // namespace

Result<BatchView> the_one_batch(Bytes records, ApiVersion produce_version) {
  BatchesView run(records);
  TRY(const std::optional<BatchView> batch, run.next());
  if (!batch) return fail(Errc::invalid_record, "a partition has no whole record batch");
  if (batch->is_legacy()) {
    return fail(Errc::invalid_record, "a partition has a batch of magic {}, not 2",
                batch->magic().value());
  }
  if (produce_version < k_first_version_with_zstd && batch->codec() == compress::Codec::zstd) {
    return fail(Errc::unsupported_compression_type, "zstd needs produce version {}",
                k_first_version_with_zstd.value());
  }
  TRY(const std::optional<BatchView> second, run.next());
  if (second) return fail(Errc::invalid_record, "a partition has more than one record batch");
  return *batch;
}

Result<void> check_intact(const BatchView& batch) {
  if (!batch.is_legacy()) {
    if (batch.crc_matches()) [[likely]] {
      return {};
    }
    return fail(Errc::corrupt_message, "the batch at offset {} carries CRC {:#x}, its bytes {:#x}",
                batch.base_offset(), batch.crc(), batch.computed_crc());
  }
  TRY(const LegacyEntry entry, LegacyEntry::read(batch));
  if (entry.crc_matches()) return {};
  return fail(Errc::corrupt_message, "the message at offset {} does not match its CRC {:#x}",
              entry.offset(), entry.crc());
}

Result<AppendFacts> check_append(const BatchView& batch, const AppendRules& rules, Timestamp now,
                                 compress::Decompressor& decompressor, RefusalDetails& details) {
  CHECK(!batch.is_legacy());
  details = {};
  const bool is_client = rules.origin == Origin::client;
  if (is_client && batch.base_offset() != Offset{0}) {
    return fail(Errc::invalid_record, "a client's batch has base offset {}, not 0",
                batch.base_offset());
  }
  if (batch.size() > rules.batch_size_max) {
    return fail(Errc::message_too_large, "a batch of {} bytes is above max.message.bytes, {}",
                batch.size(), rules.batch_size_max);
  }
  if (Result<void> intact = check_intact(batch); !intact) [[unlikely]] {
    details.violation = Violation::invalid_checksum;
    return fail(std::move(intact).error());
  }
  const std::optional<compress::Codec> codec = batch.codec();
  if (!codec) return fail(Errc::unsupported_compression_type, "no codec has the id of this batch");
  if (is_client) {
    TRY_OK(check_client_header(batch, details));
  }

  const bool is_compressed = *codec != compress::Codec::none;
  if (is_compressed) {
    decompressor.set_piece_max(rules.body_size_max);
    decompressor.open(*codec, batch.body());
  }
  // Kafka applies max.decompressed.message.bytes where it decompresses, and nowhere else.
  TRY(AppendFacts facts,
      check_records(
          batch,
          is_compressed ? RecordWalk(decompressor, rules.body_size_max) : RecordWalk(batch.body()),
          rules, is_compressed ? rules.record_size_max : batch.size(), now, details));
  // Control records stay uncompressed, whatever the topic says.
  const bool may_stay = batch.is_control() && !is_compressed;
  if (rules.compression && rules.compression->codec != *codec && !may_stay) {
    facts.needs_rewrite = true;
  }
  return facts;
}

}  // namespace moldau::record
