#include "cli/dump_log.h"

#include "unit/cli/tool_run.h"

namespace moldau::cli {
namespace {

using DumpLogTest = ToolTest;

TEST_F(DumpLogTest, AnUnknownFileIsPassedOver) {
  const Run run_ = run(run_dump_log, {"--files", "t-0/leader-epoch-checkpoint"});
  EXPECT_EQ(run_.code, 0);
  EXPECT_EQ(run_.out, "Dumping t-0/leader-epoch-checkpoint\n");
  EXPECT_EQ(run_.err, "Ignoring unknown file t-0/leader-epoch-checkpoint\n");
}

TEST_F(DumpLogTest, AFileNameWithoutOffsetIsAnException) {
  const Run run_ = run(run_dump_log, {"--files", "t-0/nosuch.log"});
  EXPECT_EQ(run_.code, 1);
  EXPECT_EQ(run_.err,
            "Exception in thread \"main\" java.lang.NumberFormatException: For input string: "
            "\"nosuch\"\n");
}

TEST_F(DumpLogTest, BytesBehindTheLastBatchAreCounted) {
  put("t-0/00000000000000000000.log", as_bytes("abc"));
  const Run run_ = run(run_dump_log, {"--files", "t-0/00000000000000000000.log"});
  EXPECT_EQ(run_.code, 0);
  EXPECT_EQ(run_.out,
            "Dumping t-0/00000000000000000000.log\nLog starting offset: 0\n"
            "Found 3 invalid bytes at the end of 00000000000000000000.log\n");
}

}  // namespace
}  // namespace moldau::cli
