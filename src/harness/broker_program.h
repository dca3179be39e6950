#pragma once
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "env/task_group.h"
#include "node/node.h"
#include "sim/world.h"
#include "telemetry/log.h"

namespace moldau::harness {

inline constexpr std::uint16_t k_broker_port = 9092;

// Hands the node's log lines on, with the world's time.
class TraceSink final : public telemetry::LogSink {
 public:
  explicit TraceSink(std::function<void(std::string)> line) : line_(std::move(line)) {}
  void write(const telemetry::LogEvent& event) override;

 private:
  std::function<void(std::string)> line_;
};

// One life of the real node (src/node), broker and controller in one, on a host of the world.
// Context: made after Host::boot(); ended by the host; then abandon() or unwound, and destroyed
// before Host::bury().
class BrokerProgram {
 public:
  // `overrides` are "key=value" settings beyond those that the world asks for.
  BrokerProgram(sim::Boot& boot, telemetry::LogSink& sink, std::vector<std::string> overrides);
  ~BrokerProgram();
  BrokerProgram(const BrokerProgram&) = delete;
  BrokerProgram& operator=(const BrokerProgram&) = delete;

  void request_stop() { node_->request_stop(); }
  [[nodiscard]] bool ready() const { return ready_; }
  [[nodiscard]] bool at_rest() const;
  [[nodiscard]] const std::optional<Error>& failure() const { return node_->failure(); }

 private:
  bool ready_ = false;
  std::unique_ptr<node::Node> node_;
  std::vector<std::unique_ptr<env::TaskGroup>> groups_;
};

}  // namespace moldau::harness
