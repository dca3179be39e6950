#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

// Plays scenario files against machines.
//
//   # Comments and blank lines stay as they are.
//   command key=value key=value flag
//   ----
//   the transcript, up to the next blank line
//
// Several commands may stand above one ----; their transcripts follow each other.
namespace moldau::scenario {

struct Command {
  std::string name;
  std::map<std::string, std::string> arguments;  // a flag has an empty value

  [[nodiscard]] bool has(const std::string& key) const { return arguments.contains(key); }
  [[nodiscard]] std::string text(const std::string& key, std::string otherwise = "") const;
  [[nodiscard]] int number(const std::string& key, int otherwise = 0) const;
  // "1,2,3"
  [[nodiscard]] std::vector<int> numbers(const std::string& key) const;
};

// One machine under test; each file gets a fresh one.
class Interpreter {
 public:
  Interpreter() = default;
  Interpreter(const Interpreter&) = delete;
  Interpreter& operator=(const Interpreter&) = delete;
  virtual ~Interpreter() = default;
  // What the command led to, one line each. An unknown command says so in its transcript.
  [[nodiscard]] virtual std::vector<std::string> run(const Command& command) = 0;
};

using Factory = std::function<std::unique_ptr<Interpreter>()>;

[[nodiscard]] Command parse_command(std::string_view line);
// The text of the file with the transcripts as they really are.
[[nodiscard]] std::string play(std::string_view file_text, Interpreter& interpreter);

[[nodiscard]] std::unique_ptr<Interpreter> make_raft_interpreter();
[[nodiscard]] std::unique_ptr<Interpreter> make_controller_interpreter();
[[nodiscard]] std::unique_ptr<Interpreter> make_group_interpreter();

}  // namespace moldau::scenario
