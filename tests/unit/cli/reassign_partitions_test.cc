#include "cli/reassign_partitions.h"

#include "unit/cli/tool_on_node.h"

namespace moldau::cli {
namespace {

class ReassignPartitions : public ToolOnNode {
 protected:
  ReassignPartitions() { (void)tool({"topics", "--create", "--topic", "t", "--partitions", "2"}); }
  Ended with(const std::string& action, const std::string& json,
             std::vector<std::string> more = {}) {
    put("re.json", json);
    const std::string option =
        action == "--generate" ? "--topics-to-move-json-file" : "--reassignment-json-file";
    std::vector<std::string> words{"reassign-partitions", action, option, "re.json"};
    words.insert(words.end(), more.begin(), more.end());
    return tool(words);
  }
  static inline const std::string k_here =
      R"({"partitions":[{"topic":"t","partition":0,"replicas":[1]}]})";
};

TEST_F(ReassignPartitions, ProposalStandsBesideWhatIs) {
  const Ended done = with("--generate", R"({"topics":[{"topic":"t"}]})", {"--broker-list", "1"});
  EXPECT_EQ(done.code, 0);
  EXPECT_TRUE(done.out.starts_with(
      "Current partition replica assignment\n"
      R"({"version":1,"partitions":[{"topic":"t","partition":0,"replicas":[1],"log_dirs":["/)"))
      << done.out;
  EXPECT_TRUE(done.out.ends_with(
      "\n\nProposed partition reassignment configuration\n"
      R"({"version":1,"partitions":[{"topic":"t","partition":0,"replicas":[1],"log_dirs":["any"]},)"
      R"({"topic":"t","partition":1,"replicas":[1],"log_dirs":["any"]}]})"
      "\n"))
      << done.out;
}

TEST_F(ReassignPartitions, ExecutedAndVerified) {
  const Ended done = with("--execute", k_here);
  EXPECT_EQ(done.code, 0);
  EXPECT_TRUE(
      done.out.ends_with("Save this to use as the --reassignment-json-file option during rollback\n"
                         "Successfully started partition reassignment for t-0\n"))
      << done.out;
  EXPECT_EQ(with("--verify", k_here).out,
            "Status of partition reassignment:\nReassignment of partition t-0 is completed.\n\n"
            "Clearing broker-level throttles on broker 1\n"
            "Clearing topic-level throttles on topic t\n");
  EXPECT_EQ(with("--verify", k_here, {"--preserve-throttles"}).out,
            "Status of partition reassignment:\nReassignment of partition t-0 is completed.\n\n");
}

TEST_F(ReassignPartitions, ThrottleIsSetAndGoesWithTheVerification) {
  const Ended done = with("--execute", k_here, {"--throttle", "1000000"});
  EXPECT_EQ(done.code, 0) << done.out;
  EXPECT_NE(done.out.find("The inter-broker throttle limit was set to 1000000 B/s\n"),
            std::string::npos);
  const std::string key = "leader.replication.throttled.rate=1000000";
  const std::vector<std::string> show{"configs", "--describe", "--broker", "1"};
  EXPECT_NE(tool(show).out.find(key), std::string::npos);
  (void)with("--verify", k_here);
  EXPECT_EQ(tool(show).out.find(key), std::string::npos);
}

TEST_F(ReassignPartitions, WhatIsWrongIsToldOnStandardOutput) {
  EXPECT_EQ(with("--execute", R"({"partitions":[{"topic":"t","partition":0,"replicas":[2]}]})").out,
            "Error: Unknown broker id 2\n");
  EXPECT_EQ(
      with("--execute", R"({"partitions":[{"topic":"nope","partition":0,"replicas":[1]}]})").out,
      "Error: org.apache.kafka.common.errors.UnknownTopicOrPartitionException: Topic nope not "
      "found.\n");
  EXPECT_EQ(with("--execute", R"({"partitions":[{"topic":"t","partition":7,"replicas":[1]}]})").out,
            "Error: org.apache.kafka.common.errors.UnknownTopicOrPartitionException: Unable to "
            "find partition: t-7\n");
  EXPECT_EQ(with("--execute", "{").out, "Error: The input string is not a valid JSON\n");
  EXPECT_EQ(with("--generate", R"({"topics":[{"topic":"t"}]})", {"--broker-list", "1,1"}).out,
            "Error: Broker list contains duplicate entries: [1]\n");
}

TEST_F(ReassignPartitions, NothingIsUnderWayOnOneBroker) {
  EXPECT_EQ(tool({"reassign-partitions", "--list"}).out, "No partition reassignments found.\n");
  EXPECT_EQ(with("--cancel", k_here).out,
            "None of the specified partition reassignments are active.\n"
            "None of the specified partition moves are active."
            "Clearing broker-level throttles on broker 1\n"
            "Clearing topic-level throttles on topic t\n");
}

TEST_F(ReassignPartitions, WordsThatDoNotFitAreRefused) {
  EXPECT_TRUE(
      tool({"reassign-partitions"})
          .err.starts_with(
              "Command must include exactly one action: --generate, --execute, --verify, --cancel, "
              "--list\n"));
  EXPECT_TRUE(tool({"reassign-partitions", "--execute"})
                  .err.starts_with("Missing required argument \"[reassignment-json-file]\"\n"));
  EXPECT_TRUE(tool({"reassign-partitions", "--list", "--timeout", "5"})
                  .err.starts_with("Option \"[timeout]\" can't be used with action \"[list]\"\n"));
  EXPECT_TRUE(tool_alone({"reassign-partitions", "--list"})
                  .err.starts_with("Please specify either --bootstrap-server or "
                                   "--bootstrap-controller\n"));
}

}  // namespace
}  // namespace moldau::cli
