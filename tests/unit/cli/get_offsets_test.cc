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

}  // namespace
}  // namespace moldau::cli
