#include "cli/subcommands.h"

#include <gtest/gtest.h>

#include <array>

#include "cli/session.h"

namespace moldau::cli {
namespace {

constexpr auto k_shared =
    std::to_array<Argument>({{.name = "bootstrap-server", .takes_value = true, .group = 1},
                             {.name = "bootstrap-controller", .takes_value = true, .group = 1}});
constexpr auto k_arguments = std::to_array<Argument>({
    {.name = "node",
     .letter = 'n',
     .takes_value = true,
     .required = true,
     .kind = Argument::Kind::integer},
    {.name = "alone", .letter = 's', .group = 2},
    {.name = "none", .letter = 'N', .group = 2},
});
constexpr auto k_actions =
    std::to_array<Action>({{"show", "Show it.", {}, true}, {"drop", "Drop it.", k_arguments}});
constexpr CommandLine k_line{.program = "tool",
                             .description = "Does things.",
                             .shared = k_shared,
                             .one_of_shared = true,
                             .actions = k_actions};

std::string refusal(std::vector<std::string> words) {
  const Action* action = nullptr;
  const auto chosen = parse_action(k_line, words, action);
  return chosen ? "" : text_of(chosen.error());
}

TEST(SubcommandsTest, AnActionAndItsValuesAreTaken) {
  const std::vector<std::string> words{"--bootstrap-s=h:1", "drop", "-n", "7", "--alone"};
  const Action* action = nullptr;
  const auto chosen = parse_action(k_line, words, action);
  ASSERT_TRUE(chosen.has_value());
  EXPECT_EQ(chosen->name, "drop");
  EXPECT_EQ(chosen->given.one("node"), "7");
  EXPECT_EQ(chosen->given.one("bootstrap-server"), "h:1");
  EXPECT_TRUE(chosen->given.has("alone"));
}

TEST(SubcommandsTest, WhatIsWrongIsSaidAsArgparseSaysIt) {
  EXPECT_EQ(refusal({}), "too few arguments");
  EXPECT_EQ(refusal({"show"}),
            "one of the arguments --bootstrap-server --bootstrap-controller is required");
  EXPECT_EQ(refusal({"--bootstrap-server", "h:1", "drop"}), "argument --node/-n is required");
  EXPECT_EQ(refusal({"--bootstrap-server", "h:1", "fly"}),
            "invalid choice: 'fly' (choose from 'show', 'drop')");
  EXPECT_EQ(refusal({"--bootstrap-server", "h:1", "drop", "-n", "x"}),
            "argument --node/-n: could not convert 'x' to Integer (For input string: \"x\")");
  EXPECT_EQ(refusal({"--bootstrap-server", "h:1", "drop", "-n", "1", "-s", "-N"}),
            "argument --none/-N: not allowed with argument --alone/-s");
  EXPECT_EQ(refusal({"--boot", "h:1", "show"}),
            "ambiguous option: --boot could match --bootstrap-controller, --bootstrap-server");
}

TEST(SubcommandsTest, JsonIsTakenAndStandsInTheHelpAlone) {
  const std::vector<std::string> words{"--bootstrap-server", "h:1", "show", "--json"};
  const Action* action = nullptr;
  const auto chosen = parse_action(k_line, words, action);
  ASSERT_TRUE(chosen.has_value());
  EXPECT_TRUE(chosen->given.has("json"));
  EXPECT_FALSE(usage_of(k_line, k_actions.data()).contains("--json"));
  EXPECT_TRUE(help_of(k_line, k_actions.data()).contains("--json"));
  EXPECT_EQ(refusal({"--bootstrap-server", "h:1", "drop", "-n", "1", "--json"}),
            "unrecognized arguments: '--json'");
}

TEST(SubcommandsTest, AnErrorIsStretchedToTheWidthOfTheLine) {
  EXPECT_EQ(wrapped("kafka-storage: error: argument --no-initial-controllers/-N: not allowed with "
                    "argument --standalone/-s",
                    0, 0),
            "kafka-storage: error:  argument  --no-initial-controllers/-N:  not  allowed\n"
            "with argument --standalone/-s");
}

TEST(SubcommandsTest, TheUsageOfAnActionNamesTheGroupInBrackets) {
  EXPECT_EQ(usage_of(k_line, &k_actions[1]),
            "usage: tool (--bootstrap-server BOOTSTRAP_SERVER |\n"
            "            --bootstrap-controller BOOTSTRAP_CONTROLLER) drop [-h]\n"
            "            --node NODE [--alone | --none]\n");
}

}  // namespace
}  // namespace moldau::cli
