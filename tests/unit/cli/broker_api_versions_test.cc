#include "cli/broker_api_versions.h"

#include "unit/cli/tool_on_node.h"

namespace moldau::cli {
namespace {

using ApiVersionsTool = ToolOnNode;

TEST_F(ApiVersionsTool, PrintsRangesOfTheBroker) {
  const std::string out = tool({"broker-api-versions"}).out;
  EXPECT_TRUE(
      out.starts_with("127.0.0.1:9092 (id: 1 rack: null isFenced: false) -> (\n"
                      "\tProduce(0): 0 to 13 [usable: 13],\n"))
      << out;
  EXPECT_TRUE(out.ends_with("\n)\n"));
}

}  // namespace
}  // namespace moldau::cli
