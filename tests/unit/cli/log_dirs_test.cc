#include "cli/log_dirs.h"

#include "unit/cli/tool_on_node.h"

namespace moldau::cli {
namespace {

class LogDirsTool : public ToolOnNode {
 protected:
  LogDirsTool() {
    (void)tool({"topics", "--create", "--topic", "t1", "--partitions", "2"});
    (void)tool({"topics", "--create", "--topic", "t2"});
    (void)tool({"console-producer", "--topic", "t2"}, {"a"});
  }
};

TEST_F(LogDirsTool, LogsComeWithTheirSizes) {
  const Ended done = tool({"log-dirs", "--describe", "--topic-list", "t1,t2"});
  EXPECT_EQ(done.code, 0);
  EXPECT_TRUE(
      done.out.starts_with("Querying brokers for log directories information\n"
                           "Received log directory information from brokers 1\n"
                           R"({"brokers":[{"broker":1,"logDirs":[{"partitions":[)"
                           R"({"partition":"t1-1","size":0,"offsetLag":0,"isFuture":false},)"
                           R"({"partition":"t1-0","size":0,"offsetLag":0,"isFuture":false},)"
                           R"({"partition":"t2-0","size":)"))
      << done.out;
  EXPECT_TRUE(done.out.ends_with("}]}],\"version\":1}\n")) << done.out;
}

TEST_F(LogDirsTool, TopicThatIsNotThereHasNoPartitions) {
  EXPECT_NE(tool({"log-dirs", "--describe", "--topic-list", "nope"})
                .out.find(R"("partitions":[],"error":null,)"),
            std::string::npos);
}

TEST_F(LogDirsTool, BrokersThatAreNotThereAreNamed) {
  const Ended done = tool({"log-dirs", "--describe", "--broker-list", "9,1,9"});
  EXPECT_EQ(done.err,
            "ERROR: The given brokers do not exist from --broker-list: 9. Current existent "
            "brokers: 1\n");
  EXPECT_EQ(done.code, 1);
  EXPECT_EQ(tool({"log-dirs", "--describe", "--broker-list", "x"}).err,
            "For input string: \"x\"\n");
  EXPECT_TRUE(tool({"log-dirs"}).err.starts_with("Missing required argument \"[describe]\"\n"));
}

}  // namespace
}  // namespace moldau::cli
