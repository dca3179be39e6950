#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "controller/node_config_rules.h"
#include "env/turns.h"
#include "node/broker_lifecycle.h"
#include "node/controller_host.h"
#include "node/log_directories.h"
#include "node/metadata_flow.h"
#include "node/metadata_publisher.h"
#include "node/node.h"
#include "node/raft_driver.h"
#include "node/shard_host.h"
#include "security/authorizer.h"

namespace moldau::node {

// A node's parts and what is done with them: node_start.cc brings them up, node_checkpoints.cc
// keeps what the directories say of the logs, node.cc stops them. Only those include this. Context:
// shard 0.
struct Node::State {
  State(NodeSettings node_settings, std::vector<env::Env*> shard_envs, telemetry::LogSink& log_sink,
        std::function<void(const Serving&)> on_ready);

  env::Task<void> run_node();
  env::Task<Result<void>> start();
  env::Task<Result<void>> open_directories();
  env::Task<Result<void>> listen();
  void guard_listeners();
  env::Task<Result<void>> start_metadata();
  env::Task<Result<void>> register_controller();
  env::Task<Result<void>> start_broker();
  env::Task<Result<void>> correct_directories(BrokerEpoch epoch);
  env::Task<void> serve(ShardHost::Audience audience);
  env::Task<void> stop();
  env::Task<std::vector<ReplicaCheckpoint>> gather_checkpoints();
  // The same as last time: entries of logs that are not open may have gone nevertheless.
  enum class WhenSame : std::uint8_t { skip, write };
  env::Task<Result<void>> write_checkpoints(WhenSame when_same);
  env::Task<void> forget_in_checkpoints();
  env::Task<void> run_checkpoints();
  env::Task<void> expire_producers();
  env::Task<Result<void>> close_replicas();
  void fail_with(const Error& error);
  void ask_to_stop();

  [[nodiscard]] env::Env& env() { return *envs.front(); }
  [[nodiscard]] raft::Settings raft_settings() const;
  [[nodiscard]] BrokerLifecycle::Settings lifecycle_settings();

  NodeSettings settings;
  std::vector<env::Env*> envs;
  telemetry::LogSink& sink;
  std::function<void(const Serving&)> ready;
  telemetry::Logger log;
  security::AllowAll allow_all;
  broker::NodeFacts facts;
  // The controller's listeners and the broker's are counted apart, as Kafka's two servers do.
  std::unique_ptr<rpc::ConnectionGate> gate_of_clients;
  std::unique_ptr<rpc::ConnectionGate> gate_of_controllers;
  std::vector<std::unique_ptr<ShardHost>> hosts;
  std::unique_ptr<LogDirectories> directories;
  std::unique_ptr<log::FilePool> metadata_files;
  controller::NodeConfigRules rules;
  std::unique_ptr<MetadataPublisher> publisher;
  std::unique_ptr<ControllerHost> controller;
  std::unique_ptr<MetadataFlow> flow;
  std::unique_ptr<RaftDriver> driver;
  std::unique_ptr<BrokerLifecycle> lifecycle;
  env::TaskGroup tasks;
  env::Signal stop_bell;
  env::Signal checkpoint_bell;
  env::Turns checkpoint_turns;
  std::vector<ReplicaCheckpoint> checkpointed;  // what was written last in this life
  Offset metadata_checkpointed{0};
  Serving serving;
  Uuid incarnation;
  std::optional<Error> failure;
  bool stop_asked = false;
  bool logs_opened = false;  // all that the metadata place here, and strays are set aside
};

}  // namespace moldau::node
