#include "raft/control_scan.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "support/test_data.h"
#include "unit/raft/node.h"

namespace moldau::raft {
namespace {

std::string file(const std::string& name) {
  std::ifstream in(test_data() / "metadata" / name, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

template <class Each>
void each_batch(const std::string& bytes, const Each& each) {
  record::BatchesView batches(as_bytes(bytes));
  while (true) {
    const auto next = batches.next();
    ASSERT_TRUE(next.has_value());
    if (!*next) return;
    ASSERT_TRUE((*next)->crc_matches());
    ASSERT_TRUE(each(**next).has_value());
  }
}

TEST(ControlScan, FindsTheVotersThatKafkaWroteIntoItsSnapshots) {
  const SnapshotId id{Offset{59}, LeaderEpoch{1}};
  ControlScan scan;
  each_batch(file("dynamic/" + id.file_name()),
             [&](const auto& batch) { return scan.snapshot_batch(id, batch); });
  EXPECT_TRUE(scan.snapshot_complete());
  EXPECT_EQ(to_millis(scan.snapshot_time()), 1795253527209);
  ASSERT_EQ(scan.found().size(), 2U);
  EXPECT_EQ(scan.found()[0].offset, Offset{58});
  const auto voters =
      VoterSet::from_record(std::get<protocol::VotersRecord>(scan.found()[1].record));
  ASSERT_TRUE(voters.has_value());
  EXPECT_EQ(voters->all()[0].endpoints[0].port, 25093);
}

TEST(ControlScan, KafkasDynamicDirectoryOpens) {
  ControlScan scan;
  const SnapshotId id{Offset{59}, LeaderEpoch{1}};
  each_batch(file("dynamic/" + id.file_name()),
             [&](const auto& batch) { return scan.snapshot_batch(id, batch); });
  Offset end;
  each_batch(file("dynamic/00000000000000000000.log"), [&](const auto& batch) {
    end = batch.next_offset();
    return scan.log_batch(batch);
  });
  const auto voters =
      VoterSet::from_record(std::get<protocol::VotersRecord>(scan.found().back().record));
  Settings settings = test::dynamic_settings();
  settings.directory_id = voters->all()[0].key.directory_id;
  settings.endpoints = voters->all()[0].endpoints;
  auto machine = Machine::open(settings, {.log_end_offset = end,
                                          .epochs = {{LeaderEpoch{1}, Offset{0}}},
                                          .snapshots = {{k_bootstrap_snapshot, 494}, {id, 2509}},
                                          .control = scan.found()});
  ASSERT_TRUE(machine.has_value()) << machine.error().describe();
  EXPECT_EQ(machine->kraft_version(), KRaftVersion::dynamic_voters);
  EXPECT_EQ(machine->newest_snapshot(), id);
}

TEST(ControlScan, SnapshotWithoutItsFooterIsIncomplete) {
  const std::string whole = file("static/00000000000000000000-0000000000.checkpoint");
  ControlScan scan;
  each_batch(whole.substr(0, 336),
             [&](const auto& batch) { return scan.snapshot_batch(k_bootstrap_snapshot, batch); });
  EXPECT_FALSE(scan.snapshot_complete());
  EXPECT_TRUE(scan.found().empty());
}

}  // namespace
}  // namespace moldau::raft
