// moldau: the node and every tool in one binary. The name it is called by, or its first word, says
// which.
#include <fmt/core.h>

#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "bin/server.h"

namespace {

void print_usage(std::FILE* to) {
  fmt::print(to,
             "usage: moldau COMMAND [OPTION]...\n"
             "\n"
             "  server    runs a node\n"
             "  version   prints the version\n");
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (words.empty() || words.front() == "--help" || words.front() == "help") {
    print_usage(words.empty() ? stderr : stdout);
    return words.empty() ? 1 : 0;
  }
  const std::string& command = words.front();
  const std::vector<std::string> rest(words.begin() + 1, words.end());
  if (command == "server") return moldau::bin::run_server(rest);
  if (command == "version" || command == "--version") {
    fmt::print("{}\n", MOLDAU_VERSION);
    return 0;
  }
  fmt::print(stderr, "moldau: {} is no command\n\n", command);
  print_usage(stderr);
  return 1;
}
