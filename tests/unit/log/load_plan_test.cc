#include "log/load_plan.h"

#include <gtest/gtest.h>

#include "log/file_names.h"

namespace moldau::log {
namespace {

std::string name(std::int64_t base, FileKind kind, const char* state = "") {
  return file_name(Offset{base}, kind) + state;
}

TEST(Leftovers, DeletedAndCleanedFilesGo) {
  const std::vector<FolderFile> files{{name(0, FileKind::log, ".deleted")},
                                      {name(0, FileKind::offset_index, ".cleaned")},
                                      {name(0, FileKind::log)}};
  const Leftovers found = find_leftovers(files);
  EXPECT_EQ(found.remove, (std::vector{files[0].name, files[1].name}));
  EXPECT_TRUE(found.swaps.empty());
}

TEST(Leftovers, DeletedMetadataSnapshotIsNotOurs) {
  const std::vector<FolderFile> files{{"00000000000000000042-0000000007.checkpoint.deleted"}};
  EXPECT_TRUE(find_leftovers(files).remove.empty());
}

TEST(Leftovers, SwapBelowEveryDraftStaysAndThoseAtOrAboveGo) {
  const std::vector<FolderFile> files{{name(0, FileKind::log, ".swap")},
                                      {name(10, FileKind::log, ".cleaned")},
                                      {name(10, FileKind::log, ".swap")},
                                      {name(20, FileKind::log, ".swap")}};
  const Leftovers found = find_leftovers(files);
  EXPECT_EQ(found.remove, (std::vector{files[1].name, files[2].name, files[3].name}));
  EXPECT_EQ(found.swaps, std::vector{Offset{0}});
}

TEST(SwapPlan, SegmentsThatTheSwapCoversGoAndItTakesItsName) {
  const std::vector<FolderFile> files{{name(0, FileKind::log)},
                                      {name(10, FileKind::log, ".swap")},
                                      {name(10, FileKind::offset_index, ".swap")},
                                      {name(10, FileKind::log)},
                                      {name(15, FileKind::offset_index)},
                                      {name(20, FileKind::log)}};
  const SwapPlan plan = plan_swap(files, Offset{10}, Offset{20});
  EXPECT_EQ(plan.remove, (std::vector{files[3].name, files[4].name}));
  ASSERT_EQ(plan.rename.size(), 2U);
  EXPECT_EQ(plan.rename[0].second, name(10, FileKind::log));
}

TEST(LoadPlan, SegmentsRiseWithTheSizesOfTheirFiles) {
  const std::vector<FolderFile> files{{name(10, FileKind::offset_index), 8},
                                      {name(10, FileKind::log), 700},
                                      {name(0, FileKind::log), 500},
                                      {name(10, FileKind::txn_index), 34},
                                      {name(10, FileKind::snapshot), 56},
                                      {"leader-epoch-checkpoint", 8},
                                      {"partition.metadata", 43}};
  const LoadPlan plan = plan_load(files);
  ASSERT_EQ(plan.segments.size(), 2U);
  EXPECT_EQ(plan.segments[0].base, Offset{0});
  EXPECT_FALSE(plan.segments[0].offset_index_size.has_value());
  EXPECT_EQ(plan.segments[1].log_size, 700U);
  EXPECT_EQ(plan.segments[1].offset_index_size, 8U);
  EXPECT_EQ(plan.segments[1].txn_index_size, 34U);
  EXPECT_EQ(plan.snapshots, (std::vector{FoundSnapshot{Offset{10}, 56}}));
  EXPECT_TRUE(plan.has_epoch_checkpoint && plan.has_partition_metadata);
}

TEST(LoadPlan, IndexWithoutALogGoes) {
  const std::vector<FolderFile> files{{name(0, FileKind::log)}, {name(10, FileKind::time_index)}};
  EXPECT_EQ(plan_load(files).remove, std::vector{files[1].name});
}

TEST(StraySnapshots, OnlyTheLatestAboveAllSegmentsStays) {
  const std::vector<FoundSnapshot> snapshots{{Offset{5}}, {Offset{10}}, {Offset{12}}, {Offset{30}}};
  const std::vector bases{Offset{0}, Offset{10}};
  EXPECT_EQ(stray_snapshots(snapshots, bases), (std::vector{Offset{5}, Offset{12}}));
  const std::vector higher{Offset{0}, Offset{10}, Offset{40}};
  EXPECT_EQ(stray_snapshots(snapshots, higher), (std::vector{Offset{5}, Offset{12}, Offset{30}}));
}

}  // namespace
}  // namespace moldau::log
