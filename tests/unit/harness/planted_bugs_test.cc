#include "harness/planted_bugs.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "group/consumer_records.h"
#include "group/records.h"
#include "harness/batches.h"
#include "log/checkpoint_files.h"
#include "log/index_format.h"
#include "log/producer_snapshot.h"
#include "record/assign.h"
#include "record/batch.h"
#include "record/builder.h"
#include "record/control.h"
#include "record/records.h"

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

TEST(PlantedBugs, AbortedListWrongNamesOtherProducers) {
  const log::AbortedEntry entry{.producer_id = ProducerId{7},
                                .first_offset = Offset{1},
                                .last_offset = Offset{2},
                                .last_stable_offset = Offset{1}};
  std::vector<std::byte> bytes;
  log::append_aborted_entry(bytes, entry);
  const std::vector<std::byte> before = bytes;
  std::uint64_t position = 0;
  plant("aborted-list-wrong")->on_write("d/t-0/0.log", position, bytes);
  EXPECT_EQ(bytes, before);
  plant("aborted-list-wrong")->on_write("d/t-0/0.txnindex", position, bytes);
  const auto entries = log::parse_aborted_entries(Bytes{bytes});
  ASSERT_TRUE(entries.has_value());
  EXPECT_NE(entries->at(0).producer_id, ProducerId{7});
}

class SnapshotsWrongTest : public testing::TestWithParam<std::string_view> {
 protected:
  std::vector<log::ProducerEntry> written() {
    log::ProducerEntry entry(ProducerId{7});
    entry.add(ProducerEpoch{0}, {.last_sequence = Sequence{0},
                                 .last_offset = Offset{3},
                                 .offset_delta = 0,
                                 .timestamp = timestamp_of(1)});
    entry.txn_first_offset = Offset{3};
    std::vector<std::byte> bytes = log::write_producer_snapshot({&entry, 1});
    std::uint64_t position = 0;
    plant(GetParam())->on_write("d/t-0/00000000000000000004.snapshot", position, bytes);
    auto entries = log::parse_producer_snapshot(Bytes{bytes});
    EXPECT_TRUE(entries.has_value());
    return *std::move(entries);
  }
};

TEST_P(SnapshotsWrongTest, TheSnapshotCanBeReadAndSaysTooLittle) {
  const auto entries = written();
  if (GetParam() == "producers-forgotten") {
    EXPECT_TRUE(entries.empty());
  } else {
    EXPECT_EQ(entries.at(0).txn_first_offset, std::nullopt);
  }
}

INSTANTIATE_TEST_SUITE_P(Bugs, SnapshotsWrongTest,
                         testing::Values("open-transactions-forgotten", "producers-forgotten"));

TEST(PlantedBugs, AbortedOffsetsAppliedTurnsTheMarkerAround) {
  const record::BatchFields fields{.producer_id = ProducerId{7},
                                   .producer_epoch = ProducerEpoch{0},
                                   .is_transactional = true,
                                   .is_control = true};
  const std::array<std::byte, 6> value{};
  std::vector<std::byte> bytes =
      record::control_batch(fields, record::ControlType::abort, timestamp_of(1), value);
  std::uint64_t position = 0;
  plant("aborted-offsets-applied")->on_write("d/__consumer_offsets-0/0.log", position, bytes);
  const auto batch = record::BatchView::read(bytes);
  ASSERT_TRUE(batch.has_value());
  EXPECT_TRUE(batch->crc_matches());
  const auto records = record::Records::read(*batch, 1 << 20);
  ASSERT_TRUE(records.has_value());
  const auto type = record::control_type_of(records->all().front().key.value_or(Bytes{}));
  ASSERT_TRUE(type.has_value());
  EXPECT_EQ(*type, record::ControlType::commit);
}

// Bugs in what is written to __consumer_offsets or read there.
class OffsetsLogTest : public testing::Test {
 protected:
  using Records = std::vector<coordinator::Record>;
  static coordinator::Record commit() {
    return group::offset_commit_record(
        {.group = "g", .topic = "t", .partition = PartitionIndex{1}},
        {.offset = Offset{7}, .metadata = "m", .topic_id = Uuid(1, 2)});
  }
  static std::vector<std::byte> batch(const Records& records, std::int64_t base) {
    record::BatchBuilder builder({});
    for (const auto& one : records) {
      builder.append({.timestamp = timestamp_of(1),
                      .key = Bytes{one.key},
                      .value = one.value ? std::optional(Bytes{*one.value}) : std::nullopt});
    }
    const auto built = builder.build();
    const auto view = record::BatchView::read(built);
    const record::BatchHeader header = record::assign(*view, {.base_offset = Offset{base}});
    std::vector<std::byte> bytes(header.begin(), header.end());
    bytes.insert(bytes.end(), view->body().begin(), view->body().end());
    return bytes;
  }
  std::vector<std::byte> write(const Records& records, std::int64_t base = 0) {
    std::vector<std::byte> bytes = batch(records, base);
    std::uint64_t position = 0;
    bug->on_write(path, position, bytes);
    return bytes;
  }
  static group::OffsetCommitEntry commit_in(const std::vector<std::byte>& bytes) {
    const auto view = record::BatchView::read(bytes);
    EXPECT_TRUE(view->crc_matches());
    const auto records = record::Records::read(*view, 1 << 20);
    const record::RecordView& first = records->all().front();
    coordinator::Record plain{.key = {first.key->begin(), first.key->end()}, .value = {}};
    if (first.value) plain.value.emplace(first.value->begin(), first.value->end());
    return std::get<group::OffsetCommitEntry>(*group::read_record(plain));
  }
  const std::string path = "d/__consumer_offsets-0/0.log";
  std::unique_ptr<sim::DiskFilter> bug;
};

TEST_F(OffsetsLogTest, DeletedOffsetsSurviveForgetsIdsAndTombstones) {
  bug = plant("deleted-offsets-survive");
  const auto written = commit_in(write({commit()}));
  EXPECT_EQ(written.key.partition, PartitionIndex{1});
  EXPECT_EQ(written.value->topic_id, Uuid{});
  EXPECT_EQ(written.value->offset, Offset{7});
  const auto dropped =
      commit_in(write({group::offset_commit_tombstone("g", "t", PartitionIndex{1})}));
  EXPECT_NE(dropped.key.partition, PartitionIndex{1});
}

TEST_F(OffsetsLogTest, ConversionDropsOffsetsThatWereCommittedBefore) {
  bug = plant("conversion-drops-offsets");
  std::vector<std::byte> before = write({commit()}, 5);
  EXPECT_EQ(before, batch({commit()}, 5));
  bug->on_read(path, 0, before);
  EXPECT_EQ(commit_in(before).key.partition, PartitionIndex{1});
  write({group::group_metadata_tombstone("g"), group::consumer_epoch_record("g", 1, 0)}, 6);
  std::vector<std::byte> after = write({commit()}, 8);
  bug->on_read(path, 0, before);
  bug->on_read(path, 0, after);
  EXPECT_NE(commit_in(before).key.partition, PartitionIndex{1});
  EXPECT_EQ(commit_in(after).key.partition, PartitionIndex{1});
}

TEST(PlantedBugs, ThoseOfTheWireLeaveTheDiskAlone) {
  for (const char* name : {"commits-not-fenced", "revocation-not-awaited"}) {
    EXPECT_EQ(find_planted_bug(name)->plant, nullptr);
    EXPECT_NE(find_planted_bug(name)->on_the_wire, WireBug::none);
  }
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
