#include "cli/feature_text.h"

#include "unit/cli/tool_on_node.h"

namespace moldau::cli {
namespace {

using FeatureText = ToolOnNode;

TEST_F(FeatureText, MappingOfTheNewestReleaseIsKafkas) {
  EXPECT_EQ(tool_alone({"features", "version-mapping"}).out,
            "metadata.version=33 (4.4-IV2)\nkraft.version=1\ntransaction.version=2\n"
            "group.version=1\neligible.leader.replicas.version=1\nshare.version=2\n"
            "streams.version=1\n");
}

TEST_F(FeatureText, DependenciesAreNamed) {
  EXPECT_EQ(tool_alone({"features", "feature-dependencies", "--feature",
                        "eligible.leader.replicas.version=1", "--feature", "transaction.version=2"})
                .out,
            "eligible.leader.replicas.version=1 requires:\n    metadata.version=23 (4.0-IV1)\n"
            "transaction.version=2 has no dependencies.\n");
  EXPECT_EQ(tool_alone({"features", "feature-dependencies", "--feature", "nope=1"}).err,
            "Unknown feature: nope\n");
}

TEST(FeatureChoice, NeedsALevel) {
  EXPECT_EQ(read_feature_choice("a=3")->level.value, 3);
  EXPECT_FALSE(read_feature_choice("a").has_value());
  EXPECT_FALSE(read_feature_choice("a=x").has_value());
}

}  // namespace
}  // namespace moldau::cli
