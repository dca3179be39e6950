#include "cli/broker_api_versions.h"

#include "protocol/api_table.h"
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

TEST_F(ApiVersionsTool, NamesTheApisThatTheBrokerLacks) {
  const std::string out = tool({"broker-api-versions"}).out;
  for (const protocol::ApiFacts& api : protocol::all_apis()) {
    const std::string line = fmt::format("\t{}({}): ", api.name, static_cast<int>(api.key));
    if (api.broker) EXPECT_NE(out.find(line), std::string::npos) << line;
  }
  EXPECT_NE(out.find(": UNSUPPORTED,\n"), std::string::npos);
  EXPECT_EQ(out.find("(52): "), std::string::npos) << "Vote is for controllers alone";
}

}  // namespace
}  // namespace moldau::cli
