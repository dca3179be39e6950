#include "cli/console_consumer.h"

#include "unit/cli/tool_run.h"

namespace moldau::cli {
namespace {

using ConsoleConsumerTest = ToolTest;

TEST_F(ConsoleConsumerTest, AnOffsetNeedsItsPartition) {
  const Run run_ =
      run(run_console_consumer, {"--bootstrap-server", "h:1", "--topic", "t", "--offset", "1"});
  EXPECT_EQ(run_.code, 1);
  EXPECT_TRUE(run_.err.starts_with("The partition is required when offset is specified.\n"));
}

TEST_F(ConsoleConsumerTest, AnOffsetThatIsNoneIsRefused) {
  const Run run_ = run(run_console_consumer, {"--bootstrap-server", "h:1", "--topic", "t",
                                              "--partition", "0", "--offset", "never"});
  EXPECT_EQ(run_.code, 1);
  EXPECT_TRUE(run_.err.starts_with("The provided offset value 'never' is incorrect. Valid values"));
}

TEST_F(ConsoleConsumerTest, NumbersAreOfJavasTypes) {
  const auto with = [&](const std::string& option, const std::string& value) {
    return run(run_console_consumer,
               {"--bootstrap-server", "h:1", "--topic", "t", "--" + option, value});
  };
  const Run messages = with("max-messages", "3000000000");
  EXPECT_EQ(messages.code, 1);
  EXPECT_TRUE(messages.err.starts_with("Processed a total of 0 messages\n")) << messages.err;
  EXPECT_TRUE(
      messages.err.ends_with("Cannot parse argument '3000000000' of option max-messages\n"));
  EXPECT_EQ(with("partition", "3000000000").err,
            "Cannot parse argument '3000000000' of option partition\n");
  const Run timeout = with("timeout-ms", "x");
  EXPECT_EQ(timeout.code, 1);
  EXPECT_EQ(timeout.err, "Cannot parse argument 'x' of option timeout-ms\n");
}

TEST_F(ConsoleConsumerTest, ATopicMustHaveAName) {
  for (const std::string name : {"", " "}) {
    const Run some = run(run_console_consumer, {"--bootstrap-server", "h:1", "--topic", name});
    EXPECT_EQ(some.code, 1);
    EXPECT_TRUE(some.err.contains("Unknown error when running consumer: ")) << some.err;
    EXPECT_TRUE(
        some.err.ends_with("java.lang.IllegalArgumentException: Topic collection to "
                           "subscribe to cannot contain null or empty topic\n"))
        << some.err;
  }
  const Run one =
      run(run_console_consumer, {"--bootstrap-server", "h:1", "--topic", "", "--partition", "0"});
  EXPECT_EQ(one.code, 1);
  EXPECT_TRUE(
      one.err.ends_with("java.lang.IllegalArgumentException: Topic partitions to assign "
                        "to cannot have null or empty topic\n"))
      << one.err;
}

TEST_F(ConsoleConsumerTest, AHeartbeatMustFitIntoTheSession) {
  const Run refused = run(run_console_consumer, {"--bootstrap-server", "h:1", "--topic", "t",
                                                 "--command-property", "session.timeout.ms=1"});
  EXPECT_EQ(refused.code, 1);
  EXPECT_TRUE(refused.err.ends_with(
      "org.apache.kafka.common.KafkaException: Failed to construct kafka consumer\n"
      "Caused by: java.lang.IllegalArgumentException: Heartbeat must be set lower than the session "
      "timeout\n"))
      << refused.err;
}

TEST_F(ConsoleConsumerTest, AHostThatThereIsNotEndsIt) {
  const Run refused =
      run(run_console_consumer, {"--bootstrap-server", "no.such.host:1", "--topic", "t"});
  EXPECT_EQ(refused.code, 1);
  EXPECT_TRUE(refused.err.ends_with(
      "org.apache.kafka.common.KafkaException: Failed to construct kafka consumer\n"
      "Caused by: org.apache.kafka.common.config.ConfigException: No resolvable bootstrap urls "
      "given in bootstrap.servers\n"))
      << refused.err;
}

TEST_F(ConsoleConsumerTest, OneHostWithAnAddressIsWaitedFor) {
  const Run waited = run(run_console_consumer, {"--bootstrap-server", "127.0.0.1:1,no.such.host:1",
                                                "--topic", "t", "--timeout-ms", "500"});
  EXPECT_EQ(waited.code, 0) << waited.err;
  EXPECT_TRUE(waited.err.ends_with("Processed a total of 0 messages\n")) << waited.err;
}

}  // namespace
}  // namespace moldau::cli
