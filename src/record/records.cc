#include "record/records.h"

#include <algorithm>

#include "record/message_set.h"

namespace moldau::record {
namespace {

constexpr std::size_t k_record_size_min = 7;  // seven fields of one byte each

// A negative size stands for null.
std::optional<Bytes> read_nullable(Reader& reader) {
  const std::int32_t size = reader.varint();
  if (size < 0) return std::nullopt;
  return reader.bytes(static_cast<std::size_t>(size));
}

HeaderView read_header(Reader& reader) {
  const std::int32_t key_size = reader.varint();
  if (key_size < 0) reader.breach("a header key has a negative size");
  HeaderView header;
  header.key = reader.text(static_cast<std::size_t>(std::max(key_size, 0)));
  header.value = read_nullable(reader);
  return header;
}

// Checks all headers, so that walking them later cannot fail.
HeadersView read_headers(Reader& reader) {
  const std::int32_t count = reader.varint();
  // Each header takes at least two bytes.
  if (count < 0 || static_cast<std::size_t>(count) > reader.remaining()) {
    reader.breach("a count of headers cannot be");
    return {};
  }
  const Bytes bytes = reader.rest();
  for (std::int32_t i = 0; i < count && reader.ok(); ++i) (void)read_header(reader);
  return {bytes.first(bytes.size() - reader.remaining()), static_cast<std::size_t>(count)};
}

}  // namespace

std::vector<HeaderView> HeadersView::all() const {
  std::vector<HeaderView> headers;
  headers.reserve(count_);
  Reader reader(bytes_);
  for (std::size_t i = 0; i < count_; ++i) headers.push_back(read_header(reader));
  return headers;
}

std::optional<HeaderView> HeadersView::last_of(std::string_view key) const {
  std::optional<HeaderView> last;
  Reader reader(bytes_);
  for (std::size_t i = 0; i < count_; ++i) {
    const HeaderView header = read_header(reader);
    if (header.key == key) last = header;
  }
  return last;
}

RecordCursor::RecordCursor(const BatchView& batch, Bytes body)
    : reader_(body),
      base_offset_(batch.base_offset()),
      base_timestamp_(batch.base_timestamp()),
      base_sequence_(batch.base_sequence()),
      left_(batch.count()) {
  CHECK(!batch.is_legacy());
  if (batch.timestamp_type() == TimestampType::log_append_time) {
    append_time_ = batch.max_timestamp();
  }
}

Result<std::optional<RecordView>> RecordCursor::next() {
  if (left_ == 0) return std::nullopt;
  if (left_ < 0) return fail(Errc::invalid_record, "a count of {} records cannot be", left_);
  const std::size_t before = reader_.remaining();
  const std::int32_t size = reader_.varint();
  if (!reader_.ok() || size < 0 || static_cast<std::size_t>(size) > reader_.remaining()) {
    return fail(Errc::invalid_record,
                "a record of {} bytes where {} remain, {} records from the end", size,
                reader_.remaining(), left_);
  }
  Reader body(reader_.bytes(static_cast<std::size_t>(size)));
  RecordView record;
  (void)body.i8();  // attributes: no bit of them is used
  record.timestamp = timestamp_of(wrapping_add(to_millis(base_timestamp_), body.varlong()));
  if (append_time_) record.timestamp = *append_time_;
  const std::int32_t offset_delta = body.varint();
  record.offset = Offset{wrapping_add(base_offset_.value(), offset_delta)};
  if (base_sequence_ >= Sequence{0}) record.sequence = sequence_after(base_sequence_, offset_delta);
  record.key = read_nullable(body);
  record.value = read_nullable(body);
  record.headers = read_headers(body);
  record.size = before - reader_.remaining();
  if (!body.ok() || body.remaining() != 0) {
    return fail(Errc::invalid_record, "the fields of a record of {} bytes do not fill it", size);
  }
  --left_;
  if (left_ == 0 && reader_.remaining() != 0) {
    return fail(Errc::invalid_record, "{} bytes remain behind the last record",
                reader_.remaining());
  }
  return record;
}

Result<Records> Records::read(const BatchView& batch, std::size_t body_size_max) {
  Records read;
  if (batch.is_legacy()) {
    TRY(LegacyRecords legacy, read_legacy_records(batch, body_size_max));
    read.body_ = std::move(legacy.body);
    read.records_ = std::move(legacy.records);
    return read;
  }
  const std::optional<compress::Codec> codec = batch.codec();
  if (!codec) return fail(Errc::corrupt_message, "no codec has this id");
  Bytes body = batch.body();
  if (*codec != compress::Codec::none && batch.count() != 0) {
    TRY(read.body_, compress::decompress(*codec, body, body_size_max));
    body = read.body_;
  }
  const auto count = static_cast<std::size_t>(std::max(batch.count(), 0));
  read.records_.reserve(std::min(count, body.size() / k_record_size_min));
  RecordCursor cursor(batch, body);
  for (;;) {
    TRY(std::optional<RecordView> record, cursor.next());
    if (!record) return read;
    read.records_.push_back(*record);
  }
}

}  // namespace moldau::record
