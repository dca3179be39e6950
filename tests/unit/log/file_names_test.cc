#include "log/file_names.h"

#include <gtest/gtest.h>

namespace moldau::log {
namespace {

TEST(FileName, HasTwentyDigitsAndTheKindsSuffix) {
  EXPECT_EQ(file_name(Offset{42}, FileKind::time_index), "00000000000000000042.timeindex");
}

TEST(FileName, EveryKindAndStateIsReadBack) {
  for (const FileKind kind : {FileKind::log, FileKind::offset_index, FileKind::time_index,
                              FileKind::txn_index, FileKind::snapshot}) {
    const std::string name = file_name(Offset{7}, kind);
    EXPECT_EQ(parse_file_name(name), (SegmentFileName{Offset{7}, kind, FileState::live}));
    EXPECT_EQ(parse_file_name(name + ".swap"), (SegmentFileName{Offset{7}, kind, FileState::swap}));
    EXPECT_EQ(parse_file_name(name + ".cleaned"),
              (SegmentFileName{Offset{7}, kind, FileState::cleaned}));
    EXPECT_EQ(parse_file_name(name + ".deleted"),
              (SegmentFileName{Offset{7}, kind, FileState::deleted}));
  }
}

TEST(FileName, StrangersAreNotSegmentFiles) {
  for (const char* name :
       {"leader-epoch-checkpoint", "x.log", ".log", "-1.log", "12.log.tmp",
        "99999999999999999999.log", "00000000000000000042-0000000007.checkpoint.deleted"}) {
    EXPECT_EQ(parse_file_name(name), std::nullopt) << name;
  }
}

TEST(FolderName, PartitionIsWhatStandsBehindTheLastDash) {
  const auto parsed = parse_folder_name("my-topic.v1-12");
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(*parsed, (FolderName{"my-topic.v1", PartitionIndex{12}, FolderKind::partition, ""}));
}

TEST(FolderName, MarkedFoldersAreReadBack) {
  for (const FolderKind kind : {FolderKind::deleted, FolderKind::future, FolderKind::stray}) {
    const auto parsed = parse_folder_name(folder_name("a.b-c", PartitionIndex{3}, kind, "0f1e"));
    ASSERT_TRUE(parsed.has_value());
    EXPECT_EQ(*parsed, (FolderName{"a.b-c", PartitionIndex{3}, kind, "0f1e"}));
  }
}

TEST(FolderName, MarkedFolderOfALongTopicStaysWithin255Characters) {
  const std::string topic(249, 't');
  const std::string name =
      folder_name(topic, PartitionIndex{100}, FolderKind::deleted, std::string(32, 'f'));
  EXPECT_EQ(name.size(), 255U);
  EXPECT_TRUE(name.ends_with("-100.ffffffffffffffffffffffffffffffff-delete"));
}

TEST(FolderName, WhatIsNoPartitionIsRefusedByName) {
  for (const char* name :
       {"lost+found", "topic", "-3", "topic-", "topic-x", "topic-1-delete", "topic-99999999999"}) {
    const auto parsed = parse_folder_name(name);
    ASSERT_FALSE(parsed.has_value()) << name;
    EXPECT_NE(parsed.error().text().find(name), std::string_view::npos);
  }
}

TEST(MetadataSnapshotName, IsReadBackInEveryState) {
  const MetadataSnapshotId id{Offset{42}, LeaderEpoch{7}};
  const std::string name = metadata_snapshot_name(id);
  EXPECT_EQ(name, "00000000000000000042-0000000007.checkpoint");
  EXPECT_EQ(parse_metadata_snapshot_name(name)->id, id);
  EXPECT_EQ(parse_metadata_snapshot_name(name + ".deleted")->state, MetadataSnapshotState::deleted);
  EXPECT_EQ(parse_metadata_snapshot_name(name + "8157.part")->state,
            MetadataSnapshotState::partial);
  EXPECT_FALSE(parse_metadata_snapshot_name("42-7.checkpoint").has_value());
  EXPECT_FALSE(parse_metadata_snapshot_name("bootstrap.checkpoint").has_value());
}

}  // namespace
}  // namespace moldau::log
