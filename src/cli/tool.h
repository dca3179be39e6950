#pragma once
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "env/env.h"
#include "env/task.h"
#include "telemetry/log.h"

namespace moldau::cli {

// Where a tool reads and writes: standard streams in the program, strings in a test.
class Console {
 public:
  Console() = default;
  Console(const Console&) = delete;
  Console& operator=(const Console&) = delete;
  virtual ~Console() = default;
  virtual void out(std::string_view text) = 0;  // standard output, buffered until flush()
  virtual void err(std::string_view text) = 0;  // standard error
  virtual void flush() = 0;
  // The next line of standard input without its end; false at the end. May wait.
  [[nodiscard]] virtual env::Task<bool> read_line(std::string& line) = 0;
  [[nodiscard]] virtual bool is_terminal() const = 0;
  // The person asked for the end (SIGINT, SIGTERM). Only for tools that look.
  [[nodiscard]] virtual bool interrupted() const { return false; }
};

struct ToolContext {
  env::Env& env;
  Console& console;
  telemetry::LogSink& log;
  std::string called_as;               // the name to show in usage texts
  std::vector<std::string> words;      // what follows the tool's name
  std::string working_directory = {};  // for texts that show whole paths; empty: as they were given
  std::string version = {};
};

// One of Kafka's command-line tools. run() returns the exit code. It is called once, on shard 0.
struct Tool {
  std::string_view name;        // `moldau topics`
  std::string_view script;      // `kafka-topics.sh`
  std::string_view summary;     // one line of `moldau --help`
  std::string_view java_class;  // what kafka-run-class.sh calls it, without its package
  bool has_version;             // it knows --version
  env::Task<int> (*run)(ToolContext& context);
  bool ends_itself = false;  // it looks at Console::interrupted(); a signal does not kill it
};
// Runs it, or prints the version when that is asked for.
[[nodiscard]] env::Task<int> run(Tool tool, ToolContext& context);

// All tools, sorted by name. A tool is one file of src/cli with one line in tools.cc.
[[nodiscard]] std::span<const Tool> tools();
// By its name or its script's name, with or without .sh; nullptr when there is none.
[[nodiscard]] const Tool* find_tool(std::string_view called_as);
// By the class of Kafka, in whatever package a release had it.
[[nodiscard]] const Tool* find_tool_of_class(std::string_view java_class);

}  // namespace moldau::cli
