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

TEST_F(FeaturesTool, TheKindOfTheEndpointIsChecked) {
  const Ended broker =
      tool_alone({"features", "--bootstrap-controller", "127.0.0.1:9092", "describe"});
  EXPECT_EQ(broker.code, 1);
  EXPECT_EQ(broker.out, "");
  EXPECT_EQ(broker.err,
            "org.apache.kafka.common.errors.MismatchedEndpointTypeException: The request was sent "
            "to an endpoint of type BROKER, but we wanted an endpoint of type CONTROLLER\n");
  const Ended change = tool_alone({"features", "--bootstrap-controller", "127.0.0.1:9092",
                                   "downgrade", "--feature", "share.version=1"});
  EXPECT_EQ(change.code, 1);
  EXPECT_TRUE(
      change.out.starts_with("Could not downgrade share.version to 1. The request was sent"))
      << change.out;
  EXPECT_EQ(change.err, "1 out of 1 operation(s) failed.\n");
  EXPECT_EQ(tool_alone({"features", "--bootstrap-server", "127.0.0.1:9", "upgrade"}).err,
            "You must specify at least one feature to upgrade\n")
      << "before anybody is asked";
  const Ended right =
      tool_alone({"features", "--bootstrap-controller", "127.0.0.1:9093", "describe"});
  EXPECT_EQ(right.code, 0) << right.err;
}

}  // namespace
}  // namespace moldau::cli
