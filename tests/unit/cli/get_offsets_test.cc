#include "cli/get_offsets.h"

#include "unit/cli/tool_on_node.h"

namespace moldau::cli {
namespace {

class GetOffsets : public ToolOnNode {
 protected:
  GetOffsets() {
    (void)tool({"topics", "--create", "--topic", "t1", "--partitions", "11"});
    (void)tool({"topics", "--create", "--topic", "t2"});
    (void)tool({"console-producer", "--topic", "t2"}, {"a", "b", "c"});
  }
};

TEST_F(GetOffsets, PrintsEachPartitionInTheOrderOfItsName) {
  const std::string out = tool({"get-offsets", "--topic", "t1"}).out;
  EXPECT_TRUE(out.starts_with("t1:0:0\nt1:1:0\nt1:10:0\nt1:2:0\n")) << out;
}

TEST_F(GetOffsets, TimesAndRulesChoose) {
  EXPECT_EQ(tool({"get-offsets", "--topic", "t2"}).out, "t2:0:3\n");
  EXPECT_EQ(tool({"get-offsets", "--topic", "t2", "--time", "earliest"}).out, "t2:0:0\n");
  EXPECT_EQ(tool({"get-offsets", "--topic-partitions", "t1:0-2,t2"}).out,
            "t1:0:0\nt1:1:0\nt2:0:3\n");
}

TEST_F(GetOffsets, EmptyPartsAtTheEndAreNoRules) {
  EXPECT_EQ(tool({"get-offsets", "--topic-partitions", "t2:0,"}).out, "t2:0:3\n");
  const Ended nothing = tool({"get-offsets", "--topic-partitions", ","});
  EXPECT_EQ(nothing.code, 1);
  EXPECT_EQ(nothing.err,
            "Error occurred: Could not match any topic-partitions with the specified filters\n");
  EXPECT_EQ(tool({"get-offsets", "--topic", "t2", "--partitions", "0,,"}).out, "t2:0:3\n");
  EXPECT_EQ(tool({"get-offsets", "--topic", "t2", "--partitions", ","}).out, "t2:0:3\n");
}

TEST_F(GetOffsets, RulesThatAreNoneAreTold) {
  for (const std::string rule : {"t2:0:1", "t2:0;t2:1", "t2:x", "t2:+1", "t2:1-2-3"}) {
    const Ended ended = tool({"get-offsets", "--topic-partitions", rule});
    EXPECT_EQ(ended.code, 1);
    EXPECT_EQ(
        ended.err,
        "Error occurred: org.apache.kafka.tools.TerseException: Invalid rule specification: " +
            rule + "\n");
  }
  EXPECT_EQ(tool({"get-offsets", "--topic-partitions", "t2:4294967296"}).err,
            "Error occurred: For input string: \"4294967296\"\n");
  EXPECT_EQ(tool({"get-offsets", "--topic", "t2", "--partitions", "4294967296"}).err,
            "Error occurred: --partitions expects a comma separated list of numeric partition ids, "
            "but received: 4294967296\n");
}

TEST_F(GetOffsets, APartitionThatIsSkippedSaysWhy) {
  const Ended ended = tool({"get-offsets", "--topic", "t2", "--time", "-7"});
  EXPECT_EQ(ended.code, 0);
  EXPECT_EQ(ended.err,
            "Skip getting offsets for topic-partition t2-0 due to error: "
            "org.apache.kafka.common.errors.UnsupportedVersionException: The version of API is not "
            "supported.\n");
}

TEST_F(GetOffsets, JsonIsAListOfPartitions) {
  EXPECT_EQ(tool({"get-offsets", "--topic", "t2", "--json"}).out,
            "[\n {\n  \"topic\": \"t2\",\n  \"partition\": 0,\n  \"offset\": 3\n }\n]\n");
}

TEST_F(GetOffsets, RefusalsAreKafkas) {
  EXPECT_EQ(tool({"get-offsets", "--topic", "nope"}).err,
            "Error occurred: Could not match any topic-partitions with the specified filters\n");
  EXPECT_EQ(tool({"get-offsets", "--topic", "t2", "--topic-partitions", "t1"}).err,
            "Error occurred: --topic-partitions cannot be used with --topic or --partitions\n");
  EXPECT_TRUE(tool({"get-offsets", "--topic", "t2", "--time", "sometime"})
                  .err.starts_with("Error occurred: Malformed time argument sometime."));
}

TEST_F(GetOffsets, AFileThatIsNotThereIsNamed) {
  const Ended ended = tool({"get-offsets", "--topic", "t2", "--command-config", "nowhere"});
  EXPECT_EQ(ended.code, 1);
  EXPECT_EQ(ended.err, "Error occurred: nowhere\n");
}

}  // namespace
}  // namespace moldau::cli
