#include "cli/dump_log.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include "support/test_data.h"
#include "unit/cli/tool_run.h"

namespace moldau::cli {
namespace {

namespace fs = std::filesystem;
const fs::path k_data = test_data() / "dump_log";

std::string content_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  EXPECT_TRUE(in) << path;
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

std::vector<std::string> split(const std::string& text, char at) {
  std::vector<std::string> out;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, at);) out.push_back(part);
  return out;
}

using DumpLogTest = ToolTest;

// What Apache Kafka's tool printed of the same files, see tests/data/dump_log/README.md.
class DumpedByKafka : public ToolTest, public testing::WithParamInterface<std::string> {};

TEST_P(DumpedByKafka, IsPrintedTheSame) {
  const std::vector<std::string> columns = split(GetParam(), '\t');
  ASSERT_GE(columns.size(), 3U);
  working_directory_ = "<dir>";
  const fs::path folder = k_data / columns[1];
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    const std::string name = fs::relative(entry.path(), folder).string();
    const std::string bytes = content_of(entry.path());
    put(name.contains('/') ? name : "./" + name, as_bytes(bytes));
    put("<dir>/" + name, as_bytes(bytes));
  }
  std::vector<std::string> words{"--files"};
  words.insert(words.end(), columns.begin() + 2, columns.end());
  const Run run_ = run(run_dump_log, words);
  EXPECT_EQ(run_.out + "--- stderr\n" + run_.err + "--- exit " + std::to_string(run_.code) + "\n",
            content_of(k_data / "printed" / (columns[0] + ".txt")));
}

INSTANTIATE_TEST_SUITE_P(All, DumpedByKafka,
                         testing::ValuesIn(split(content_of(k_data / "cases.tsv"), '\n')),
                         [](const testing::TestParamInfo<std::string>& info) {
                           std::string name = info.param.substr(0, info.param.find('\t'));
                           std::ranges::replace(name, '-', '_');
                           return name;
                         });

TEST_F(DumpLogTest, AnUnknownFileIsPassedOver) {
  const Run run_ = run(run_dump_log, {"--files", "t-0/notes,t-0//1.txt/"});
  EXPECT_EQ(run_.code, 0);
  EXPECT_EQ(run_.out, "Dumping t-0/notes\nDumping t-0/1.txt\n");
  EXPECT_EQ(run_.err, "Ignoring unknown file t-0/notes\nIgnoring unknown file t-0/1.txt\n");
}

TEST_F(DumpLogTest, ACheckpointIsPrintedAndABrokenOneIsTold) {
  put("d/leader-epoch-checkpoint", as_bytes("0\n1\n3 7\n"));
  put("d/meta.properties", as_bytes("version=1\n"));
  const Run run_ = run(run_dump_log, {"--files", "d/leader-epoch-checkpoint,d/meta.properties"});
  EXPECT_EQ(run_.code, 0);
  EXPECT_EQ(run_.out,
            "Dumping d/leader-epoch-checkpoint\nversion: 0 entries: 1\n"
            "leaderEpoch: 3 startOffset: 7\nDumping d/meta.properties\n");
  EXPECT_TRUE(run_.err.contains("node.id")) << run_.err;
}

TEST_F(DumpLogTest, FilesMustBeGiven) {
  const Run run_ = run(run_dump_log, {"--deep-iteration"});
  EXPECT_EQ(run_.code, 1);
  EXPECT_TRUE(run_.err.starts_with("Missing required argument \"[files]\"\n"));
}

TEST_F(DumpLogTest, ALimitThatIsNoIntegerIsRefused) {
  const Run run_ = run(run_dump_log, {"--files", "a.log", "--max-bytes", "2147483648"});
  EXPECT_EQ(run_.code, 1);
  EXPECT_TRUE(run_.err.starts_with("Cannot parse argument '2147483648' of option max-bytes\n"));
}

TEST_F(DumpLogTest, ANegativeLimitIsRefusedWhereTheFileIsRead) {
  put("d/00000000000000000003.log", as_bytes("0123456789"));
  const Run run_ =
      run(run_dump_log, {"--files", "d/00000000000000000003.log", "--max-bytes", "-1"});
  EXPECT_EQ(run_.code, 1);
  EXPECT_EQ(run_.out, "Dumping d/00000000000000000003.log\nLog starting offset: 3\n");
  EXPECT_EQ(run_.err,
            "Exception in thread \"main\" java.lang.IllegalArgumentException: Invalid size: -1 in "
            "read from FileRecords(size=10, file=d/00000000000000000003.log, start=0, "
            "end=2147483647)\n");
}

TEST_F(DumpLogTest, ADecoderOfAnOlderPackageIsNone) {
  put("d/0.log", as_bytes(""));
  const auto with = [&](const std::string& name) {
    return run(run_dump_log, {"--files", "d/0.log", "--value-decoder-class", name});
  };
  const Run old = with("kafka.serializer.StringDecoder");
  EXPECT_EQ(old.code, 1);
  EXPECT_EQ(old.err,
            "Exception in thread \"main\" java.lang.RuntimeException: Failed to load decoder "
            "class\n");
  EXPECT_EQ(with("org.apache.kafka.tools.api.LongDecoder").code, 0);
}

}  // namespace
}  // namespace moldau::cli
