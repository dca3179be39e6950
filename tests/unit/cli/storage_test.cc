#include "cli/storage.h"

#include "unit/cli/tool_run.h"

namespace moldau::cli {
namespace {

class StorageTest : public ToolTest {
 protected:
  void SetUp() override {
    put("conf/n.properties",
        as_bytes("process.roles=broker,controller\nnode.id=1\n"
                 "controller.quorum.voters=1@127.0.0.1:9093\n"
                 "listeners=PLAINTEXT://127.0.0.1:9092,CONTROLLER://127.0.0.1:9093\n"
                 "controller.listener.names=CONTROLLER\nlog.dirs=s1\n"));
  }
  const std::vector<std::string> format_{"format", "-t", "MkU3OEVBNTcwNTJENDM2Qg", "-c",
                                         "conf/n.properties"};
};

TEST_F(StorageTest, AFormattedDirectoryIsShownAndNotFormattedAgain) {
  const Run first = run(run_storage, format_);
  EXPECT_EQ(first.code, 0) << first.err;
  EXPECT_TRUE(
      first.out.ends_with("Formatting metadata directory s1 with metadata.version 4.4-IV2.\n"));
  const Run info = run(run_storage, {"info", "-c", "conf/n.properties"});
  EXPECT_EQ(info.code, 0);
  EXPECT_TRUE(info.out.contains("Found metadata: {cluster.id=MkU3OEVBNTcwNTJENDM2Qg, "));
  const Run again = run(run_storage, format_);
  EXPECT_EQ(again.code, 1);
  EXPECT_EQ(again.err,
            "Log directory s1 is already formatted. Use --ignore-formatted to ignore this "
            "directory and format the others.\n");
}

TEST_F(StorageTest, EmptyWordsAreRefused) {
  const Run mapped = run(run_storage, {"version-mapping", "-r", ""});
  EXPECT_EQ(mapped.code, 1);
  EXPECT_TRUE(mapped.err.starts_with("Unknown metadata.version ''. ")) << mapped.err;
  EXPECT_EQ(run(run_storage, {"version-mapping"}).code, 0);
  const Run nameless = run(run_storage, {"info", "-c", ""});
  EXPECT_EQ(nameless.code, 1);
  EXPECT_EQ(nameless.err, "Exception in thread \"main\" java.io.IOException: Is a directory\n");
}

TEST_F(StorageTest, AMissingConfigurationIsAnException) {
  const Run missing = run(run_storage, {"info", "-c", "nowhere"});
  EXPECT_EQ(missing.code, 1);
  EXPECT_EQ(missing.err,
            "Exception in thread \"main\" java.nio.file.NoSuchFileException: nowhere\n");
}

}  // namespace
}  // namespace moldau::cli
