#include "harness/planted_bugs.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "harness/batches.h"
#include "log/checkpoint_files.h"
#include "record/assign.h"
#include "record/batch.h"

namespace moldau::harness {
namespace {

std::unique_ptr<sim::DiskFilter> plant(std::string_view name) {
  return find_planted_bug(name)->plant();
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

class EagerCheckpointTest : public testing::Test {
 protected:
  // The offset that the checkpoint of "t-0" says when the node wants to write 5.
  Offset checkpointed() {
    const std::vector<log::PartitionOffset> honest{{"t", PartitionIndex{0}, Offset{5}}};
    const std::string text = log::write_offset_checkpoint(honest);
    std::vector<std::byte> bytes(as_bytes(text).begin(), as_bytes(text).end());
    std::uint64_t position = 0;
    bug->on_write("data/recovery-point-offset-checkpoint.tmp", position, bytes);
    const auto written = log::parse_offset_checkpoint(as_text(Bytes{bytes}));
    return written ? written->at(0).offset : k_no_offset;
  }
  // One batch that ends before offset 77 is written.
  std::vector<std::byte> append_to_77() {
    Rng rng(1);
    const SharedBytes made = make_test_batch({.timestamp = timestamp_of(1)}, rng);
    const auto batch = record::BatchView::read(made.view());
    const record::BatchHeader header =
        record::assign(*batch, {.base_offset = Offset{77} - batch->count()});
    std::vector<std::byte> bytes(header.begin(), header.end());
    bytes.insert(bytes.end(), batch->body().begin(), batch->body().end());
    std::uint64_t position = 0;
    bug->on_write("data/t-0/00000000000000000000.log", position, bytes);
    return bytes;
  }
  std::unique_ptr<sim::DiskFilter> bug = plant("eager-checkpoint");
};

TEST_F(EagerCheckpointTest, ItVouchesForWhatWasWritten) {
  EXPECT_EQ(checkpointed(), Offset{5});
  append_to_77();
  EXPECT_EQ(checkpointed(), Offset{77});
}

TEST_F(EagerCheckpointTest, ANewLifeBeginsHonest) {
  std::vector<std::byte> bytes = append_to_77();
  bug->on_read("data/recovery-point-offset-checkpoint", 0, bytes);
  EXPECT_EQ(checkpointed(), Offset{5});
}

TEST(PlantedBugs, TransactionStateNotSyncedLiesAboutThatTopic) {
  const auto bug = plant("transaction-state-not-synced");
  EXPECT_EQ(bug->on_sync("data/__transaction_state-0/00000000000000000000.log"),
            sim::SyncAnswer::lie);
  EXPECT_EQ(bug->on_sync("data/t-0/00000000000000000000.log"), sim::SyncAnswer::honest);
}

TEST(PlantedBugs, OffsetsNotSyncedLiesAboutThatTopic) {
  const auto bug = plant("offsets-not-synced");
  EXPECT_EQ(bug->on_sync("data/__consumer_offsets-0/00000000000000000000.log"),
            sim::SyncAnswer::lie);
  EXPECT_EQ(bug->on_sync("data/t-0/00000000000000000000.log"), sim::SyncAnswer::honest);
}

TEST(PlantedBugs, NamesNotSyncedLiesAboutFolders) {
  EXPECT_EQ(plant("names-not-synced")->on_sync_directory("data"), sim::SyncAnswer::lie);
}

}  // namespace
}  // namespace moldau::harness
