#include "cli/leader_election.h"

#include "unit/cli/tool_on_node.h"

namespace moldau::cli {
namespace {

class LeaderElection : public ToolOnNode {
 protected:
  LeaderElection() { (void)tool({"topics", "--create", "--topic", "t", "--partitions", "2"}); }
  Ended elect(std::vector<std::string> words, std::string type = "preferred") {
    words.insert(words.begin(), {"leader-election", "--election-type", std::move(type)});
    return tool(std::move(words));
  }
};

TEST_F(LeaderElection, LeaderThatIsPreferredAlreadyStays) {
  EXPECT_EQ(elect({"--topic", "t", "--partition", "1"}).out,
            "Valid replica already elected for partitions t-1\n");
  EXPECT_EQ(elect({"--all-topic-partitions"}, "UNCLEAN").out, "");
  put("e.json", R"({"partitions":[{"topic":"t","partition":0},{"topic":"t","partition":1}]})");
  EXPECT_EQ(elect({"--path-to-json-file", "e.json"}).out,
            "Valid replica already elected for partitions t-1, t-0\n");
}

TEST_F(LeaderElection, PartitionThatIsNotThereFails) {
  const Ended done = elect({"--topic", "nope", "--partition", "0"});
  EXPECT_EQ(done.code, 1);
  EXPECT_EQ(done.out,
            "Error completing leader election (PREFERRED) for partition: nope-0: "
            "org.apache.kafka.common.errors.UnknownTopicOrPartitionException: No such topic as "
            "nope\n");
  EXPECT_TRUE(done.err.starts_with("1 replica(s) could not be elected\n\tSuppressed: "))
      << done.err;
}

TEST_F(LeaderElection, WordsThatDoNotFitAreRefused) {
  EXPECT_EQ(elect({"--topic", "t"}).err, "Missing required option(s): partition\n");
  EXPECT_EQ(elect({}).err,
            "One and only one of the following options is required: topic, all-topic-partitions, "
            "path-to-json-file\n");
  EXPECT_EQ(elect({"--all-topic-partitions", "--partition", "1"}).err,
            "Option partition is only allowed if topic is used\n");
  EXPECT_EQ(elect({"--all-topic-partitions"}, "sideways").err,
            "Cannot parse argument 'sideways' of option election-type\n");
  EXPECT_EQ(tool_alone({"leader-election", "--all-topic-partitions"}).err,
            "Missing required option(s): bootstrap-server, election-type\n");
}

}  // namespace
}  // namespace moldau::cli
