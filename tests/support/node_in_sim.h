#pragma once
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "config/node_config.h"
#include "env/task_group.h"
#include "node/node.h"
#include "sim/world.h"

namespace moldau::test {

// Keeps what the node logs; a failed test prints it.
class KeptLog final : public telemetry::LogSink {
 public:
  void write(const telemetry::LogEvent& event) override {
    lines_ += std::string(event.logger) + ": " + std::string(event.text) + "\n";
  }
  [[nodiscard]] const std::string& lines() const { return lines_; }

 private:
  std::string lines_;
};

// A whole node, broker and controller, formatted on first start and serving on 127.0.0.1:9092 and
// :9093 of a simulated machine, and the env of that machine for a client of it.
class NodeInSim : public testing::Test {
 protected:
  NodeInSim() : host_(world_.add_host({.name = "127.0.0.1"})), boot_(host_.boot()) {
    auto loaded = config::load_node_config(config::default_settings("data"));
    EXPECT_TRUE(loaded.has_value());
    node_ = std::make_unique<node::Node>(node::NodeSettings{std::move(loaded->config), true},
                                         std::vector<env::Env*>{&env()}, log_,
                                         [this](const node::Serving&) { ready_ = true; });
    tasks_ = std::make_unique<env::TaskGroup>(env().scheduler);
    tasks_->spawn(node_->run(ShardId{0}));
    EXPECT_TRUE(world_.run_until([this] { return ready_ || node_->failure(); })) << log_.lines();
    EXPECT_FALSE(node_->failure().has_value()) << node_->failure()->describe();
  }
  ~NodeInSim() override {
    node_->request_stop();
    EXPECT_TRUE(world_.run_until([this] { return tasks_->running() == 0; })) << log_.lines();
  }

  [[nodiscard]] env::Env& env() { return boot_.env(0); }
  [[nodiscard]] telemetry::LogSink& log() { return log_; }

  // Runs `work` on the machine until it ends.
  void run(env::Task<void> work) {
    bool done = false;
    tasks_->spawn(finish(std::move(work), done));
    EXPECT_TRUE(world_.run_until([&] { return done; })) << log_.lines();
  }

 private:
  static env::Task<void> finish(env::Task<void> work, bool& done) {
    co_await work;
    done = true;
  }

  sim::World world_{1};
  sim::Host& host_;
  sim::Boot& boot_;
  KeptLog log_;
  bool ready_ = false;
  std::unique_ptr<node::Node> node_;
  std::unique_ptr<env::TaskGroup> tasks_;
};

}  // namespace moldau::test
