#include "bin/run_tool.h"

#include <cstdio>
#include <filesystem>

#include "env/task_group.h"
#include "os/runtime.h"
#include "os/standard_input.h"

namespace moldau::bin {
namespace {

// Standard streams. Output goes out in large pieces, and before anything goes to standard error, so
// that a person sees both in order.
class StandardConsole final : public cli::Console {
 public:
  explicit StandardConsole(env::Env& env) : env_(&env) {}
  void out(std::string_view text) override {
    constexpr std::size_t k_piece = 1 << 16;
    held_ += text;
    if (held_.size() >= k_piece) flush();
  }
  void err(std::string_view text) override {
    flush();
    std::fwrite(text.data(), 1, text.size(), stderr);
  }
  void flush() override {
    std::fwrite(held_.data(), 1, held_.size(), stdout);
    std::fflush(stdout);
    held_.clear();
  }
  env::Task<bool> read_line(std::string& line) override {
    constexpr Milliseconds k_look_again{2};
    while (!interrupted_) {
      switch (input_.try_line(line)) {
        case os::StandardInput::State::line:
          co_return true;
        case os::StandardInput::State::end:
          co_return false;
        case os::StandardInput::State::not_yet:
          flush();
          co_await env::sleep_for(*env_, k_look_again);
      }
    }
    co_return false;
  }
  [[nodiscard]] bool interrupted() const override { return interrupted_; }
  void interrupt() { interrupted_ = true; }
  [[nodiscard]] bool is_terminal() const override { return os::standard_input_is_terminal(); }

 private:
  env::Env* env_;
  os::StandardInput input_;
  std::string held_;
  bool interrupted_ = false;
};

env::Task<void> watch(os::Runtime& runtime, StandardConsole& console) {
  co_await runtime.termination();
  console.interrupt();
}

env::Task<void> run_and_keep(cli::Tool tool, cli::ToolContext& context, os::Runtime& runtime,
                             StandardConsole& console, int& code) {
  env::TaskGroup group(context.env.scheduler);
  if (tool.ends_itself) group.spawn(watch(runtime, console));
  code = co_await cli::run(tool, context);
  runtime.request_stop();
  co_await group.join();
}

std::string working_directory() {
  std::error_code problem;
  return std::filesystem::current_path(problem).string();
}

}  // namespace

int run_tool(const cli::Tool& tool, std::string called_as, std::vector<std::string> words) {
  int code = 1;
  const std::unique_ptr<telemetry::LogSink> log = telemetry::standard_error_sink(os::wall_now);
  os::Runtime runtime({.shards = 1, .catch_signals = tool.ends_itself});
  StandardConsole console(runtime.env(ShardId{0}));
  cli::ToolContext context{runtime.env(ShardId{0}), console,          *log,
                           std::move(called_as),    std::move(words), working_directory(),
                           MOLDAU_VERSION};
  runtime.run([&](env::Env&) { return run_and_keep(tool, context, runtime, console, code); });
  console.flush();
  constexpr int k_signal_base = 128;  // as shells count
  return runtime.termination_signal() == 0 ? code : k_signal_base + runtime.termination_signal();
}

}  // namespace moldau::bin
