#include "cli/topics.h"

#include "unit/cli/tool_on_node.h"

namespace moldau::cli {
namespace {

using TopicsTool = ToolOnNode;

TEST_F(TopicsTool, CreatesListsAltersAndDeletes) {
  EXPECT_EQ(tool({"topics", "--create", "--topic", "t1", "--partitions", "3"}).out,
            "Created topic t1.\n");
  EXPECT_EQ(tool({"topics", "--list"}).out, "t1\n");
  EXPECT_EQ(tool({"topics", "--alter", "--topic", "t1", "--partitions", "5"}).code, 0);
  const Ended described = tool({"topics", "--describe", "--topic", "t1"});
  EXPECT_NE(described.out.find("PartitionCount: 5\tReplicationFactor: 1"), std::string::npos);
  EXPECT_NE(described.out.find("\tTopic: t1\tPartition: 4\tLeader: 1\tReplicas: 1\tIsr: 1\tElr: "),
            std::string::npos);
  EXPECT_EQ(tool({"topics", "--delete", "--topic", "t1"}).code, 0);
  EXPECT_EQ(tool({"topics", "--list"}).out, "");
}

TEST_F(TopicsTool, RefusalsAreKafkasWithExitCode1) {
  (void)tool({"topics", "--create", "--topic", "t1"});
  const Ended again = tool({"topics", "--create", "--topic", "t1"});
  EXPECT_EQ(again.code, 1);
  EXPECT_EQ(again.out, "Error while executing topic command : Topic 't1' already exists.\n");
  EXPECT_EQ(tool({"topics", "--create", "--topic", "t1", "--if-not-exists"}).code, 0);
  EXPECT_EQ(tool({"topics", "--describe", "--topic", "nope"}).out,
            "Error while executing topic command : Topic 'nope' does not exist as expected\n");
  EXPECT_EQ(tool({"topics", "--create", "--topic", "x", "--partitions", "0"}).out,
            "Error while executing topic command : The partitions must be greater than 0\n");
  EXPECT_EQ(tool({"topics", "--create", "--list", "--topic", "x"}).code, 1);
  EXPECT_EQ(tool_alone({"topics", "--list"}).err, "--bootstrap-server must be specified\n");
}

TEST_F(TopicsTool, EmptyTopicNameMeansNone) {
  (void)tool({"topics", "--create", "--topic", "t1"});
  EXPECT_EQ(tool({"topics", "--list", "--topic", ""}).out, "\n");
  for (const std::string action : {"--describe", "--delete"}) {
    const Ended none = tool({"topics", action, "--topic", ""});
    EXPECT_EQ(none.out, "") << action;
    EXPECT_EQ(none.code, 0) << action;
  }
  EXPECT_EQ(tool({"topics", "--alter", "--topic", "", "--partitions", "3"}).code, 0);
  EXPECT_EQ(tool({"topics", "--list"}).out, "t1\n");
}

TEST_F(TopicsTool, SettingNeedsAValueAndAnAssignmentMayBeEmpty) {
  EXPECT_EQ(tool({"topics", "--create", "--topic", "t1", "--config", "retention.ms="}).out,
            "Error while executing topic command : requirement failed: Invalid topic config: all "
            "configs to be added must be in the format \"key=val\".\n");
  EXPECT_EQ(tool({"topics", "--create", "--topic", "t1", "--config", "retention.ms = 5",
                  "--replica-assignment", ""})
                .out,
            "Created topic t1.\n");
  const Ended twice = tool({"topics", "--list", "--bootstrap-server", "127.0.0.1:9092"});
  EXPECT_EQ(twice.out, "");
  EXPECT_EQ(twice.err,
            "Found multiple arguments for option bootstrap-server, but you asked for only one\n");
}

}  // namespace
}  // namespace moldau::cli
