#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cli/options.h"
#include "cli/tool.h"

namespace moldau::cli {

// The command lines of tools with actions (storage, cluster, metadata-quorum, features) and of some
// without (producer-perf-test), as the library argparse4j reads them for Kafka: usage, errors and
// help in its words and its layout. Context: pure but for read_action.

struct Argument {
  enum class Kind : std::uint8_t { text, short_integer, integer, long_integer, real };
  std::string_view name;      // without dashes
  char letter = 0;            // -x, the same
  bool letter_first = false;  // it is known by its letter
  bool takes_value = false;   // shown as NAME, or as `metavar` or `choices` say
  bool many = false;          // takes all words up to the next argument
  bool required = false;
  bool is_integer = false;
  Kind kind = Kind::text;
  std::string_view metavar = {};
  std::string_view choices = {};  // with commas between them
  bool repeatable = false;
  int group = 0;                // arguments of one group exclude each other; 0: none
  std::string_view title = {};  // of its own part of the help
  std::string_view help = {};
};
// One of the two, for tools that ask either kind of node.
inline constexpr Argument k_bootstrap_server{
    .name = "bootstrap-server",
    .takes_value = true,
    .group = 1,
    .help = "Brokers to connect to, host:port with commas between them."};
inline constexpr Argument k_bootstrap_controller{
    .name = "bootstrap-controller",
    .takes_value = true,
    .group = 1,
    .help = "Controllers to connect to, host:port with commas between them."};
struct Action {
  std::string_view name;
  std::string_view help;
  std::span<const Argument> arguments;
  bool json = false;  // --json, which Kafka's has not: not in the usage, but in the help
};
struct CommandLine {
  std::string_view program;
  std::string_view description;
  std::span<const Argument> shared;  // before the action, and here behind it too
  bool one_of_shared = false;        // one of the group in `shared` must be given
  bool one_of_each = false;          // one of the group in an action must be given
  bool single = false;               // a tool without actions: the only one has no name
  std::span<const Action> actions;
  std::string_view metavar = {};  // what the usage calls the action
};

struct ChosenAction {
  std::string_view name;  // of the action
  Given given;
};
// Errors: invalid_request with what is wrong. `action` receives the action as soon as it is known:
// its usage belongs to the error.
[[nodiscard]] Result<ChosenAction> parse_action(const CommandLine& line,
                                                std::span<const std::string> words,
                                                const Action*& action);

// "usage: ..." of one action, or of all. The text ends with a line end.
[[nodiscard]] std::string usage_of(const CommandLine& line, const Action* action);
[[nodiscard]] std::string help_of(const CommandLine& line, const Action* action);
// The usage, and "program: error: ...", wrapped.
[[nodiscard]] std::string error_of(const CommandLine& line, const Action* action,
                                   std::string_view error);

// Text in lines of at most 75 columns, each but the last stretched to that width; the first begins
// `offset` columns to the right, the others with `indent` spaces.
[[nodiscard]] std::string wrapped(std::string_view text, std::size_t offset, std::size_t indent);

// What is to be done, or the exit code: help goes to standard output, errors to standard error.
struct Reading {
  std::optional<ChosenAction> chosen;
  int exit_code = 0;
};
[[nodiscard]] Reading read_action(ToolContext& context, const CommandLine& line,
                                  int exit_code_of_help = 0);

}  // namespace moldau::cli
