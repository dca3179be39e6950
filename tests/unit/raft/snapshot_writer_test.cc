#include "raft/snapshot_writer.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "raft/control_scan.h"
#include "record/records.h"
#include "support/test_data.h"
#include "unit/raft/node.h"

namespace moldau::raft {
namespace {

std::vector<std::byte> kafkas_file(const std::string& name) {
  std::ifstream in(test_data() / "metadata" / name, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  return {as_bytes(text).begin(), as_bytes(text).end()};
}

// Kafka takes the clock anew for each batch; ours stamps all of them alike.
std::vector<std::byte> without_times(std::vector<std::byte> file) {
  std::size_t at = 0;
  while (at < file.size()) {
    const auto size = static_cast<std::size_t>(load_big<std::int32_t>(file.data() + at + 8)) + 12;
    store_big(file.data() + at + record::at::k_crc, std::uint32_t{0});
    store_big(file.data() + at + record::at::k_base_timestamp, std::int64_t{0});
    store_big(file.data() + at + record::at::k_max_timestamp, std::int64_t{0});
    at += size;
  }
  return file;
}

TEST(SnapshotWriter, WritesKafkasCheckpointsByteForByteButTheTimes) {
  for (const auto& [name, id] :
       {std::pair{"static/00000000000000000000-0000000000.checkpoint", k_bootstrap_snapshot},
        {"dynamic/00000000000000000059-0000000001.checkpoint",
         SnapshotId{Offset{59}, LeaderEpoch{1}}}}) {
    const std::vector<std::byte> theirs = kafkas_file(name);
    ControlScan scan;
    std::vector<std::vector<std::byte>> values;
    record::BatchesView batches{Bytes{theirs}};
    while (auto next = *batches.next()) {
      ASSERT_TRUE(scan.snapshot_batch(id, *next).has_value());
      if (next->is_control()) continue;
      for (const auto& record : *record::Records::read(*next, 1 << 20)) {
        values.emplace_back(record.value->begin(), record.value->end());
      }
    }
    SnapshotWriter::Header header{
        .id = id, .last_contained_log_time = scan.snapshot_time(), .now = test::k_wall};
    if (!scan.found().empty()) {
      header.kraft_version = KRaftVersion::dynamic_voters;
      header.voters =
          *VoterSet::from_record(std::get<protocol::VotersRecord>(scan.found()[1].record));
    }
    SnapshotWriter writer(std::move(header));
    for (const auto& value : values) writer.add(value);
    EXPECT_EQ(without_times(writer.finish()), without_times(theirs)) << name;
  }
}

TEST(SnapshotWriter, SplitsIntoBatchesAndEndsWithTheFooter) {
  const SnapshotId id{Offset{1000}, LeaderEpoch{3}};
  SnapshotWriter writer({.id = id, .now = test::k_wall});
  const std::vector<std::byte> value(3 << 20);
  std::vector<std::byte> file;
  for (int i = 0; i < 5; ++i) {
    writer.add(value);
    const std::vector<std::byte> part = writer.take();
    file.insert(file.end(), part.begin(), part.end());
  }
  const std::vector<std::byte> rest = writer.finish();
  file.insert(file.end(), rest.begin(), rest.end());
  ControlScan scan;
  record::BatchesView batches{Bytes{file}};
  Offset next_offset{0};
  int data = 0;
  while (auto next = *batches.next()) {
    EXPECT_EQ(next->base_offset(), next_offset);
    EXPECT_TRUE(next->crc_matches());
    next_offset = next->next_offset();
    data += next->is_control() ? 0 : 1;
    ASSERT_TRUE(scan.snapshot_batch(id, *next).has_value());
  }
  EXPECT_EQ(data, 3);
  EXPECT_TRUE(scan.snapshot_complete());
  EXPECT_TRUE(batches.rest().empty());
}

}  // namespace
}  // namespace moldau::raft
