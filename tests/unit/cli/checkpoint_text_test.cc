#include "cli/checkpoint_text.h"

#include <gtest/gtest.h>

namespace moldau::cli {
namespace {

std::string text(std::string_view name, std::string_view content) {
  EXPECT_TRUE(is_checkpoint_name(name));
  const auto out = checkpoint_text(name, content);
  return out ? *out : "error";
}

TEST(CheckpointTextTest, OffsetsOfPartitionsAreALineEach) {
  EXPECT_EQ(text("recovery-point-offset-checkpoint", "0\n2\na 0 5\nb 12 0\n"),
            "version: 0 entries: 2\ntopic: a partition: 0 offset: 5\n"
            "topic: b partition: 12 offset: 0\n");
  EXPECT_EQ(text("cleaner-offset-checkpoint", "0\n0\n"), "version: 0 entries: 0\n");
}

TEST(CheckpointTextTest, TheTopicOfAFolderIsNamed) {
  EXPECT_EQ(text("partition.metadata", "version: 0\ntopic_id: dEIfYk8nRo2IcorfVWFqNA"),
            "version: 0 topicId: dEIfYk8nRo2IcorfVWFqNA\n");
}

TEST(CheckpointTextTest, AStaticQuorumListsItsVoters) {
  EXPECT_EQ(text("quorum-state",
                 R"({"clusterId":"","leaderId":1,"leaderEpoch":4,"votedId":-1,"appliedOffset":0,)"
                 R"("currentVoters":[{"voterId":1},{"voterId":2}],"data_version":0})"),
            "version: 0 leaderId: 1 leaderEpoch: 4 votedId: -1 appliedOffset: 0 "
            "currentVoters: [1,2]\n");
}

TEST(CheckpointTextTest, ADynamicQuorumKnowsTheDirectoryVotedFor) {
  EXPECT_EQ(
      text("quorum-state", R"({"leaderId":-1,"leaderEpoch":4,"votedId":2,)"
                           R"("votedDirectoryId":"dEIfYk8nRo2IcorfVWFqNA","data_version":1})"),
      "version: 1 leaderId: -1 leaderEpoch: 4 votedId: 2 votedDirectoryId: "
      "dEIfYk8nRo2IcorfVWFqNA\n");
}

TEST(CheckpointTextTest, MetaPropertiesLeaveOutWhatTheyDoNotSay) {
  EXPECT_EQ(text("meta.properties", "#\nversion=1\nnode.id=3\ncluster.id=c\n"),
            "version: 1 clusterId: c nodeId: 3\n");
}

TEST(CheckpointTextTest, TheCleanShutdownMarkerHasAnEpoch) {
  EXPECT_EQ(text(".kafka_cleanshutdown", R"({"version":0,"brokerEpoch":7})"),
            "version: 0 brokerEpoch: 7\n");
}

TEST(CheckpointTextTest, ATornFileIsAnError) {
  EXPECT_EQ(text("replication-offset-checkpoint", "0\n2\na 0 5\n"), "error");
  EXPECT_EQ(text("leader-epoch-checkpoint", "9\n0\n"), "error");
}

TEST(CheckpointTextTest, SegmentsAreNoneOfThem) {
  EXPECT_FALSE(is_checkpoint_name("00000000000000000000.log"));
  EXPECT_FALSE(is_checkpoint_name("bootstrap.checkpoint"));
}

}  // namespace
}  // namespace moldau::cli
