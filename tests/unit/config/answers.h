#pragma once
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "base/check.h"
#include "config/config_map.h"
#include "support/test_data.h"

// tests/data/config/answers.tsv: what Apache Kafka's own classes said.
namespace moldau::config::test {

struct Answer {
  std::string line;                // as in the file
  std::vector<std::string> cells;  // of the case, its kind first
  bool ok = false;
  std::string text;  // the value, or the sentence of the refusal
};

inline std::string unescaped(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      out += text[i];
      continue;
    }
    const char c = text[++i];
    out += c == 't' ? '\t' : c == 'n' ? '\n' : c == 'r' ? '\r' : c == 'f' ? '\f' : c;
  }
  return out;
}

inline std::vector<Answer> answers(const std::string& kind) {
  std::ifstream file(test_data() / "config/answers.tsv");
  std::vector<Answer> found;
  std::string line;
  while (std::getline(file, line)) {
    std::vector<std::string> cells;
    std::stringstream stream(line);
    for (std::string cell; std::getline(stream, cell, '\t');) cells.push_back(unescaped(cell));
    if (line.ends_with('\t')) cells.emplace_back();
    if (cells.size() < 3 || cells[0] != kind) continue;
    Answer answer{.line = line};
    answer.text = cells.back();
    answer.ok = cells[cells.size() - 2] == "ok";
    cells.resize(cells.size() - 2);
    answer.cells = std::move(cells);
    found.push_back(std::move(answer));
  }
  return found;
}

// The key=value cells from `from` on.
inline ConfigMap pairs(const Answer& answer, std::size_t from) {
  ConfigMap map;
  for (std::size_t i = from; i < answer.cells.size(); ++i) {
    const std::size_t equals = answer.cells[i].find('=');
    if (equals != std::string::npos)
      map.set(answer.cells[i].substr(0, equals), answer.cells[i].substr(equals + 1));
  }
  return map;
}

// The node that ConfigCases.java builds on.
inline ConfigMap good_node() {
  return {{"process.roles", "broker,controller"},
          {"node.id", "1"},
          {"controller.quorum.voters", "1@127.0.0.1:9093"},
          {"listeners", "PLAINTEXT://127.0.0.1:9092,CONTROLLER://127.0.0.1:9093"},
          {"advertised.listeners", "PLAINTEXT://127.0.0.1:9092"},
          {"controller.listener.names", "CONTROLLER"},
          {"log.dirs", "/tmp/moldau-config-cases"}};
}

}  // namespace moldau::config::test
