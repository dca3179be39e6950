#include "record/message_set.h"

#include <fmt/core.h>
#include <isa-l/crc.h>

#include "bytes/reader.h"

namespace moldau::record {
namespace {

constexpr std::size_t k_crc_at = 12;
constexpr std::size_t k_summed_at = 16;  // magic, attributes, then by magic
constexpr unsigned k_timestamp_type = 0x08;

std::optional<Bytes> read_nullable(Reader& reader) {
  const std::int32_t size = reader.i32();
  if (size < 0) return std::nullopt;
  return reader.bytes(static_cast<std::size_t>(size));
}

RecordView record_of(const LegacyEntry& entry) {
  RecordView record;
  record.offset = entry.offset();
  record.timestamp = entry.timestamp();
  record.key = entry.key();
  record.value = entry.value();
  record.size = entry.size();
  return record;
}

// The messages inside, with their offsets as they stand there.
Result<std::vector<RecordView>> read_inner(Bytes body, const LegacyEntry& wrapper) {
  std::vector<RecordView> records;
  BatchesView run(body);
  for (;;) {
    TRY(const std::optional<BatchView> batch, run.next());
    if (!batch) return records;  // a part of a message at the end is left alone, as in Kafka
    if (!batch->is_legacy()) {
      return fail(Errc::invalid_record, "a message set of magic {} wraps a batch of magic 2",
                  wrapper.magic().value());
    }
    TRY(const LegacyEntry inner, LegacyEntry::read(*batch));
    if (inner.is_compressed()) {
      return fail(Errc::invalid_record, "a compressed message wraps another");
    }
    RecordView record = record_of(inner);
    if (inner.magic() == k_magic_1 && wrapper.timestamp_type() == TimestampType::log_append_time) {
      record.timestamp = wrapper.timestamp();
    }
    records.push_back(record);
  }
}

}  // namespace

Result<LegacyEntry> LegacyEntry::read(const BatchView& batch) {
  CHECK(batch.is_legacy());
  LegacyEntry entry;
  entry.offset_ = batch.base_offset();
  entry.magic_ = batch.magic();
  entry.crc_ = load_big<std::uint32_t>(batch.bytes().data() + k_crc_at);
  entry.summed_ = batch.bytes().subspan(k_summed_at);
  Reader reader(entry.summed_);
  (void)reader.i8();
  entry.attributes_ = static_cast<std::uint8_t>(reader.i8());
  if (entry.magic_ == k_magic_1) entry.timestamp_ = timestamp_of(reader.i64());
  entry.key_ = read_nullable(reader);
  entry.value_ = read_nullable(reader);
  if (!reader.ok()) {
    return fail(Errc::corrupt_message, "the fields of a message of {} bytes run past its end",
                batch.size());
  }
  return entry;
}

bool LegacyEntry::crc_matches() const {
  const auto* from = reinterpret_cast<const unsigned char*>(summed_.data());
  return crc32_gzip_refl(0, from, summed_.size()) == crc_;
}

std::optional<compress::Codec> LegacyEntry::codec() const {
  return compress::codec_of_id(attributes_ & compress::k_codec_mask);
}

std::optional<TimestampType> LegacyEntry::timestamp_type() const {
  if (magic_ == k_magic_0) return std::nullopt;
  return (attributes_ & k_timestamp_type) != 0 ? TimestampType::log_append_time
                                               : TimestampType::create_time;
}

Result<LegacyRecords> read_legacy_records(const BatchView& batch, std::size_t body_size_max) {
  TRY(const LegacyEntry wrapper, LegacyEntry::read(batch));
  LegacyRecords read;
  if (!wrapper.is_compressed()) {
    read.records.push_back(record_of(wrapper));
    return read;
  }
  const std::optional<compress::Codec> codec = wrapper.codec();
  if (!codec || *codec == compress::Codec::zstd) {
    return fail(Errc::invalid_record, "a message of magic {} has a codec that came later",
                wrapper.magic().value());
  }
  if (!wrapper.value()) return fail(Errc::invalid_record, "a compressed message has no value");
  // Producers of magic 0 summed the wrong bytes of the lz4 header (KAFKA-3160).
  const auto lz4_header =
      wrapper.magic() == k_magic_0 ? compress::Lz4Header::unchecked : compress::Lz4Header::checked;
  TRY(read.body, compress::decompress(*codec, *wrapper.value(), body_size_max, lz4_header));
  TRY(read.records, read_inner(read.body, wrapper));
  if (read.records.empty()) return fail(Errc::invalid_record, "a compressed message holds none");
  if (wrapper.magic() == k_magic_0) return read;

  const std::int64_t last_inside = read.records.back().offset.value();
  const std::int64_t wrapper_offset = wrapper.offset().value();
  if (wrapper_offset != 0 && wrapper_offset < last_inside) {
    return fail(Errc::invalid_record, "a wrapper has offset {}, the last message inside {}",
                wrapper_offset, last_inside);
  }
  const std::int64_t base = wrapper_offset == 0 ? 0 : wrapping_sub(wrapper_offset, last_inside);
  for (RecordView& record : read.records) {
    record.offset = Offset{wrapping_add(base, record.offset.value())};
  }
  return read;
}

}  // namespace moldau::record
