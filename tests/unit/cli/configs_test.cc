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

TEST_F(ConfigsTool, AllSettingsOfATopicThatIsNotThereAreAnError) {
  const Ended none = tool({"configs", "--describe", "--topic", "nope", "--all"});
  EXPECT_EQ(none.code, 1);
  EXPECT_EQ(none.out, "All configs for topic nope are:\n");
  EXPECT_NE(none.err.find("org.apache.kafka.common.errors.UnknownTopicOrPartitionException: "),
            std::string::npos)
      << none.err;
}

TEST_F(ConfigsTool, SettingsOfABrokerAreChangedAtThatBroker) {
  EXPECT_EQ(
      tool({"configs", "--alter", "--broker", "1", "--add-config", "log.cleaner.threads=2"}).out,
      "Completed updating config for broker 1.\n");
  for (const std::string kind : {"--broker", "--broker-logger"}) {
    const Ended away = tool({"configs", "--alter", kind, "2", "--add-config", "a=2"});
    EXPECT_EQ(away.code, 1);
    EXPECT_NE(away.err.find("org.apache.kafka.common.errors.TimeoutException: Timed out waiting "
                            "for a node assignment. Call: incrementalAlterConfigs\n"),
              std::string::npos)
        << away.err;
  }
}

TEST_F(ConfigsTool, NodeThatIsNotThereHasNothingToShow) {
  EXPECT_EQ(tool({"configs", "--describe", "--broker", "2"}).out,
            "The broker '2' doesn't exist and doesn't have dynamic config.\n");
  EXPECT_EQ(tool({"configs", "--describe", "--broker-logger", "2"}).out,
            "The broker-logger '2' doesn't exist and doesn't have dynamic config.\n");
  const Ended asked = tool_alone(
      {"configs", "--bootstrap-controller", "127.0.0.1:9093", "--describe", "--broker", "2"});
  EXPECT_EQ(asked.out, "The broker '2' doesn't exist and doesn't have dynamic config.\n");
  EXPECT_EQ(asked.code, 0) << asked.err;
}

TEST_F(ConfigsTool, SettingsAreReadAsKafkasToolReadsThem) {
  (void)tool({"topics", "--create", "--topic", "t1"});
  EXPECT_EQ(tool({"configs", "--alter", "--topic", "t1", "--add-config",
                  "cleanup.policy = [compact,delete] , retention.ms = 777"})
                .out,
            "Completed updating config for topic t1.\n");
  EXPECT_EQ(tool({"configs", "--alter", "--topic", "t1", "--delete-config", "cleanup.policy",
                  "--delete-config", " retention.ms"})
                .out,
            "Completed updating config for topic t1.\n");
  EXPECT_EQ(tool({"configs", "--describe", "--topic", "t1"}).out,
            "Dynamic configs for topic t1 are:\n");
  EXPECT_EQ(tool({"configs", "--alter", "--topic", "t1", "--add-config", ""}).err,
            "requirement failed: Invalid entity config: all configs to be added must be in the "
            "format \"key=val\" or  \"key=[val1,val2]\" to group values which contain commas.\n");
  EXPECT_EQ(tool({"configs", "--alter", "--topic", "t1", "--add-config", "a b=1"}).err,
            "Invalid character found for config key: a b\n");
}

TEST_F(ConfigsTool, ListsGroupsAndMetricsSubscriptionsWithSettings) {
  EXPECT_EQ(tool({"configs", "--describe", "--entity-type", "groups"}).out, "");
  (void)tool(
      {"configs", "--alter", "--group", "g", "--add-config", "share.auto.offset.reset=earliest"});
  EXPECT_EQ(tool({"configs", "--describe", "--entity-type", "groups"}).out,
            "Dynamic configs for group g are:\n"
            "  share.auto.offset.reset=earliest sensitive=false "
            "synonyms={DYNAMIC_GROUP_CONFIG:share.auto.offset.reset=earliest, "
            "DEFAULT_CONFIG:share.auto.offset.reset=latest}\n");
  EXPECT_EQ(tool({"configs", "--describe", "--group", "h"}).out,
            "The group 'h' doesn't exist and doesn't have dynamic config.\n");
  (void)tool({"configs", "--alter", "--client-metrics", "m", "--add-config", "interval.ms=1000"});
  EXPECT_EQ(tool({"configs", "--describe", "--entity-type", "client-metrics"}).out,
            "Dynamic configs for client-metric m are:\n"
            "  interval.ms=1000 sensitive=false "
            "synonyms={DYNAMIC_CLIENT_METRICS_CONFIG:interval.ms=1000}\n");
}

}  // namespace
}  // namespace moldau::cli
