#include "cli/metadata_quorum.h"

#include "unit/cli/tool_on_node.h"

namespace moldau::cli {
namespace {

using QuorumTool = ToolOnNode;

TEST_F(QuorumTool, StatusNamesLeaderAndVoters) {
  const std::string out = tool({"metadata-quorum", "describe", "--status"}).out;
  EXPECT_NE(out.find("LeaderId:               1\nLeaderEpoch:            1\n"), std::string::npos);
  EXPECT_NE(out.find("CurrentVoters:          [{\"id\": 1, \"endpoints\": "
                     "[\"CONTROLLER://127.0.0.1:9093\"]}]\n"),
            std::string::npos)
      << out;
}

TEST_F(QuorumTool, ReplicationIsATableWithTheLeaderFirst) {
  const std::string out = tool({"metadata-quorum", "describe", "--replication"}).out;
  EXPECT_TRUE(out.starts_with("NodeId\tDirectoryId")) << out;
  EXPECT_NE(out.find("\tLeader"), std::string::npos);
}

TEST_F(QuorumTool, TheKindOfTheEndpointIsChecked) {
  const Ended broker = tool_alone(
      {"metadata-quorum", "--bootstrap-controller", "127.0.0.1:9092", "describe", "--status"});
  EXPECT_EQ(broker.code, 1);
  EXPECT_EQ(broker.out, "");
  EXPECT_EQ(broker.err,
            "org.apache.kafka.common.errors.MismatchedEndpointTypeException: The request was sent "
            "to an endpoint of type BROKER, but we wanted an endpoint of type CONTROLLER\n");
  const Ended controller = tool_alone(
      {"metadata-quorum", "--bootstrap-server", "127.0.0.1:9093", "describe", "--replication"});
  EXPECT_EQ(controller.code, 1);
  EXPECT_EQ(controller.err,
            "org.apache.kafka.common.errors.UnsupportedVersionException: The node does not support "
            "METADATA\n");
  const Ended right = tool_alone(
      {"metadata-quorum", "--bootstrap-controller", "127.0.0.1:9093", "describe", "--status"});
  EXPECT_EQ(right.code, 0) << right.err;
}

TEST_F(QuorumTool, TimesForPeopleAreOfTheTable) {
  EXPECT_EQ(tool({"metadata-quorum", "describe", "--status", "--human-readable"}).err,
            "The option --human-readable is only supported along with --replication\n");
  EXPECT_EQ(tool({"metadata-quorum", "describe", "--replication", "--human-readable"}).code, 0);
}

TEST_F(QuorumTool, DescribeNeedsOneOfTwo) {
  EXPECT_EQ(tool({"metadata-quorum", "describe"}).err,
            "One of --status or --replication must be specified with describe sub-command\n");
}

TEST_F(QuorumTool, AChangeIsAskedOfTheRightKindToo) {
  const auto remove = [&](const std::string& option, const std::string& at) {
    return tool_alone({"metadata-quorum", option, at, "remove-controller", "-i", "1", "-d",
                       "AAAAAAAAAAAAAAAAAAAAAQ"})
        .err;
  };
  EXPECT_TRUE(remove("--bootstrap-controller", "127.0.0.1:9092")
                  .starts_with("org.apache.kafka.common.errors.MismatchedEndpointTypeException: "));
  EXPECT_EQ(remove("--bootstrap-server", "127.0.0.1:9093"),
            "org.apache.kafka.common.errors.UnsupportedVersionException: The node does not support "
            "METADATA\n");
}

}  // namespace
}  // namespace moldau::cli
