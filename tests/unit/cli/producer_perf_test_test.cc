#include "cli/producer_perf_test.h"

#include "unit/cli/tool_on_node.h"

namespace moldau::cli {
namespace {

class ProducerPerfTest : public ToolOnNode {
 protected:
  ProducerPerfTest() { (void)tool({"topics", "--create", "--topic", "t"}); }
  Ended perf(std::vector<std::string> words) {
    words.insert(words.begin(), {"producer-perf-test", "--topic", "t"});
    return tool(std::move(words));
  }
};

TEST_F(ProducerPerfTest, SendsWhatItIsToldAndPrintsTheSummary) {
  const Ended ended = perf({"--num-records", "50", "--throughput", "1000", "--payload-monotonic",
                            "--command-property", "acks=1", "linger.ms=0"});
  EXPECT_EQ(ended.code, 0) << ended.err;
  EXPECT_TRUE(ended.out.starts_with("50 records sent, ")) << ended.out;
  EXPECT_EQ(tool({"get-offsets", "--topic", "t"}).out, "t:0:50\n");
  EXPECT_EQ(tool({"console-consumer", "--topic", "t", "--partition", "0", "--offset", "49",
                  "--max-messages", "1"})
                .out,
            "49\n");
}

TEST_F(ProducerPerfTest, SendsInTransactionsWhenItIsGivenAnIdOrATime) {
  const Ended ended = perf({"--num-records", "5", "--throughput", "-1", "--record-size", "10",
                            "--transactional-id", "x"});
  EXPECT_EQ(ended.code, 0) << ended.err;
  // Five records and the marker of the commit.
  EXPECT_EQ(tool({"get-offsets", "--topic", "t"}).out, "t:0:6\n");
  EXPECT_EQ(perf({"--num-records", "2", "--throughput", "-1", "--record-size", "10",
                  "--transaction-duration-ms", "1000"})
                .code,
            0);
  EXPECT_EQ(tool({"get-offsets", "--topic", "t"}).out, "t:0:9\n");
}

TEST_F(ProducerPerfTest, PrintsWhatTheProducerCounted) {
  const Ended ended =
      perf({"--num-records", "5", "--throughput", "-1", "--record-size", "10", "--print-metrics"});
  EXPECT_NE(ended.out.find("\nMetric Name "), std::string::npos) << ended.out;
  EXPECT_NE(ended.out.find("producer-metrics:record-send-total:{client-id=perf-producer-client}"),
            std::string::npos);
  EXPECT_NE(ended.out.find(" : 5.000\n"), std::string::npos);
}

TEST_F(ProducerPerfTest, WarmupHasASummaryOfTheRest) {
  const Ended ended = perf({"--num-records", "20", "--throughput", "-1", "--record-size", "10",
                            "--warmup-records", "5"});
  EXPECT_TRUE(ended.out.starts_with("Warmup first 5 records.")) << ended.out;
  EXPECT_TRUE(ended.out.find(" steady state records sent, ") != std::string::npos) << ended.out;
}

TEST_F(ProducerPerfTest, RefusalsAreKafkas) {
  const auto why = [&](std::vector<std::string> words) {
    const Ended ended = perf(std::move(words));
    EXPECT_EQ(ended.code, 1);
    // The text is stretched to the width of the usage.
    std::string text;
    for (const char c : ended.err.substr(ended.err.find("error:"))) {
      const bool blank = c == ' ' || c == '\n';
      if (!blank || !text.ends_with(' ')) text += blank ? ' ' : c;
    }
    return text;
  };
  EXPECT_EQ(why({"--num-records", "5", "--throughput", "1", "--record-size", "1",
                 "--bootstrap-server", "localhost:1", "--transaction-duration-ms", "0"}),
            "error: --transaction-duration-ms should be greater than zero. ");
  EXPECT_EQ(why({"--num-records", "5"}), "error: argument --throughput is required ");
  EXPECT_TRUE(why({"--num-records", "5", "--throughput", "1"})
                  .starts_with("error: one of the arguments --record-size"));
  EXPECT_TRUE(why({"--num-records", "x"}).starts_with("error: argument --num-records: could not"));
  EXPECT_EQ(tool_alone({"producer-perf-test"}).code, 0);
}

}  // namespace
}  // namespace moldau::cli
