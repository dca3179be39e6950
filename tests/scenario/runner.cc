#include "scenario/runner.h"

#include <sstream>

namespace moldau::scenario {
namespace {

constexpr std::string_view k_rule = "----";

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  std::istringstream in{std::string(text)};
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

bool is_comment(std::string_view line) { return line.empty() || line.front() == '#'; }

}  // namespace

std::string Command::text(const std::string& key, std::string otherwise) const {
  const auto at = arguments.find(key);
  return at == arguments.end() ? otherwise : at->second;
}

int Command::number(const std::string& key, int otherwise) const {
  const auto at = arguments.find(key);
  return at == arguments.end() ? otherwise : std::stoi(at->second);
}

std::vector<int> Command::numbers(const std::string& key) const {
  std::vector<int> all;
  std::istringstream in(text(key));
  for (std::string one; std::getline(in, one, ',');) all.push_back(std::stoi(one));
  return all;
}

Command parse_command(std::string_view line) {
  Command command;
  std::istringstream in{std::string(line)};
  in >> command.name;
  for (std::string word; in >> word;) {
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos) {
      command.arguments[word] = "";
    } else {
      command.arguments[word.substr(0, equals)] = word.substr(equals + 1);
    }
  }
  return command;
}

std::string play(std::string_view file_text, Interpreter& interpreter) {
  const std::vector<std::string> lines = lines_of(file_text);
  std::string out;
  const auto put = [&out](std::string_view line) {
    out += line;
    out += '\n';
  };
  for (std::size_t i = 0; i < lines.size();) {
    if (is_comment(lines[i])) {
      put(lines[i++]);
      continue;
    }
    std::vector<std::string> commands;
    while (i < lines.size() && lines[i] != k_rule && !lines[i].empty()) {
      put(lines[i]);
      if (!is_comment(lines[i])) commands.push_back(lines[i]);
      ++i;
    }
    put(k_rule);
    while (i < lines.size() && !lines[i].empty()) ++i;  // the transcript as it was
    for (const std::string& command : commands) {
      for (const std::string& line : interpreter.run(parse_command(command))) put(line);
    }
  }
  return out;
}

}  // namespace moldau::scenario
