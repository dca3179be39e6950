// moldau: the node and every tool in one binary. The name it is called by, or its first word, says
// which.
#include <fmt/core.h>

#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "bin/run_tool.h"
#include "bin/server.h"
#include "cli/options.h"
#include "cli/server_options.h"
#include "cli/tool.h"

namespace {

using moldau::cli::ServerFile;

std::string usage() {
  std::string text =
      "usage: moldau COMMAND [OPTION]...\n"
      "\n"
      "  server               run a node: broker, controller or both\n"
      "  version              print the version\n";
  for (const moldau::cli::Tool& tool : moldau::cli::tools()) {
    text += fmt::format("  {:<20} {} ({})\n", tool.name, tool.summary, tool.script);
  }
  return text;
}

std::string_view name_of_program(std::string_view path) {
  const std::size_t slash = path.find_last_of('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

int unknown(std::string_view command) {
  std::vector<std::string_view> names{"server", "version"};
  for (const moldau::cli::Tool& tool : moldau::cli::tools()) names.push_back(tool.name);
  const std::string_view near = moldau::cli::nearest(command, names);
  fmt::print(stderr, "moldau: {} is no command{}\n\n{}", command,
             near.empty() ? "" : fmt::format("; did you mean {}?", near), usage());
  return 1;
}

// kafka-run-class.sh CLASS: scripts of others start tools and the server by their class.
int run_class(std::string_view called_as, const std::vector<std::string>& given) {
  moldau::cli::ClassToRun run = moldau::cli::read_class_to_run(given);
  if (run.java_class.empty()) {
    fmt::print("USAGE: {} [-daemon] [-name servicename] [-loggc] classname [opts]\n", called_as);
    return 1;
  }
  if (run.java_class == "kafka.Kafka") {
    run.before.insert(run.before.end(), run.words.begin(), run.words.end());
    return moldau::bin::run_server(run.java_class, run.before, ServerFile::required);
  }
  const moldau::cli::Tool* tool = moldau::cli::find_tool_of_class(run.java_class);
  if (tool != nullptr) return moldau::bin::run_tool(*tool, run.java_class, std::move(run.words));
  fmt::print(stderr, "Error: Could not find or load main class {}\n", run.java_class);
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view called_as = name_of_program(argv[0]);
  std::vector<std::string> words(argv + 1, argv + argc);
  if (const moldau::cli::Tool* tool = moldau::cli::find_tool(called_as)) {
    return moldau::bin::run_tool(*tool, std::string(called_as), std::move(words));
  }
  if (called_as == "kafka-server-start.sh") {
    return moldau::bin::run_server(argv[0], words, ServerFile::required);
  }
  if (called_as == "kafka-run-class.sh") return run_class(called_as, words);
  if (words.empty() || words.front() == "--help" || words.front() == "help") {
    fmt::print(words.empty() ? stderr : stdout, "{}", usage());
    return words.empty() ? 1 : 0;
  }
  const std::string command = words.front();
  words.erase(words.begin());
  if (command == "server") {
    return moldau::bin::run_server("moldau server", words, ServerFile::optional);
  }
  if (command == "version" || command == "--version") {
    fmt::print("{}\n", MOLDAU_VERSION);
    return 0;
  }
  const moldau::cli::Tool* tool = moldau::cli::find_tool(command);
  if (tool == nullptr) return unknown(command);
  return moldau::bin::run_tool(*tool, "moldau " + command, std::move(words));
}
