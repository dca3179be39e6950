#include "log/producer_snapshot.h"

#include <algorithm>

#include "bytes/crc32c.h"
#include "bytes/reader.h"
#include "bytes/writer.h"

namespace moldau::log {
namespace {

constexpr std::int16_t k_version = 1;
constexpr std::size_t k_crc_at = 2;
constexpr std::size_t k_entries_at = 6;  // the CRC covers from here, the count included
constexpr std::size_t k_entry_size = 46;
static_assert(k_empty_snapshot_size == k_entries_at + 4);

ProducerEntry read_entry(Reader& in) {
  ProducerEntry entry;
  entry.producer_id = ProducerId{in.i64()};
  const ProducerEpoch epoch{in.i16()};
  const Sequence last_sequence{in.i32()};
  const Offset last_offset{in.i64()};
  const std::int32_t offset_delta = in.i32();
  const Timestamp timestamp = timestamp_of(in.i64());
  entry.coordinator_epoch = in.i32();
  const Offset txn_first{in.i64()};
  entry.producer_epoch = epoch;
  if (last_offset >= Offset{0}) {
    entry.add(epoch, {.last_sequence = last_sequence,
                      .last_offset = last_offset,
                      .offset_delta = offset_delta,
                      .timestamp = timestamp});
  }
  entry.last_timestamp = timestamp;
  if (txn_first >= Offset{0}) entry.txn_first_offset = txn_first;
  return entry;
}

}  // namespace

std::vector<std::byte> write_producer_snapshot(std::span<const ProducerEntry> entries) {
  Writer out;
  out.reserve(k_empty_snapshot_size + entries.size() * k_entry_size);
  out.i16(k_version);
  out.u32(0);
  out.i32(static_cast<std::int32_t>(entries.size()));
  for (const ProducerEntry& entry : entries) {
    const WrittenBatch last = entry.batches().empty()
                                  ? WrittenBatch{k_no_sequence, k_no_offset, 0, k_no_timestamp}
                                  : entry.batches().back();
    out.i64(entry.producer_id.value());
    out.i16(entry.producer_epoch.value());
    out.i32(last.last_sequence.value());
    out.i64(last.last_offset.value());
    out.i32(last.offset_delta);
    out.i64(to_millis(entry.last_timestamp));
    out.i32(entry.coordinator_epoch);
    out.i64(entry.txn_first_offset.value_or(k_no_offset).value());
  }
  const std::uint32_t crc = crc32c(out.view().subspan(k_entries_at));
  out.patch_i32(k_crc_at, static_cast<std::int32_t>(crc));
  return out.take();
}

Result<std::vector<ProducerEntry>> parse_producer_snapshot(Bytes bytes) {
  Reader in(bytes);
  const std::int16_t version = in.i16();
  const std::uint32_t crc = in.u32();
  const std::int32_t count = in.i32();
  if (!in.ok()) return fail(Errc::corrupt_data, "{} bytes are no producer snapshot", bytes.size());
  if (version != k_version) return fail(Errc::corrupt_data, "unknown version {}", version);
  if (crc != crc32c(bytes.subspan(k_entries_at))) {
    return fail(Errc::corrupt_data, "the checksum does not match");
  }
  if (count < 0 || in.remaining() != static_cast<std::size_t>(count) * k_entry_size) {
    return fail(Errc::corrupt_data, "{} entries announced, {} bytes there", count, in.remaining());
  }
  std::vector<ProducerEntry> entries;
  entries.reserve(static_cast<std::size_t>(count));
  for (std::int32_t i = 0; i < count; ++i) entries.push_back(read_entry(in));
  std::vector<ProducerId> ids;
  ids.reserve(entries.size());
  for (const ProducerEntry& entry : entries) ids.push_back(entry.producer_id);
  std::ranges::sort(ids);
  if (std::ranges::adjacent_find(ids) != ids.end()) {
    return fail(Errc::corrupt_data, "a producer id comes twice");
  }
  return entries;
}

}  // namespace moldau::log
