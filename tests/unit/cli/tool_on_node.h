#pragma once
#include <deque>
#include <string>
#include <vector>

#include "cli/tool.h"
#include "support/node_in_sim.h"

namespace moldau::cli {

// A console of strings.
class NodeConsole final : public Console {
 public:
  void out(std::string_view text) override { out_ += text; }
  void err(std::string_view text) override { err_ += text; }
  void flush() override {}
  env::Task<bool> read_line(std::string& line) override {
    if (lines.empty()) co_return false;
    line = std::move(lines.front());
    lines.pop_front();
    co_return true;
  }
  [[nodiscard]] bool is_terminal() const override { return false; }
  std::deque<std::string> lines;
  std::string out_;
  std::string err_;
};

// Runs tools against a node, as a person types them.
class ToolOnNode : public test::NodeInSim {
 protected:
  struct Ended {
    int code;
    std::string out;
    std::string err;
  };
  // `words`: the tool's name, then its options; the node's address is added.
  Ended tool(std::vector<std::string> words, std::vector<std::string> lines = {}) {
    words.insert(words.end(), {"--bootstrap-server", "127.0.0.1:9092"});
    return tool_alone(std::move(words), std::move(lines));
  }
  void put(const std::string& path, const std::string& text) { run(write(env(), path, text)); }
  Ended tool_alone(std::vector<std::string> words, std::vector<std::string> lines = {}) {
    const Tool* found = find_tool(words.front());
    EXPECT_NE(found, nullptr);
    NodeConsole console;
    console.lines.assign(lines.begin(), lines.end());
    ToolContext context{env(), console, log(), words.front(), {words.begin() + 1, words.end()}};
    int code = -1;
    run(run_it(*found, context, code));
    // The broker shows what the controller committed a moment later; a person types no faster.
    run(env::sleep_for(env(), Milliseconds{50}));
    return {code, console.out_, console.err_};
  }

 private:
  static env::Task<void> write(env::Env& env, std::string path, std::string text) {
    CHECK_OK(co_await env::replace_file(env.disk, path, SharedBytes::copy_of(as_bytes(text))));
  }
  static env::Task<void> run_it(const Tool& tool, ToolContext& context, int& code) {
    code = co_await tool.run(context);
  }
};

}  // namespace moldau::cli
