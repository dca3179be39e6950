#include "cli/features.h"

#include "unit/cli/tool_on_node.h"

namespace moldau::cli {
namespace {

using FeaturesTool = ToolOnNode;

TEST_F(FeaturesTool, DescribesWhatIsFinalized) {
  const Ended described = tool({"features", "describe"});
  EXPECT_EQ(described.code, 0);
  EXPECT_NE(described.out.find("Feature: metadata.version"), std::string::npos);
  EXPECT_NE(described.out.find("FinalizedVersionLevel: 4.4-IV2"), std::string::npos);
}

TEST_F(FeaturesTool, ChangesALevelAndRefusesAnUnknownFeature) {
  EXPECT_EQ(tool({"features", "downgrade", "--feature", "share.version=1"}).out,
            "share.version was downgraded to 1.\n");
  const Ended refused = tool({"features", "upgrade", "--feature", "nope=1"});
  EXPECT_EQ(refused.code, 1);
  EXPECT_TRUE(refused.out.starts_with("Could not upgrade nope to 1. ")) << refused.out;
  EXPECT_EQ(refused.err, "1 out of 1 operation(s) failed.\n");
}

}  // namespace
}  // namespace moldau::cli
