#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "broker/controller_client.h"
#include "broker/dispatch.h"
#include "broker/shard.h"
#include "node/replica_host.h"
#include "rpc/connection_gate.h"
#include "rpc/server.h"
#include "telemetry/log.h"

namespace moldau::node {

class ControllerHost;

// The controller of this very process, asked from any of its shards.
class LocalController final : public broker::ControllerClient {
 public:
  // The host comes later: nobody asks before it is there.
  explicit LocalController(env::Env& here) : here_(here) {}
  void connect(env::ShardPort& there, ControllerHost& host) {
    there_ = &there;
    host_ = &host;
  }
  [[nodiscard]] env::Task<Result<SharedBytes>> send(broker::ControllerRequest request) override;

 private:
  env::Env& here_;
  env::ShardPort* there_ = nullptr;
  ControllerHost* host_ = nullptr;
};

// Everything that one shard of a node has: its part of the broker, its replicas, its listeners.
// Context: made before the shards run; then only the shard touches it, others through shard().port.
class ShardHost {
 public:
  struct Settings {
    telemetry::LogSink& sink;
    broker::FetchSessions::Settings sessions;
    std::size_t open_files_max;
  };
  ShardHost(env::Env& env, broker::NodeFacts& facts, Settings settings);
  ShardHost(const ShardHost&) = delete;
  ShardHost& operator=(const ShardHost&) = delete;
  ~ShardHost();

  [[nodiscard]] broker::Shard& shard() { return shard_; }
  [[nodiscard]] ReplicaHost& replicas() { return replicas_; }
  [[nodiscard]] LocalController& controller() { return controller_; }

  // Whom a listener is for.
  enum class Audience : std::uint8_t { clients, controllers };
  // Binds; nobody is served before serve(). Gives the real port.
  [[nodiscard]] env::Task<Result<env::Endpoint>> listen(config::Endpoint endpoint,
                                                        Audience audience);
  // Who counts their connections; before listen().
  void guard(Audience audience, rpc::ConnectionGate& gate);
  // Begins to accept on what listen() bound for them.
  [[nodiscard]] env::Task<bool> serve(Audience audience);
  // Reads no more requests, lets long polls answer, and completes when the connections have ended
  // or `patience` is over.
  [[nodiscard]] env::Task<bool> drain(Milliseconds patience);
  // Runs until finish(), and until everything that was begun here has ended.
  [[nodiscard]] env::Task<void> run();
  void finish();

 private:
  struct Bound {
    Audience audience;
    std::unique_ptr<env::Listener> listener;
    std::unique_ptr<rpc::Server> server;
  };

  LocalController controller_;
  broker::Shard shard_;
  ReplicaHost replicas_;
  broker::Dispatch for_clients_;
  broker::Dispatch for_controllers_;
  rpc::ServerParts server_parts_;
  rpc::ConnectionGate* gate_of_clients_ = nullptr;
  rpc::ConnectionGate* gate_of_controllers_ = nullptr;
  std::vector<Bound> bound_;
  env::TaskGroup serving_;
  env::Completion<bool> finished_;
};

}  // namespace moldau::node
