#include "cli/configs.h"

#include "unit/cli/tool_on_node.h"

namespace moldau::cli {
namespace {

using ConfigsTool = ToolOnNode;

TEST_F(ConfigsTool, ChangesAndShowsSettingsOfATopic) {
  (void)tool({"topics", "--create", "--topic", "t1"});
  EXPECT_EQ(tool({"configs", "--alter", "--topic", "t1", "--add-config",
                  "retention.ms=7200000,cleanup.policy=[compact,delete]"})
                .out,
            "Completed updating config for topic t1.\n");
  EXPECT_EQ(tool({"configs", "--describe", "--topic", "t1"}).out,
            "Dynamic configs for topic t1 are:\n"
            "  cleanup.policy=compact,delete sensitive=false "
            "synonyms={DYNAMIC_TOPIC_CONFIG:cleanup.policy=compact,delete, "
            "DEFAULT_CONFIG:log.cleanup.policy=delete}\n"
            "  retention.ms=7200000 sensitive=false "
            "synonyms={DYNAMIC_TOPIC_CONFIG:retention.ms=7200000}\n");
  (void)tool(
      {"configs", "--alter", "--topic", "t1", "--delete-config", "retention.ms,cleanup.policy"});
  EXPECT_EQ(tool({"configs", "--describe", "--topic", "t1"}).out,
            "Dynamic configs for topic t1 are:\n");
}

TEST_F(ConfigsTool, RefusalsSayWhatIsWrong) {
  (void)tool({"topics", "--create", "--topic", "t1"});
  const Ended unknown = tool({"configs", "--alter", "--topic", "t1", "--add-config", "nope=1"});
  EXPECT_EQ(unknown.code, 1);
  EXPECT_NE(unknown.err.find("Unknown topic config name: nope"), std::string::npos);
  EXPECT_NE(tool({"configs", "--describe", "--entity-type", "nonsense"})
                .err.find("Invalid entity type nonsense"),
            std::string::npos);
  EXPECT_EQ(tool({"configs", "--describe", "--topic", "nope"}).out,
            "The topic 'nope' doesn't exist and doesn't have dynamic config.\n");
}

}  // namespace
}  // namespace moldau::cli
