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

TEST_F(FeaturesTool, LevelsThatNoUpgradeCanHaveAreNotSent) {
  const Ended negative = tool({"features", "upgrade", "--feature", "group.version=-1"});
  EXPECT_EQ(negative.code, 1);
  EXPECT_EQ(negative.out, "");
  EXPECT_EQ(negative.err, "Cannot specify a negative version level.\n");
  const Ended zero = tool({"features", "upgrade", "--feature", "metadata.version=0"});
  EXPECT_EQ(zero.code, 1);
  EXPECT_EQ(zero.out, "");
  EXPECT_EQ(zero.err,
            "The upgradeType flag should be set to SAFE_DOWNGRADE or UNSAFE_DOWNGRADE when the "
            "provided maxVersionLevel:0 is < 1.\n");
}

TEST_F(FeaturesTool, DependenciesAreOfAFeature) {
  const Ended none = tool({"features", "feature-dependencies"});
  EXPECT_EQ(none.code, 1);
  EXPECT_EQ(none.err, "Command line error: argument --feature is required. Type --help for help.");
}

}  // namespace
}  // namespace moldau::cli
