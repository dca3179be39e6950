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

}  // namespace
}  // namespace moldau::cli
