#pragma once
#include <cstdint>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "bytes/reader.h"
#include "metadata/record.h"
#include "support/test_data.h"

// Reads __cluster_metadata as an Apache Kafka 4.4.0 controller wrote it (tests/data/metadata, see
// the README there). A reader of its own, small and trusting, so that the tests need no other
// module.
namespace moldau::metadata::test {

struct LogBatch {
  Offset base_offset;
  Offset last_offset;
  LeaderEpoch epoch;
  Timestamp append_time = k_no_timestamp;
  bool control = false;
  std::vector<MetadataRecord> records;  // empty for control batches
};

inline std::vector<std::byte> read_file(const std::string& relative) {
  std::ifstream in(test_data() / "metadata" / relative, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  CHECK(!text.empty());
  const Bytes bytes = as_bytes(text);
  return {bytes.begin(), bytes.end()};
}

inline std::vector<LogBatch> read_batches(const std::string& relative) {
  const std::vector<std::byte> bytes = read_file(relative);
  Reader in(bytes);
  std::vector<LogBatch> batches;
  while (in.remaining() > 0) {
    LogBatch batch;
    batch.base_offset = Offset{in.i64()};
    Reader body(in.bytes(static_cast<std::size_t>(in.i32())));
    batch.epoch = LeaderEpoch{body.i32()};
    body.skip(1 + 4);  // magic, CRC
    batch.control = (body.i16() & 0x20) != 0;
    batch.last_offset = batch.base_offset + body.i32();
    body.skip(8);
    batch.append_time = timestamp_of(body.i64());
    body.skip(8 + 2 + 4);
    const int count = body.i32();
    for (int i = 0; i < count && !batch.control; ++i) {
      Reader record(body.bytes(static_cast<std::size_t>(body.varint())));
      record.skip(1);
      (void)record.varlong();
      (void)record.varint();
      CHECK_OP(record.varint(), ==, -1);  // metadata records have no key
      auto value = decode_record(record.bytes(static_cast<std::size_t>(record.varint())));
      CHECK_OK(value);
      batch.records.push_back(std::move(*value));
    }
    CHECK(body.ok());
    batches.push_back(std::move(batch));
  }
  CHECK(in.ok());
  return batches;
}

// All data records of a file, in order.
inline std::vector<MetadataRecord> read_records(const std::string& relative) {
  std::vector<MetadataRecord> all;
  for (LogBatch& batch : read_batches(relative)) {
    for (MetadataRecord& record : batch.records) all.push_back(std::move(record));
  }
  return all;
}

}  // namespace moldau::metadata::test
