#include "cli/reset_offsets.h"

#include "unit/cli/tool_on_node.h"

namespace moldau::cli {
namespace {

class ResetOffsets : public ToolOnNode {
 protected:
  ResetOffsets() {
    (void)tool({"topics", "--create", "--topic", "t"});
    (void)tool({"console-producer", "--topic", "t"}, {"a", "b", "c", "d"});
  }
  Ended reset(std::vector<std::string> more) {
    std::vector<std::string> words{"consumer-groups", "--reset-offsets", "--group", "g"};
    words.insert(words.end(), more.begin(), more.end());
    return tool(std::move(words));
  }
  static std::string table(const std::string& offset) {
    return "\nGROUP           TOPIC           PARTITION  NEW-OFFSET\n"
           "g               t               0          " +
           offset + "\n";
  }
};

TEST_F(ResetOffsets, EachSpecificationFindsItsOffset) {
  EXPECT_EQ(reset({"--topic", "t", "--to-offset", "3", "--execute"}).out, table("3"));
  EXPECT_EQ(reset({"--all-topics", "--to-current", "--dry-run"}).out, table("3"));
  EXPECT_EQ(reset({"--all-topics", "--shift-by", "-2", "--execute"}).out, table("1"));
  EXPECT_EQ(reset({"--all-topics", "--to-earliest", "--dry-run"}).out, table("0"));
  EXPECT_EQ(reset({"--topic", "t:0", "--to-latest", "--dry-run"}).out, table("4"));
  EXPECT_EQ(reset({"--topic", "t", "--by-duration", "PT1H", "--dry-run"}).out, table("0"));
  EXPECT_EQ(reset({"--topic", "t", "--to-datetime", "1999-01-01T00:00:00.000", "--dry-run"}).out,
            table("0"));
  EXPECT_EQ(reset({"--all-topics", "--to-current", "--dry-run", "--export"}).out, "t,0,1\n\n");
}

TEST_F(ResetOffsets, OffsetsOutsideOfTheLogAreMovedIntoIt) {
  const Ended high = reset({"--topic", "t", "--to-offset", "99", "--dry-run"});
  EXPECT_EQ(high.out, table("4"));
  EXPECT_TRUE(high.err.find("WARN New offset (99) is higher than latest offset for topic partition "
                            "t-0. Value will be set to 4") != std::string::npos)
      << high.err;
}

TEST_F(ResetOffsets, RefusalsAreKafkas) {
  EXPECT_EQ(reset({"--topic", "t:5", "--to-latest", "--dry-run"}).out,
            "\nError: Executing consumer group command failed due to The partitions \"t-5\" do not "
            "exist\n");
  EXPECT_EQ(reset({"--topic", "nope", "--to-latest", "--dry-run"}).code, 0);
  const Ended scope = reset({"--to-latest", "--dry-run"});
  EXPECT_EQ(scope.code, 1);
  EXPECT_TRUE(
      scope.err.starts_with("One of the reset scopes should be defined: --all-topics, --topic.\n"));
  EXPECT_TRUE(reset({"--topic", "t", "--dry-run"})
                  .err.starts_with("Option '[reset-offsets]' requires one of the following"));
  EXPECT_TRUE(reset({"--topic", "t:x", "--to-latest", "--dry-run"})
                  .err.starts_with("Invalid partition 'x' specified in topic arg 't:x''"));
}

TEST(ReadTopics, PartitionsAreSeparatedByCommas) {
  const auto named = read_topics({"a", "b:1,0"});
  CHECK_OK(named);
  EXPECT_EQ(named->whole, std::vector<std::string>{"a"});
  EXPECT_EQ(named->partitions.size(), 2U);
  EXPECT_FALSE(read_topics({"b:"}));
  EXPECT_FALSE(read_topics({"a:b:1"}));
}

}  // namespace
}  // namespace moldau::cli
