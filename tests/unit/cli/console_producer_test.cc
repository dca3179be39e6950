#include "cli/console_producer.h"

#include "unit/cli/tool_run.h"

namespace moldau::cli {
namespace {

using ConsoleProducerTest = ToolTest;

TEST_F(ConsoleProducerTest, AMissingTopicIsNamed) {
  const Run run_ = run(run_console_producer, {"--bootstrap-server", "h:1"});
  EXPECT_EQ(run_.code, 1);
  EXPECT_TRUE(run_.err.starts_with("Missing required argument \"[topic]\"\n"));
}

TEST_F(ConsoleProducerTest, AnUnknownCodecIsRefusedInKafkasWords) {
  const Run run_ = run(run_console_producer, {"--bootstrap-server", "127.0.0.1:1", "--topic", "t",
                                              "--compression-codec", "nope"});
  EXPECT_EQ(run_.code, 1);
  EXPECT_EQ(run_.err,
            "org.apache.kafka.common.config.ConfigException: Invalid value nope for configuration "
            "compression.type: String must be one of: none, gzip, snappy, lz4, zstd\n");
}

}  // namespace
}  // namespace moldau::cli
