#include "harness/planted_bugs.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "harness/batches.h"
#include "log/checkpoint_files.h"

namespace moldau::harness {
namespace {

std::unique_ptr<sim::DiskFilter> plant(std::string_view name) {
  return find_planted_bug(name)->plant(
      {.log_end_of = [](std::string_view, PartitionIndex) { return Offset{77}; }});
}

TEST(PlantedBugs, TheyAreSortedAndFoundByName) {
  EXPECT_TRUE(std::ranges::is_sorted(planted_bugs(), {}, &PlantedBug::name));
  EXPECT_EQ(find_planted_bug("no-such-bug"), nullptr);
}

TEST(PlantedBugs, AckBeforeSyncTouchesSegmentsOnly) {
  const auto bug = plant("ack-before-sync");
  EXPECT_EQ(bug->on_sync("data/t-0/00000000000000000000.log"), sim::SyncAnswer::early);
  EXPECT_EQ(bug->on_sync("data/t-0/00000000000000000000.index"), sim::SyncAnswer::honest);
}

TEST(PlantedBugs, ShortTruncationKeepsTheBatchAtTheCut) {
  Rng rng(1);
  const SharedBytes one = make_test_batch({.timestamp = timestamp_of(1)}, rng);
  std::vector<std::byte> content(one.view().begin(), one.view().end());
  content.insert(content.end(), one.view().begin(), one.view().end());
  std::uint64_t size = 0;
  plant("short-truncation")->on_truncate("d/0.log", content, size);
  EXPECT_EQ(size, one.size());
  size = 0;
  plant("short-truncation")->on_truncate("d/0.index", content, size);
  EXPECT_EQ(size, 0U);
}

TEST(PlantedBugs, EagerCheckpointVouchesForTheLogEnd) {
  const std::vector<log::PartitionOffset> honest{{"t", PartitionIndex{0}, Offset{5}}};
  const Bytes text = as_bytes(log::write_offset_checkpoint(honest));
  std::vector<std::byte> bytes(text.begin(), text.end());
  std::uint64_t position = 0;
  plant("eager-checkpoint")->on_write("data/recovery-point-offset-checkpoint.tmp", position, bytes);
  const auto written = log::parse_offset_checkpoint(as_text(Bytes{bytes}));
  ASSERT_TRUE(written.has_value());
  EXPECT_EQ(written->at(0).offset, Offset{77});
}

TEST(PlantedBugs, NamesNotSyncedLiesAboutFolders) {
  EXPECT_EQ(plant("names-not-synced")->on_sync_directory("data"), sim::SyncAnswer::lie);
}

}  // namespace
}  // namespace moldau::harness
