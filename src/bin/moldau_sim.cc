// moldau-sim: runs of the node in a simulated world, each from a seed that replays to the byte.
#include <fmt/core.h>

#include <charconv>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>

#include "harness/planted_bugs.h"
#include "harness/run.h"

namespace {

using moldau::harness::RunOptions;
using moldau::harness::RunResult;
using moldau::harness::Scenario;

struct CommandLine {
  std::uint64_t first_seed = 0;
  std::uint64_t last_seed = 0;
  std::string scenario = "node";
  RunOptions run;
  bool quiet = false;
};

void print_usage(std::FILE* to) {
  fmt::print(
      to,
      "Usage: moldau-sim --seed=N | --seeds=A..B [--scenario=NAME] [--events=N]\n"
      "                  [--planted-bug=NAME] [--quiet] [--trace]\n"
      "The last line is `seed N: PASS|FAIL events=... hash=...`; with --seeds one for each,\n"
      "and then `A..B: N passed, N failed`. The same seed gives the same hash.\n"
      "--quiet shows only the seeds that failed, --trace what happens in them (on stderr).\n"
      "\nScenarios:\n");
  for (const Scenario& scenario : moldau::harness::scenarios()) {
    fmt::print(to, "  {:18} {}\n", scenario.name, scenario.about);
  }
  fmt::print(to, "\nPlanted bugs:\n");
  for (const auto& bug : moldau::harness::planted_bugs()) {
    fmt::print(to, "  {:18} {}\n", bug.name, bug.about);
  }
}

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool take_seeds(std::string_view value, CommandLine& line) {
  const std::size_t dots = value.find("..");
  if (dots == std::string_view::npos) return false;
  const auto first = number(value.substr(0, dots));
  const auto last = number(value.substr(dots + 2));
  if (!first || !last || *last < *first) return false;
  line.first_seed = *first;
  line.last_seed = *last;
  return true;
}

bool take_option(std::string_view name, std::string_view value, CommandLine& line) {
  if (name == "--seed") {
    const auto seed = number(value);
    line.first_seed = line.last_seed = seed.value_or(0);
    return seed.has_value();
  }
  if (name == "--seeds") return take_seeds(value, line);
  if (name == "--events") {
    const auto events = number(value);
    line.run.events_max = events.value_or(0);
    return events.has_value();
  }
  if (name == "--scenario") {
    line.scenario = value;
    return moldau::harness::find_scenario(value) != nullptr;
  }
  if (name == "--planted-bug") {
    line.run.planted_bug = value;
    return moldau::harness::find_planted_bug(value) != nullptr;
  }
  return false;
}

// nullopt: wrong usage, which was told.
std::optional<CommandLine> parse(int argc, char** argv) {
  CommandLine line;
  bool seeded = false;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "--quiet" || argument == "--trace") {
      (argument == "--quiet" ? line.quiet : line.run.trace) = true;
      continue;
    }
    const std::size_t equals = argument.find('=');
    const std::string_view name = argument.substr(0, equals);
    std::string_view value;
    if (equals != std::string_view::npos) {
      value = argument.substr(equals + 1);
    } else if (i + 1 < argc) {
      value = argv[++i];
    }
    if (!take_option(name, value, line)) {
      fmt::print(stderr, "moldau-sim: {} {} is not understood\n", name, value);
      return std::nullopt;
    }
    seeded = seeded || name.starts_with("--seed");
  }
  if (!seeded) {
    fmt::print(stderr, "moldau-sim: --seed or --seeds is missing\n");
    return std::nullopt;
  }
  return line;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 2 && std::string_view(argv[1]) == "--help") {
    print_usage(stdout);
    return 0;
  }
  std::optional<CommandLine> line = parse(argc, argv);
  const Scenario* scenario = line ? moldau::harness::find_scenario(line->scenario) : nullptr;
  if (scenario == nullptr) {
    print_usage(stderr);
    return 1;
  }
  std::uint64_t passed = 0;
  std::uint64_t failed = 0;
  for (std::uint64_t seed = line->first_seed; seed <= line->last_seed; ++seed) {
    line->run.seed = seed;
    const RunResult result = scenario->run(line->run);
    ++(result.passed ? passed : failed);
    if (!result.passed) fmt::print("seed {}: {}\n", seed, result.failure);
    if (!result.passed || !line->quiet || line->first_seed == line->last_seed) {
      fmt::print("{}\n", moldau::harness::result_line(seed, result));
    }
    std::fflush(stdout);
  }
  if (line->first_seed != line->last_seed) {
    fmt::print("{}..{}: {} passed, {} failed\n", line->first_seed, line->last_seed, passed, failed);
  }
  return failed == 0 ? 0 : 1;
}
