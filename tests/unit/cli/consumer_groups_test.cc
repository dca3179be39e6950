#include "cli/consumer_groups.h"

#include "unit/cli/tool_on_node.h"

namespace moldau::cli {
namespace {

class ConsumerGroups : public ToolOnNode {
 protected:
  ConsumerGroups() {
    (void)tool({"topics", "--create", "--topic", "t", "--partitions", "2"});
    (void)groups({"--reset-offsets", "--group", "g", "--topic", "t", "--to-latest", "--execute"});
  }
  Ended groups(std::vector<std::string> words) {
    words.insert(words.begin(), "consumer-groups");
    return tool(std::move(words));
  }
};

TEST_F(ConsumerGroups, ListsByTypeAndState) {
  EXPECT_EQ(groups({"--list"}).out, "g\n");
  EXPECT_EQ(groups({"--list", "--state"}).out,
            "GROUP                     STATE               \n"
            "g                         Empty               \n");
  EXPECT_EQ(groups({"--list", "--type", "consumer"}).out,
            "GROUP                     TYPE                \n");
  const Ended wrong = groups({"--list", "--state", "Sleeping"});
  EXPECT_EQ(wrong.code, 1);
  EXPECT_TRUE(wrong.err.starts_with("Invalid state list 'Sleeping'. Valid states are: "));
}

TEST_F(ConsumerGroups, DescribesOffsetsMembersAndState) {
  const Ended offsets = groups({"--describe", "--group", "g"});
  EXPECT_EQ(offsets.err, "\nConsumer group 'g' has no active members.\n");
  EXPECT_TRUE(offsets.out.find("g               t               1          0 ") !=
              std::string::npos)
      << offsets.out;
  EXPECT_TRUE(groups({"--describe", "--group", "g", "--state"}).out.find("Empty ") !=
              std::string::npos);
  EXPECT_TRUE(groups({"--describe", "--all-groups", "--members"}).out.find("#PARTITIONS") !=
              std::string::npos);
  EXPECT_EQ(groups({"--describe", "--group", "nope"}).out,
            "\nError: Executing consumer group command failed due to "
            "org.apache.kafka.common.errors.GroupIdNotFoundException: Group nope not found.\n");
}

TEST_F(ConsumerGroups, DeletesOffsetsAndGroups) {
  EXPECT_EQ(groups({"--delete-offsets", "--group", "g", "--topic", "t:0"}).out,
            "Request succeeded for deleting offsets from group g.\n\n"
            "TOPIC           PARTITION  STATUS         \n"
            "t               0          Successful     \n");
  EXPECT_EQ(groups({"--delete", "--group", "nope", "--group", "g"}).out,
            "\nError: Deletion of some consumer groups failed:\n"
            "* Group 'nope' could not be deleted due to: org.apache.kafka.common.errors."
            "GroupIdNotFoundException: The group id does not exist.\n\n"
            "These consumer groups were deleted successfully: 'g'\n");
  EXPECT_EQ(groups({"--list"}).out, "");
}

TEST_F(ConsumerGroups, RefusalsAreKafkas) {
  const auto why = [&](std::vector<std::string> words) {
    const Ended ended = groups(std::move(words));
    EXPECT_EQ(ended.code, 1);
    return ended.err.substr(0, ended.err.find('\n'));
  };
  EXPECT_EQ(why({}),
            "Command must include exactly one action: --list, --describe, --delete, "
            "--reset-offsets, --delete-offsets, --validate-regex");
  EXPECT_EQ(why({"--describe"}),
            "Option [describe] takes one of these options: [group], [all-groups]");
  EXPECT_EQ(why({"--describe", "--group", "g", "--members", "--state"}),
            "Option [describe] takes at most one of these options: [members], [offsets], [state]");
  EXPECT_EQ(why({"--list", "--group", "g"}),
            "Option \"[group]\" can't be used with option \"[list]\"");
  EXPECT_EQ(why({"--list", "--members"}),
            "Option(s) [members] are unavailable given other options on the command line");
}

TEST_F(ConsumerGroups, SaysWhetherAPatternIsOne) {
  EXPECT_EQ(groups({"--validate-regex", "a["}).out,
            "The regular expression `a[` is invalid: missing closing ].\n");
}

TEST_F(ConsumerGroups, OffsetsOfOneGroupAreDeletedAtATime) {
  const Ended two = groups({"--delete-offsets", "--group", "g", "--group", "h", "--topic", "t"});
  EXPECT_EQ(two.out,
            "\nError: Executing consumer group command failed due to Found multiple arguments for "
            "option group, but you asked for only one\n");
  EXPECT_EQ(two.err, "Found multiple arguments for option group, but you asked for only one\n");
  EXPECT_EQ(two.code, 0);
}

TEST_F(ConsumerGroups, ANumberThatIsNoneIsTheCommandsFailure) {
  const auto fails = [&](std::vector<std::string> words, const std::string& why) {
    const Ended ended = groups(std::move(words));
    EXPECT_EQ(ended.code, 0);
    EXPECT_EQ(ended.out, "\nError: Executing consumer group command failed due to " + why + "\n");
    EXPECT_TRUE(ended.err.ends_with(why + "\n")) << ended.err;
  };
  fails({"--list", "--timeout", "x"}, "Cannot parse argument 'x' of option timeout");
  const std::vector<std::string> reset{"--reset-offsets", "--group", "g", "--topic", "t"};
  for (const std::string option : {"to-offset", "shift-by"}) {
    auto words = reset;
    words.insert(words.end(), {"--" + option, "x"});
    fails(words, "Cannot parse argument 'x' of option " + option);
  }
  fails({"--reset-offsets", "--group", "g", "--from-file", "nowhere"},
        "java.io.IOException: Unable to read file nowhere");
}

}  // namespace
}  // namespace moldau::cli
