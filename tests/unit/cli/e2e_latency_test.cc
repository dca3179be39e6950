#include "cli/e2e_latency.h"

#include "unit/cli/tool_on_node.h"

namespace moldau::cli {
namespace {

using E2eLatency = ToolOnNode;

TEST_F(E2eLatency, MakesTheTopicAndPrintsPercentiles) {
  const Ended ended = tool({"e2e-latency", "--topic", "t", "--num-records", "5", "--producer-acks",
                            "all", "--record-size", "10", "--num-headers", "2"});
  EXPECT_EQ(ended.code, 0) << ended.err;
  EXPECT_TRUE(
      ended.out.starts_with("Topic \"t\" does not exist. Will create topic with 1 "
                            "partition(s) and replication factor = 1\n0\t"))
      << ended.out;
  EXPECT_TRUE(ended.out.find("Percentiles: 50th = ") != std::string::npos);
}

TEST_F(E2eLatency, OldFormWorksWithANote) {
  const Ended ended = tool_alone({"e2e-latency", "127.0.0.1:9092", "t", "1", "1", "10"});
  EXPECT_EQ(ended.code, 0) << ended.err;
  EXPECT_TRUE(ended.out.starts_with("WARNING: Positional argument usage is deprecated"));
}

TEST_F(E2eLatency, RefusalsAreKafkas) {
  EXPECT_TRUE(tool({"e2e-latency", "--topic", "t", "--num-records", "5", "--producer-acks", "2",
                    "--record-size", "10"})
                  .err.starts_with("Invalid value for --producer-acks."));
  EXPECT_TRUE(tool({"e2e-latency", "--topic", "t", "--num-records", "0", "--producer-acks", "1",
                    "--record-size", "10"})
                  .err.starts_with("Value for --num-records must be a positive integer."));
  EXPECT_TRUE(tool_alone({"e2e-latency", "a", "b"})
                  .err.starts_with("Invalid number of arguments. Expected 5 or 6"));
}

}  // namespace
}  // namespace moldau::cli
