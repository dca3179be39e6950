#include "cli/cluster.h"

#include "unit/cli/tool_on_node.h"

namespace moldau::cli {
namespace {

using ClusterTool = ToolOnNode;

TEST_F(ClusterTool, PrintsIdAndEndpoints) {
  EXPECT_TRUE(tool({"cluster", "cluster-id"}).out.starts_with("Cluster ID: "));
  EXPECT_EQ(tool({"cluster", "list-endpoints"}).out,
            "ID         HOST      PORT       RACK       STATE      ENDPOINT_TYPE  \n"
            "1          127.0.0.1 9092       null       unfenced   broker         \n");
}

TEST_F(ClusterTool, JsonNamesTheColumns) {
  EXPECT_TRUE(tool({"cluster", "cluster-id", "--json"}).out.starts_with("{\"clusterId\":\""));
  const std::string out = tool({"cluster", "list-endpoints", "--json"}).out;
  EXPECT_TRUE(out.contains("\"port\": 9092")) << out;
}

TEST_F(ClusterTool, NeedsAnActionAndAServer) {
  EXPECT_EQ(tool({"cluster"}).code, 1);
  EXPECT_EQ(tool_alone({"cluster", "cluster-id"}).code, 1);
}

}  // namespace
}  // namespace moldau::cli
