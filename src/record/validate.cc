#include "record/validate.h"

#include <fmt/core.h>

#include <algorithm>

#include "record/message_set.h"
#include "record/record_walk.h"
#include "record/records_summary.h"

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

Result<AppendFacts> check_each(const BatchView& batch, compress::Codec codec,
                               const AppendRules& rules, Timestamp now,
                               compress::Decompressor& decompressor, RefusalDetails& details) {
  if (codec == compress::Codec::none) {
    return check_records(batch, RecordWalk(batch.body()), rules, batch.size(), now, details);
  }
  decompressor.set_piece_max(rules.body_size_max);
  decompressor.open(codec, batch.body());
  // Kafka applies max.decompressed.message.bytes where it decompresses, and nowhere else.
  return check_records(batch, RecordWalk(decompressor, rules.body_size_max), rules,
                       rules.record_size_max, now, details);
}

// Sums up the bytes that the CRC covers and walks over the records in them, a piece at a time: the
// walk finds in the nearest cache what the sum has just read. Returns the sum.
std::uint32_t sum_and_walk(const BatchView& batch, RecordsSummary& records) {
  constexpr std::size_t k_piece_size = std::size_t{8} << 10U;
  std::uint32_t sum = 0;
  for (Bytes rest = batch.bytes().subspan(at::k_attributes); !rest.empty();) {
    const Bytes piece = rest.first(std::min(rest.size(), k_piece_size));
    sum = crc32c(piece, sum);
    rest = rest.subspan(piece.size());
    records.walk(rest.data());
  }
  return sum;
}

// What check_records() would find where it has nothing to refuse; nullopt: let it look at each.
std::optional<AppendFacts> facts_of(const BatchView& batch, const RecordsSummary& records,
                                    const AppendRules& rules, Timestamp now) {
  if (!records.is_sound() || batch.count() <= 0) return std::nullopt;  // of compressed ones too
  if (batch.timestamp_type() == TimestampType::log_append_time) return std::nullopt;
  if (rules.is_compacted && !records.all_have_keys()) return std::nullopt;
  const std::int64_t base = to_millis(batch.base_timestamp());
  std::int64_t earliest = 0;
  std::int64_t latest = 0;
  std::int64_t age = 0;
  if (__builtin_add_overflow(base, records.timestamp_delta_min(), &earliest) ||
      __builtin_add_overflow(base, records.timestamp_delta_max(), &latest) ||
      __builtin_sub_overflow(to_millis(now), earliest, &age) ||
      __builtin_sub_overflow(to_millis(now), latest, &age)) {
    return std::nullopt;
  }
  // Without wrapping what is allowed is one range: where both ends are in it, all are.
  if (rules.timestamp_type == TimestampType::create_time &&
      (is_out_of_range(earliest, rules, now) || is_out_of_range(latest, rules, now))) {
    return std::nullopt;
  }
  return AppendFacts{.max_timestamp = timestamp_of(std::max(latest, to_millis(k_no_timestamp))),
                     .needs_rewrite = !records.offsets_are_consecutive()};
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
  const std::optional<compress::Codec> codec = batch.codec();
  const bool is_compressed = codec != compress::Codec::none;
  RecordsSummary summary(is_compressed ? Bytes{} : batch.body(), batch.count());
  if (sum_and_walk(batch, summary) != batch.crc()) [[unlikely]] {
    details.violation = Violation::invalid_checksum;
    return fail(check_intact(batch).error());
  }
  if (!codec) return fail(Errc::unsupported_compression_type, "no codec has the id of this batch");
  if (is_client) {
    TRY_OK(check_client_header(batch, details));
  }

  std::optional<AppendFacts> facts = facts_of(batch, summary, rules, now);
  if (!facts) {
    TRY(facts, check_each(batch, *codec, rules, now, decompressor, details));
  }
  // Control records stay uncompressed, whatever the topic says.
  const bool may_stay = batch.is_control() && !is_compressed;
  if (rules.compression && rules.compression->codec != *codec && !may_stay) {
    facts->needs_rewrite = true;
  }
  return *facts;
}

}  // namespace moldau::record
