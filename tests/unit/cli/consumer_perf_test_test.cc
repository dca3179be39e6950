#include "cli/consumer_perf_test.h"

#include "unit/cli/tool_on_node.h"

namespace moldau::cli {
namespace {

class ConsumerPerfTest : public ToolOnNode {
 protected:
  ConsumerPerfTest() {
    (void)tool({"topics", "--create", "--topic", "t"});
    (void)tool({"console-producer", "--topic", "t"}, {"a", "b", "c"});
  }
  Ended perf(std::vector<std::string> words) {
    words.insert(words.begin(), "consumer-perf-test");
    return tool(std::move(words));
  }
};

TEST_F(ConsumerPerfTest, PrintsWhatItReadInOneLine) {
  const Ended ended = perf({"--topic", "t", "--num-records", "3"});
  EXPECT_EQ(ended.code, 0);
  EXPECT_TRUE(ended.out.starts_with(
      "start.time, end.time, data.consumed.in.MB, MB.sec, data.consumed.in.nMsg, nMsg.sec, "
      "rebalance.time.ms, fetch.time.ms, fetch.MB.sec, fetch.nMsg.sec\n20"))
      << ended.out;
  EXPECT_TRUE(ended.out.find(", 0.0000, ") != std::string::npos);
  EXPECT_TRUE(ended.out.find(", 3, ") != std::string::npos);
}

TEST_F(ConsumerPerfTest, SaysThatItDidNotGetEnough) {
  const Ended ended =
      perf({"--topic", "t", "--messages", "4", "--timeout", "5000", "--hide-header"});
  EXPECT_TRUE(ended.out.starts_with(
      "Warning: --messages is deprecated. Use --num-records instead.\n"
      "WARNING: Exiting before consuming the expected number of records: timeout (5000 ms) "
      "exceeded. You can use the --timeout option to increase the timeout.\n"))
      << ended.out;
}

TEST_F(ConsumerPerfTest, RefusalsAreKafkas) {
  EXPECT_TRUE(
      perf({"--topic", "t"})
          .err.starts_with(
              "Exactly one of the following arguments is required: [messages], [num-records]"));
  EXPECT_TRUE(perf({"--num-records", "1"})
                  .err.starts_with(
                      "Exactly one of the following arguments is required: [topic], [include]"));
}

TEST_F(ConsumerPerfTest, AnIntervalIsNotNothing) {
  const Ended ended =
      perf({"--topic", "t", "--num-records", "3", "--reporting-interval", "0", "--hide-header"});
  EXPECT_EQ(ended.code, 1);
  EXPECT_EQ(ended.err, "Reporting interval must be greater than 0.\n");
  EXPECT_EQ(ended.out, "");
}

}  // namespace
}  // namespace moldau::cli
