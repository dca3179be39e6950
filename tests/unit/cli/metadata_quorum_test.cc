#include "cli/metadata_quorum.h"

#include "unit/cli/tool_on_node.h"

namespace moldau::cli {
namespace {

using QuorumTool = ToolOnNode;

TEST_F(QuorumTool, StatusNamesLeaderAndVoters) {
  const std::string out = tool({"metadata-quorum", "describe", "--status"}).out;
  EXPECT_NE(out.find("LeaderId:               1\nLeaderEpoch:            1\n"), std::string::npos);
  EXPECT_NE(out.find("CurrentVoters:          [{\"id\": 1, \"endpoints\": "
                     "[\"CONTROLLER://127.0.0.1:9093\"]}]\n"),
            std::string::npos)
      << out;
}

TEST_F(QuorumTool, ReplicationIsATableWithTheLeaderFirst) {
  const std::string out = tool({"metadata-quorum", "describe", "--replication"}).out;
  EXPECT_TRUE(out.starts_with("NodeId\tDirectoryId")) << out;
  EXPECT_NE(out.find("\tLeader"), std::string::npos);
}

TEST_F(QuorumTool, DescribeNeedsOneOfTwo) {
  EXPECT_EQ(tool({"metadata-quorum", "describe"}).err,
            "One of --status or --replication must be specified with describe sub-command\n");
}

}  // namespace
}  // namespace moldau::cli
