#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "scenario/runner.h"

// scenario [--rewrite] FOLDER: plays every FOLDER/<machine>/*.txt. Exit 1 if a transcript differs.
namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void show_difference(const std::string& expected, const std::string& actual) {
  std::size_t line = 1;
  std::size_t at = 0;
  while (at < expected.size() && at < actual.size() && expected[at] == actual[at]) {
    if (expected[at++] == '\n') ++line;
  }
  const auto line_at = [at](const std::string& text) {
    const std::size_t begin = text.rfind('\n', at == 0 ? 0 : at - 1);
    const std::size_t from = begin == std::string::npos ? 0 : begin + 1;
    return text.substr(from, text.find('\n', at) - from);
  };
  std::printf("  line %zu\n  - %s\n  + %s\n", line, line_at(expected).c_str(),
              line_at(actual).c_str());
}

}  // namespace

int main(int argc, char** argv) {
  const std::map<std::string, moldau::scenario::Factory> factories{
      {"controller", moldau::scenario::make_controller_interpreter},
      {"group", moldau::scenario::make_group_interpreter},
      {"raft", moldau::scenario::make_raft_interpreter}};
  const bool rewrite = argc == 3 && std::string(argv[1]) == "--rewrite";
  if (argc != 2 && !rewrite) {
    std::fprintf(stderr, "usage: scenario [--rewrite] FOLDER\n");
    return 2;
  }
  int played = 0;
  int failed = 0;
  for (const auto& [folder, make] : factories) {
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(fs::path(argv[argc - 1]) / folder)) {
      if (entry.path().extension() == ".txt") files.push_back(entry.path());
    }
    std::ranges::sort(files);
    for (const fs::path& file : files) {
      const std::string expected = read(file);
      const auto interpreter = make();
      const std::string actual = moldau::scenario::play(expected, *interpreter);
      ++played;
      if (actual == expected) continue;
      if (rewrite) {
        std::ofstream(file, std::ios::binary) << actual;
        std::printf("rewritten %s\n", file.c_str());
      } else {
        ++failed;
        std::printf("differs %s\n", file.c_str());
        show_difference(expected, actual);
      }
    }
  }
  std::printf("%d scenarios played, %d differ\n", played, failed);
  return failed == 0 && played > 0 ? 0 : 1;
}
