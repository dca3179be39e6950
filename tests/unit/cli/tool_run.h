#pragma once
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "cli/tool.h"
#include "env/disk.h"
#include "sim/world.h"

namespace moldau::cli {

// Runs tools in a simulated machine and keeps what they print.
class ToolTest : public testing::Test {
 protected:
  struct Run {
    int code = -1;
    std::string out, err;
  };
  Run run(env::Task<int> (*tool)(ToolContext&), std::vector<std::string> words) {
    Strings console;
    Silence log;
    ToolContext context{boot_.env(0), console, log, "tool", std::move(words), working_directory_};
    env::Task<int> task = tool(context);
    EXPECT_TRUE(world_.run_until([&] { return task.done(); }));
    return {task.done() ? task.take_result() : -1, console.printed, console.said};
  }
  void put(const std::string& path, Bytes bytes) {
    env::Disk& disk = boot_.env(0).disk;
    auto made = disk.make_directory(env::parent_path(path));
    EXPECT_TRUE(world_.run_until([&] { return made.done(); }));
    auto written = env::replace_file(disk, path, SharedBytes::copy_of(bytes));
    EXPECT_TRUE(world_.run_until([&] { return written.done(); }));
    EXPECT_TRUE(written.take_result().has_value());
  }
  std::string working_directory_;

 private:
  struct Strings : Console {
    std::string printed, said;
    void out(std::string_view text) override { printed += text; }
    void err(std::string_view text) override { said += text; }
    void flush() override {}
    env::Task<bool> read_line(std::string&) override { co_return false; }
    bool is_terminal() const override { return false; }
  };
  struct Silence : telemetry::LogSink {
    void write(const telemetry::LogEvent&) override {}
  };
  sim::World world_{11};
  sim::Boot& boot_ = world_.add_host({.name = "node"}).boot();
};

}  // namespace moldau::cli
