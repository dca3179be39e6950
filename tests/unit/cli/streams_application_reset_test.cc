#include "cli/streams_application_reset.h"

#include "unit/cli/tool_on_node.h"

namespace moldau::cli {
namespace {

TEST(StreamsApplicationReset, KnowsTheNamesThatStreamsGives) {
  for (const std::string_view name :
       {"app-store-changelog", "app-x-repartition", "app-x-subscription-registration-topic",
        "app-x-subscription-response-topic",
        "app-KTABLE-FK-JOIN-SUBSCRIPTION-REGISTRATION-0000000012-topic",
        "app-KTABLE-FK-JOIN-SUBSCRIPTION-RESPONSE-1-topic"}) {
    EXPECT_TRUE(is_streams_internal_name(name)) << name;
  }
  for (const std::string_view name :
       {"app-output", "app-topic", "-topic", "12-topic",
        "-KTABLE-FK-JOIN-SUBSCRIPTION-RESPONSE-1-topic",
        "app-KTABLE-FK-JOIN-SUBSCRIPTION-RESPONSE--topic", "app-changelog-old"}) {
    EXPECT_FALSE(is_streams_internal_name(name)) << name;
  }
}

class StreamsApplicationResetOnNode : public ToolOnNode {
 protected:
  StreamsApplicationResetOnNode() {
    for (const std::string name : {"in", "app-store-changelog", "app-out"}) {
      (void)tool({"topics", "--create", "--topic", name});
    }
    (void)tool({"console-producer", "--topic", "in"}, {"a", "b", "c"});
  }
  Ended reset(std::vector<std::string> words) {
    words.insert(words.begin(), {"streams-application-reset", "--application-id", "app"});
    return tool(std::move(words));
  }
};

TEST_F(StreamsApplicationResetOnNode, SetsOffsetsAndDeletesInternalTopics) {
  const Ended dry = reset({"--input-topics", "in", "--to-offset", "2", "--dry-run"});
  EXPECT_EQ(dry.code, 0) << dry.err;
  EXPECT_NE(dry.out.find("Topic: in Partition: 0 Offset: 2\n"), std::string::npos);
  EXPECT_NE(dry.out.find("Deleting inferred internal topics [app-store-changelog]\n"),
            std::string::npos);
  EXPECT_EQ(tool({"topics", "--list", "--exclude-internal"}).out,
            "app-out\napp-store-changelog\nin\n");
  EXPECT_EQ(reset({"--input-topics", "in", "--to-offset", "2"}).code, 0);
  EXPECT_EQ(tool({"topics", "--list", "--exclude-internal"}).out, "app-out\nin\n");
  // It goes on from where the offsets are.
  EXPECT_NE(reset({"--input-topics", "in", "--shift-by", "-1"})
                .out.find("Topic: in Partition: 0 Offset: 1\n"),
            std::string::npos);
}

TEST_F(StreamsApplicationResetOnNode, WhatIsMissingFailsTheToolBehindTheRest) {
  const Ended ended = reset({"--input-topics", "in,nope"});
  EXPECT_EQ(ended.code, 1);
  EXPECT_NE(ended.out.find("Following input topics are not found, skipping them\nTopic: nope\n"),
            std::string::npos);
  EXPECT_NE(ended.out.find("Topic: in Partition: 0 Offset: 0\n"), std::string::npos);
  EXPECT_TRUE(reset({"--internal-topics", "app-out"})
                  .err.starts_with("ERROR: java.lang.IllegalArgumentException: Invalid topic"));
}

}  // namespace
}  // namespace moldau::cli
