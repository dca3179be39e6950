#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "config/node_config.h"
#include "env/env.h"
#include "env/task.h"
#include "telemetry/log.h"

namespace moldau::node {

struct NodeSettings {
  config::NodeConfig config;
  // `moldau server` without a file: directories that hold nothing are formatted for a new cluster.
  // Otherwise an unformatted one is refused.
  bool format_when_empty = false;
};

// Where the node listens, with real ports.
struct Serving {
  std::vector<config::Endpoint> listeners;
};

// One node, broker or controller or both, built on one env::Env for each shard. It runs in
// production on os/ and in simulation on sim/, and cannot tell which.
//
//   Node node(settings, envs, sink, [](const Serving& serving) { ... });
//   on each shard: co_await node.run(shard);   // ends when the node has stopped
//   node.request_stop();                       // on shard 0: a clean stop
//   node.failure();                            // afterwards: why it could not start or go on
//
// Start: directories are locked, read, and formatted if asked; listeners are bound; the metadata
// log is recovered, a leader elected, the image loaded, replicas opened; then requests are served,
// the broker registers, and when it is unfenced `ready` is called, once, on shard 0. Stop: the
// broker asks to be let go, connections drain, logs close, checkpoints and the marker of a clean
// stop are written. A node that is not stopped but dropped has crashed; the next start recovers.
// Context: made and destroyed while no shard runs. Everything else on shard 0, run() on each.
// Errors of failure(): bad_configuration, with what to change or to type; storage errors;
// unusable_record, naming log, offset and record.
class Node {
 public:
  Node(NodeSettings settings, std::vector<env::Env*> shards, telemetry::LogSink& sink,
       std::function<void(const Serving&)> ready);
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;
  ~Node();

  [[nodiscard]] env::Task<void> run(ShardId shard);
  // Idempotent; may come at any time after run(0) began, also while it starts.
  void request_stop();
  [[nodiscard]] const std::optional<Error>& failure() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace moldau::node
