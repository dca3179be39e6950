#include "cli/console_source.h"

#include "unit/cli/tool_on_node.h"

namespace moldau::cli {
namespace {

class ConsoleInGroup : public ToolOnNode {
 protected:
  ConsoleInGroup() {
    (void)tool({"topics", "--create", "--topic", "t", "--partitions", "3"});
    (void)tool({"console-producer", "--topic", "t"}, {"a", "b", "c"});
  }
  Ended consume(std::vector<std::string> more) {
    std::vector<std::string> words{"console-consumer", "--timeout-ms", "9000"};
    words.insert(words.end(), more.begin(), more.end());
    return tool(std::move(words));
  }
};

TEST_F(ConsoleInGroup, GoesOnWhereTheGroupWas) {
  for (const std::string protocol : {"classic", "consumer"}) {
    const std::vector<std::string> words{"--topic",
                                         "t",
                                         "--group",
                                         "g-" + protocol,
                                         "--from-beginning",
                                         "--command-property",
                                         "group.protocol=" + protocol,
                                         "--max-messages"};
    auto two = words;
    two.emplace_back("2");
    EXPECT_EQ(consume(two).out, "a\nb\n");
    EXPECT_EQ(consume(two).out, "c\n") << "what was not shown was not committed";
  }
}

TEST_F(ConsoleInGroup, GroupOfOneRunIsSeenAndNotCommitted) {
  EXPECT_EQ(consume({"--topic", "t", "--from-beginning", "--max-messages", "3"}).out, "a\nb\nc\n");
  EXPECT_EQ(consume({"--include", "t.*", "--from-beginning", "--max-messages", "3"}).out,
            "a\nb\nc\n");
  EXPECT_TRUE(tool({"consumer-groups", "--list"}).out.starts_with("console-consumer-"));
}

TEST_F(ConsoleInGroup, GroupsThatDoNotAgreeAreRefused) {
  const Ended ended = consume({"--topic", "t", "--group", "g", "--command-property", "group.id=h"});
  EXPECT_EQ(ended.code, 1);
  EXPECT_TRUE(ended.err.starts_with("The group ids provided in different places")) << ended.err;
  EXPECT_TRUE(ended.err.find("'g', 'h'") != std::string::npos);
}

TEST_F(ConsoleInGroup, WhatTheCoordinatorRefusesIsToldInKafkasWords) {
  const Ended ended = consume({"--topic", "t", "--command-property", "session.timeout.ms=3100"});
  EXPECT_EQ(ended.code, 0) << "as Kafka's tool, which only says so";
  EXPECT_TRUE(ended.err.contains(
      "org.apache.kafka.common.errors.InvalidSessionTimeoutException: The session timeout is not "
      "within the range allowed by the broker (as configured by group.min.session.timeout.ms and "
      "group.max.session.timeout.ms).\n"))
      << ended.err;
}

}  // namespace
}  // namespace moldau::cli
