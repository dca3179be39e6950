#include "log/checkpoint_files.h"

#include <gtest/gtest.h>

#include "unit/log/log_world.h"

namespace moldau::log {
namespace {

const std::string& golden(const char* folder, const std::string& name) {
  static std::map<std::string, std::map<std::string, std::string>> folders;
  auto& files = folders[folder];
  if (files.empty()) files = LogWorld::golden_folder(folder);
  return files.at(name);
}

TEST(OffsetCheckpoint, KafkasFileIsWrittenBackByteForByte) {
  for (const char* name : {"recovery-point-offset-checkpoint", "replication-offset-checkpoint",
                           "log-start-offset-checkpoint"}) {
    const std::string& text = golden("one", name);
    const auto entries = parse_offset_checkpoint(text);
    ASSERT_TRUE(entries.has_value()) << name;
    EXPECT_EQ(write_offset_checkpoint(*entries), text) << name;
  }
}

TEST(OffsetCheckpoint, EmptyFileHasNoEntries) {
  EXPECT_TRUE(parse_offset_checkpoint("")->empty());
  EXPECT_EQ(write_offset_checkpoint({}), "0\n0\n");
}

TEST(OffsetCheckpoint, WhatKafkaRefusesIsRefused) {
  for (const char* text : {"1\n0\n", "0\nx\n", "0\n2\na 0 1\n", "0\n1\na 0\n", "0\n1\na 0 1 2\n",
                           "0\n1\na x 1\n", "0\n2\na 0 1\na 0 2\n", "0\n-1\n"}) {
    EXPECT_EQ(parse_offset_checkpoint(text).error().code(), Errc::corrupt_data) << text;
  }
}

TEST(EpochCheckpoint, KafkasFileIsWrittenBackByteForByte) {
  const std::string& text = golden("two/plain-0", "leader-epoch-checkpoint");
  const auto entries = parse_epoch_checkpoint(text);
  ASSERT_TRUE(entries.has_value());
  EXPECT_EQ(entries->size(), 2U);
  EXPECT_EQ(write_epoch_checkpoint(*entries), text);
  EXPECT_FALSE(parse_epoch_checkpoint("0\n1\n1\n").has_value());
}

TEST(PartitionMetadata, KafkasFileIsWrittenBackByteForByte) {
  const std::string& text = golden("one/plain-0", "partition.metadata");
  const auto id = parse_partition_metadata(text);
  ASSERT_TRUE(id.has_value());
  EXPECT_EQ(write_partition_metadata(*id), text);
  for (const char* bad :
       {"", "version: 1\ntopic_id: AAAAAAAAAAAAAAAAAAAAAQ", "version: 0", "version: 0\ntopic_id: x",
        "version: 0\ntopic_id: AAAAAAAAAAAAAAAAAAAAAA"}) {
    EXPECT_FALSE(parse_partition_metadata(bad).has_value()) << bad;
  }
}

TEST(CleanShutdown, KafkasFileIsWrittenBackByteForByte) {
  const std::string& text = golden("one", ".kafka_cleanshutdown");
  EXPECT_EQ(parse_clean_shutdown(text).broker_epoch, BrokerEpoch{11});
  EXPECT_EQ(write_clean_shutdown(parse_clean_shutdown(text)), text);
}

TEST(CleanShutdown, UnreadableMarkerIsAMarkerWithoutEpoch) {
  for (const char* text : {"", "{", "[1]", R"({"version":0,"brokerEpoch":-1})",
                           R"({"version":0,"brokerEpoch":"x"})"}) {
    EXPECT_EQ(parse_clean_shutdown(text).broker_epoch, std::nullopt) << text;
  }
  EXPECT_EQ(write_clean_shutdown({}), R"({"version":0,"brokerEpoch":-1})");
}

TEST(MetaPropertiesFile, KafkasFileIsWrittenBackByteForByteAtItsTime) {
  const std::string& text = golden("one", "meta.properties");
  const auto meta = parse_meta_properties(text);
  ASSERT_TRUE(meta.has_value());
  EXPECT_EQ(meta->node_id, BrokerId{1});
  EXPECT_EQ(meta->cluster_id, "MkU3OEVBNTcwNTJENDM2Qg");
  // "Sat Nov 21 09:35:28 UTC 2026"
  EXPECT_EQ(write_meta_properties(*meta, timestamp_of(1'795'253'728'000)), text);
}

TEST(MetaPropertiesFile, OddClusterIdSurvivesJavasEscapes) {
  const MetaProperties meta{.version = 1,
                            .cluster_id = " a=b:c#d!e\\f\tg",
                            .node_id = BrokerId{3},
                            .directory_id = Uuid{5, 6}};
  const std::string text = write_meta_properties(meta, timestamp_of(0));
  EXPECT_NE(text.find("#Thu Jan 01 00:00:00 UTC 1970\n"), std::string::npos);
  EXPECT_EQ(*parse_meta_properties(text), meta);
}

TEST(MetaPropertiesFile, Version0KnowsABrokerId) {
  const auto meta = parse_meta_properties("version=0\nbroker.id=4\r\ncluster.id = \\u0078\n");
  ASSERT_TRUE(meta.has_value());
  EXPECT_EQ(meta->node_id, BrokerId{4});
  EXPECT_EQ(meta->cluster_id, "x");
}

TEST(MetaPropertiesFile, WhatKafkaRefusesIsRefused) {
  for (const char* text : {"version=1\ncluster.id=x\n", "version=1\nnode.id=1\n", "version=2\n",
                           "version=1\nnode.id=a\ncluster.id=x\n",
                           "version=1\nnode.id=1\ncluster.id=x\ndirectory.id=?\n",
                           "version=1\nnode.id=1\ncluster.id=\\u0\n"}) {
    EXPECT_FALSE(parse_meta_properties(text).has_value()) << text;
  }
}

TEST(QuorumStateFile, KafkasFileIsWrittenBackByteForByte) {
  const std::string& text = golden("metadata", "quorum-state");
  const auto state = parse_quorum_state(text);
  ASSERT_TRUE(state.has_value());
  EXPECT_EQ(state->leader, BrokerId{1});
  EXPECT_EQ(state->current_voters, std::vector{BrokerId{1}});
  EXPECT_EQ(write_quorum_state(*state), text);
}

TEST(QuorumStateFile, Version1KnowsTheDirectoryVotedFor) {
  const QuorumState state{.data_version = 1,
                          .leader = std::nullopt,
                          .leader_epoch = LeaderEpoch{2},
                          .voted = BrokerId{1},
                          .voted_directory = Uuid{0x27c68069f70b42ddULL, 0x9baace49d7fb3382ULL}};
  const std::string text = write_quorum_state(state);
  EXPECT_EQ(text, R"({"leaderId":-1,"leaderEpoch":2,"votedId":1,)"
                  R"("votedDirectoryId":"J8aAafcLQt2bqs5J1_szgg","data_version":1})");
  EXPECT_EQ(*parse_quorum_state(text), state);
}

TEST(QuorumStateFile, WhatIsNoStateIsRefused) {
  for (const char* text :
       {"", "[]", "{}", R"({"data_version":2,"leaderId":1,"leaderEpoch":1,"votedId":1})",
        R"({"data_version":1,"leaderId":1,"leaderEpoch":1,"votedId":1})",
        R"({"data_version":0,"leaderId":1,"leaderEpoch":"a","votedId":1})"}) {
    EXPECT_FALSE(parse_quorum_state(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace moldau::log
