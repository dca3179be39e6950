#include "node/node.h"

#include <algorithm>
#include <utility>

#include "base/limits.h"
#include "controller/node_config_rules.h"
#include "env/call_on.h"
#include "env/turns.h"
#include "node/broker_lifecycle.h"
#include "node/controller_host.h"
#include "node/format.h"
#include "node/log_directories.h"
#include "node/metadata_flow.h"
#include "node/metadata_publisher.h"
#include "node/raft_driver.h"
#include "node/shard_host.h"
#include "protocol/api/controller_registration.h"
#include "security/authorizer.h"

namespace moldau::node {
namespace {

constexpr std::string_view k_metadata_topic = "__cluster_metadata";
constexpr Milliseconds k_drain_patience{3000};
constexpr Milliseconds k_leave_patience{4000};

// log.dirs and metadata.log.dir, each once.
std::vector<std::string> directories_of(const config::NodeConfig& config) {
  std::vector<std::string> all = config.log.directories;
  if (std::ranges::find(all, config.metadata_log.directory) == all.end()) {
    all.push_back(config.metadata_log.directory);
  }
  return all;
}

Result<raft::VoterSet> static_voters(const config::NodeConfig& config) {
  std::vector<raft::Voter> voters;
  for (const config::StaticVoter& one : config.quorum.voters) {
    raft::Voter voter;
    voter.key.id = one.id;
    voter.endpoints.push_back({.listener = config.network.controller_listener_names.front(),
                               .host = one.address.host,
                               .port = one.address.port});
    voters.push_back(std::move(voter));
  }
  return raft::VoterSet::of(std::move(voters));
}

// What a node of this version can be.
Result<void> check_supported(const config::NodeConfig& config) {
  if (!config.roles.controller) {
    return fail(Errc::bad_configuration,
                "process.roles: this version runs the controller in the same node; "
                "set process.roles=broker,controller");
  }
  for (const config::Endpoint& listener : config.network.listeners) {
    if (listener.protocol == config::SecurityProtocol::plaintext) continue;
    return fail(Errc::bad_configuration,
                "listeners: {} asks for {}, and this version serves PLAINTEXT only",
                listener.listener, config::name_of(listener.protocol));
  }
  return {};
}

controller::Settings controller_settings(const config::NodeConfig& config, std::string cluster_id,
                                         std::vector<metadata::MetadataRecord> bootstrap) {
  controller::Settings settings;
  settings.node_id = config.node_id;
  settings.num_partitions = config.topics.partition_count;
  settings.default_replication_factor = static_cast<std::int16_t>(config.topics.replication_factor);
  const Result<config::TopicConfig> topics =
      config::resolve_topic_config({{}, {}, config.settings}, {});
  if (topics) settings.min_insync_replicas = topics->min_insync_replicas;
  settings.delete_topic_enable = config.topics.delete_enable;
  settings.broker_session_timeout = config.broker.session_timeout;
  settings.max_idle_interval = config.metadata_log.idle_interval_max;
  settings.auto_leader_rebalance = config.replication.auto_leader_rebalance;
  settings.leader_imbalance_check_interval = config.replication.leader_imbalance_check_interval;
  settings.unclean_leader_election_check_interval =
      config.replication.unclean_election_check_interval;
  settings.cluster_id = std::move(cluster_id);
  settings.unstable_feature_versions = config.unstable_features;
  settings.bootstrap = std::move(bootstrap);
  return settings;
}

broker::FetchSessions::Settings sessions_of(const config::NodeConfig& config, std::int32_t shard,
                                            std::int32_t shards) {
  broker::FetchSessions::Settings settings;
  const std::int32_t range = INT32_MAX / shards;
  settings.slots = (config.fetch.session_slots + shards - 1) / shards;
  settings.first_id = std::max(1, shard * range);
  settings.end_id = (shard + 1) * range;
  return settings;
}

}  // namespace

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
  Serving serving;
  Uuid incarnation;
  std::optional<Error> failure;
  bool stop_asked = false;
  bool logs_opened = false;  // all that the metadata place here, and strays are set aside
};

Node::State::State(NodeSettings node_settings, std::vector<env::Env*> shard_envs,
                   telemetry::LogSink& log_sink, std::function<void(const Serving&)> on_ready)
    : settings(std::move(node_settings)),
      envs(std::move(shard_envs)),
      sink(log_sink),
      ready(std::move(on_ready)),
      log(log_sink, "node.Node"),
      facts{.node_id = settings.config.node_id,
            .cluster_id = {},
            .is_broker = settings.config.roles.broker,
            .is_controller = settings.config.roles.controller,
            .config = std::make_shared<const config::NodeConfig>(settings.config),
            .authorizer = allow_all,
            .shards = {}},
      rules(*facts.config),
      tasks(envs.front()->scheduler),
      stop_bell(envs.front()->scheduler),
      checkpoint_bell(envs.front()->scheduler),
      checkpoint_turns(envs.front()->scheduler) {
  facts.write_checkpoints = [this] { return write_checkpoints(WhenSame::skip); };
  const auto count = static_cast<std::int32_t>(envs.size());
  for (std::int32_t i = 0; i < count; ++i) {
    const auto open_files_max = static_cast<std::size_t>(k_open_log_files_max.value / count);
    hosts.push_back(std::make_unique<ShardHost>(
        *envs[static_cast<std::size_t>(i)], facts,
        ShardHost::Settings{sink, sessions_of(settings.config, i, count), open_files_max}));
    broker::Shard& shard = hosts.back()->shard();
    facts.shards.push_back(&shard);
    shard.partition_parts.log_failed = [this, &shard](const Error& error) {
      if (shard.env.mailbox.self() == ShardId{0}) {
        fail_with(error);
      } else {
        shard.env.mailbox.reply(ShardId{0}, [this, error] { fail_with(error); });
      }
    };
  }
}

void Node::State::guard_listeners() {
  const config::NetworkSettings& network = settings.config.network;
  rpc::ConnectionLimits limits{.total = network.connections_max,
                               .of_address = network.connections_per_ip_max,
                               .in_a_second = network.connection_creation_rate_max,
                               .of_addresses = network.connections_per_ip_overrides,
                               .protected_listener = {}};
  // Names are Kafka's to look up; this one everybody knows.
  for (auto& [host, count] : limits.of_addresses) {
    if (host == "localhost") host = "127.0.0.1";
  }
  if (!limits.any()) return;
  env::ShardPort& home = hosts.front()->shard().port;
  gate_of_controllers = std::make_unique<rpc::ConnectionGate>(home, limits);
  const auto of_clients = std::ranges::count_if(network.listeners, [&](const auto& endpoint) {
    return !network.is_controller_listener(endpoint.listener);
  });
  if (of_clients > 1) limits.protected_listener = network.inter_broker_listener;
  gate_of_clients = std::make_unique<rpc::ConnectionGate>(home, std::move(limits));
  for (const auto& host : hosts) {
    host->guard(ShardHost::Audience::clients, *gate_of_clients);
    host->guard(ShardHost::Audience::controllers, *gate_of_controllers);
  }
}

void Node::State::fail_with(const Error& error) {
  if (!failure) {
    failure = error;
    log.error("{}", error.describe());
  }
  ask_to_stop();
}

void Node::State::ask_to_stop() {
  stop_asked = true;
  stop_bell.ring();
  // What a start waits for may never come now.
  if (publisher) publisher->stop_waiting();
  if (lifecycle) lifecycle->stop_joining();
}

env::Task<void> Node::State::run_node() {
  Result<void> started = co_await start();
  if (!started && !stop_asked) fail_with(started.error());
  while (!stop_asked) co_await stop_bell;
  co_await stop();
  for (std::size_t i = 0; i < hosts.size(); ++i) {
    ShardHost* const host = hosts[i].get();
    if (i == 0) {
      host->finish();
    } else {
      env().mailbox.reply(ShardId{static_cast<std::int32_t>(i)}, [host] { host->finish(); });
    }
  }
}

env::Task<Result<void>> Node::State::start() {
  CO_TRY_OK(check_supported(settings.config));
  CO_TRY_OK(co_await open_directories());
  CO_TRY_OK(co_await listen());
  CO_TRY_OK(co_await start_metadata());
  co_await serve(ShardHost::Audience::controllers);
  if (facts.is_broker) {
    CO_TRY_OK(co_await start_broker());
  }
  if (!stop_asked) ready(serving);
  co_return Result<void>{};
}

env::Task<Result<void>> Node::State::open_directories() {
  const std::vector<std::string> paths = directories_of(settings.config);
  if (settings.format_when_empty) {
    FormatSettings format;
    format.cluster_id = env::new_uuid(env().entropy).to_string();
    format.node_id = facts.node_id;
    format.directories = paths;
    format.metadata_directory = settings.config.metadata_log.directory;
    const std::string meta = env::join_path(paths.front(), std::string{log::k_meta_properties});
    CO_TRY(const bool formatted, co_await env().disk.exists(meta));
    if (!formatted) {
      CO_TRY_OK(co_await format_directories(env(), std::move(format), true));
    }
  }
  CO_TRY(directories, co_await LogDirectories::open(env(), paths));
  CO_TRY(facts.cluster_id, directories->check_formatted(facts.node_id));
  incarnation = env::new_uuid(env().entropy);
  co_return Result<void>{};
}

env::Task<Result<void>> Node::State::listen() {
  guard_listeners();
  for (config::Endpoint endpoint : settings.config.network.listeners) {
    const auto audience = settings.config.network.is_controller_listener(endpoint.listener)
                              ? ShardHost::Audience::controllers
                              : ShardHost::Audience::clients;
    for (std::size_t i = 0; i < hosts.size(); ++i) {
      ShardHost* const host = hosts[i].get();
      CO_TRY(const env::Endpoint bound, co_await env::call_on<Result<env::Endpoint>>(
                                            env(), host->shard().port, [host, endpoint, audience] {
                                              return host->listen(endpoint, audience);
                                            }));
      // A port that the system chose is the one for all shards.
      endpoint.port = bound.port;
    }
    serving.listeners.push_back(endpoint);
  }
  co_return Result<void>{};
}

raft::Settings Node::State::raft_settings() const {
  const config::NodeConfig& config = settings.config;
  raft::Settings raft;
  raft.node_id = config.node_id;
  raft.directory_id = directories->id_of(config.metadata_log.directory);
  raft.cluster_id = facts.cluster_id;
  for (const config::Endpoint& endpoint : config.network.advertised_controller) {
    std::uint16_t port = endpoint.port;
    for (const config::Endpoint& bound : serving.listeners) {
      if (bound.listener == endpoint.listener && port == 0) port = bound.port;
    }
    raft.endpoints.push_back({.listener = endpoint.listener, .host = endpoint.host, .port = port});
  }
  raft.election_timeout = config.quorum.election_timeout;
  raft.fetch_timeout = config.quorum.fetch_timeout;
  // Writes that come while a sync runs share the next one, so lingering gains nothing: only who
  // asks for it gets it.
  raft.append_linger = config.settings.contains("controller.quorum.append.linger.ms")
                           ? config.quorum.append_linger
                           : Milliseconds{0};
  raft.snapshot_after_bytes = config.metadata_log.bytes_between_snapshots_max;
  raft.snapshot_after = config.metadata_log.snapshot_interval_max;
  return raft;
}

env::Task<Result<void>> Node::State::start_metadata() {
  const config::NodeConfig& config = settings.config;
  const auto failed = [this](const Error& error) { fail_with(error); };
  std::vector<ReplicaHost*> replica_hosts;
  for (const auto& host : hosts) replica_hosts.push_back(&host->replicas());
  publisher = std::make_unique<MetadataPublisher>(
      env(),
      MetadataPublisher::Parts{
          .facts = facts,
          .hosts = std::move(replica_hosts),
          .directories = *directories,
          .log = log.named("node.MetadataPublisher"),
          .controller = [this] { return driver->machine().leader(); },
          .kraft_version =
              [this] { return static_cast<std::int16_t>(driver->machine().kraft_version()); },
          .applied =
              [this] {
                if (lifecycle) lifecycle->metadata_advanced();
              },
          .folders_went = [this] { return forget_in_checkpoints(); },
          .log_failed = failed});
  CO_TRY(std::vector<metadata::MetadataRecord> bootstrap,
         co_await read_bootstrap(env(), config.metadata_log.directory));
  controller = std::make_unique<ControllerHost>(
      ControllerHost::Parts{.env = env(),
                            .rules = rules,
                            .authorizer = facts.authorizer,
                            .log = log.named("node.ControllerHost"),
                            .failed = failed,
                            .shown = [this](Offset end) { return publisher->wait_until(end); }},
      controller_settings(config, facts.cluster_id, std::move(bootstrap)));
  RaftDriver::Settings raft;
  raft.raft = raft_settings();
  CO_TRY(raft.raft.static_voters, static_voters(config));
  raft.log = directories->locate_in(config.metadata_log.directory, std::string{k_metadata_topic},
                                    PartitionIndex{0}, k_metadata_topic_id);
  auto log_config = std::make_shared<log::LogConfig>();
  log_config->segment_bytes = config.metadata_log.segment_bytes;
  log_config->segment_time = config.metadata_log.segment_age_max;
  log_config->message_bytes_max = raft::k_batch_bytes_max;
  raft.log_config = std::move(log_config);
  raft.retention.max_bytes = config.metadata_log.retention_bytes;
  raft.retention.max_age = config.metadata_log.retention;
  flow = std::make_unique<MetadataFlow>(MetadataFlow::Parts{.log_path = raft.log.path,
                                                            .controller = controller.get(),
                                                            .publisher = *publisher,
                                                            .log = log,
                                                            .failed = failed});
  metadata_files = std::make_unique<log::FilePool>(env().disk, 16);
  CO_TRY(driver, co_await RaftDriver::open(env(), *metadata_files, std::move(raft), *flow, log));
  controller->start(*driver);
  for (const auto& host : hosts) {
    host->controller().connect(facts.shards.front()->port, *controller);
  }
  driver->start();
  co_return co_await register_controller();
}

// Also waits until this node, the only voter, is the active controller.
env::Task<Result<void>> Node::State::register_controller() {
  protocol::ControllerRegistrationRequest request;
  request.controller_id = facts.node_id;
  request.incarnation_id = incarnation;
  for (const raft::VoterEndpoint& endpoint : raft_settings().endpoints) {
    auto& listener = request.listeners.emplace_back();
    listener.name = endpoint.listener;
    listener.host = endpoint.host;
    listener.port = endpoint.port;
  }
  for (const auto& [name, range] :
       metadata::supported_features(settings.config.unstable_features)) {
    auto& feature = request.features.emplace_back();
    feature.name = name;
    feature.min_supported_version = range.min.value;
    feature.max_supported_version = range.max.value;
  }
  CO_TRY(const protocol::ControllerRegistrationResponse response,
         co_await (broker::ask_controller<protocol::ControllerRegistrationRequest,
                                          protocol::ControllerRegistrationResponse>(
             hosts.front()->controller(), std::move(request), ApiVersion{0})));
  // Clusters below 3.7-IV0 have no such record.
  if (response.error_code != Errc::none && response.error_code != Errc::unsupported_version) {
    co_return fail(Error(response.error_code, response.error_message.value_or("")));
  }
  co_return Result<void>{};
}

BrokerLifecycle::Settings Node::State::lifecycle_settings() {
  const config::NodeConfig& config = settings.config;
  BrokerLifecycle::Settings out;
  out.id = facts.node_id;
  out.cluster_id = facts.cluster_id;
  out.incarnation_id = incarnation;
  for (config::Endpoint endpoint : config.network.advertised_broker) {
    for (const config::Endpoint& bound : serving.listeners) {
      if (bound.listener == endpoint.listener && endpoint.port == 0) endpoint.port = bound.port;
    }
    out.endpoints.push_back(std::move(endpoint));
  }
  out.features = metadata::supported_features(config.unstable_features);
  out.rack = config.broker.rack;
  out.log_dirs = directories->ids();
  out.previous_epoch = directories->previous_broker_epoch();
  out.heartbeat_interval = config.broker.heartbeat_interval;
  out.registration_timeout = config.broker.registration_timeout;
  return out;
}

env::Task<Result<void>> Node::State::start_broker() {
  co_await publisher->wait_until(driver->machine().high_watermark().value_or(Offset{0}));
  if (stop_asked) co_return fail(Errc::cancelled);
  CO_TRY(const std::size_t strays, co_await directories->put_in_order());
  if (strays > 0) log.warn("{} folders that the metadata do not place here were set aside", strays);
  logs_opened = true;
  if (directories->last_run_says_too_much(co_await gather_checkpoints())) {
    CO_TRY_OK(co_await write_checkpoints(WhenSame::write));
  }
  if (stop_asked) co_return fail(Errc::cancelled);
  lifecycle = std::make_unique<BrokerLifecycle>(
      env(), hosts.front()->controller(), lifecycle_settings(),
      [this] { return publisher->applied_end(); }, log);
  tasks.spawn(run_checkpoints());
  CO_TRY_OK(co_await lifecycle->join_cluster());
  // As in Kafka, clients wait until the broker is unfenced and its shards know that: before, it
  // would tell them that the cluster has no brokers.
  co_await publisher->wait_until(driver->machine().high_watermark().value_or(Offset{0}));
  if (!stop_asked) co_await serve(ShardHost::Audience::clients);
  co_return Result<void>{};
}

env::Task<void> Node::State::serve(ShardHost::Audience audience) {
  for (const auto& one : hosts) {
    ShardHost* const host = one.get();
    (void)co_await env::call_on<bool>(env(), host->shard().port,
                                      [host, audience] { return host->serve(audience); });
  }
}

env::Task<std::vector<ReplicaCheckpoint>> Node::State::gather_checkpoints() {
  std::vector<ReplicaCheckpoint> all;
  for (const auto& one : hosts) {
    ReplicaHost* const host = &one->replicas();
    std::vector<ReplicaCheckpoint> some = co_await env::call_on<std::vector<ReplicaCheckpoint>>(
        env(), one->shard().port, [host] { return host->checkpoints(); });
    all.insert(all.end(), std::make_move_iterator(some.begin()),
               std::make_move_iterator(some.end()));
  }
  co_return all;
}

env::Task<void> Node::State::run_checkpoints() {
  const Milliseconds interval = settings.config.replication.high_watermark_checkpoint_interval;
  const Milliseconds expiry_interval = settings.config.log.producer_id_expiration_check_interval;
  Instant next_checkpoint = env().clock.now() + interval;
  Instant next_expiry = env().clock.now() + expiry_interval;
  while (!stop_asked) {
    const env::Timers::TimerId timer = env().timers.arm(std::min(next_checkpoint, next_expiry),
                                                        [this] { checkpoint_bell.ring(); });
    co_await checkpoint_bell;
    env().timers.cancel(timer);
    if (stop_asked) co_return;
    if (env().clock.now() >= next_expiry) {
      next_expiry = env().clock.now() + expiry_interval;
      co_await expire_producers();
    }
    if (env().clock.now() < next_checkpoint) continue;
    next_checkpoint = env().clock.now() + interval;
    Result<void> done = co_await write_checkpoints(WhenSame::skip);
    if (!done) {
      fail_with(done.error());
      co_return;
    }
  }
}

// One at a time: what was gathered first must not be written last.
env::Task<Result<void>> Node::State::write_checkpoints(WhenSame when_same) {
  const env::Turns::Turn turn = co_await checkpoint_turns.next();
  std::vector<ReplicaCheckpoint> now = co_await gather_checkpoints();
  if (now == checkpointed && when_same == WhenSame::skip) co_return Result<void>{};
  CO_TRY_OK(co_await directories->write_checkpoints(now));
  checkpointed = std::move(now);
  co_return Result<void>{};
}

env::Task<void> Node::State::forget_in_checkpoints() {
  Result<void> done = co_await write_checkpoints(WhenSame::write);
  if (!done) fail_with(done.error());
}

env::Task<void> Node::State::expire_producers() {
  for (const auto& one : hosts) {
    ReplicaHost* const host = &one->replicas();
    (void)co_await env::call_on<bool>(env(), one->shard().port,
                                      [host] { return host->expire_producers(); });
  }
}

env::Task<Result<void>> Node::State::close_replicas() {
  std::optional<Error> first;
  for (const auto& one : hosts) {
    ReplicaHost* const host = &one->replicas();
    std::vector<ReplicaFailure> failures = co_await env::call_on<std::vector<ReplicaFailure>>(
        env(), one->shard().port, [host] { return host->close_all(); });
    if (!failures.empty() && !first) first = std::move(failures.front().error);
  }
  if (first) co_return fail(*std::move(first));
  co_return co_await write_checkpoints(WhenSame::write);
}

env::Task<void> Node::State::stop() {
  checkpoint_bell.ring();
  std::optional<BrokerEpoch> epoch;
  if (lifecycle) {
    if (settings.config.broker.controlled_shutdown) {
      co_await lifecycle->leave_cluster(failure ? Milliseconds{0} : k_leave_patience);
    } else {
      co_await lifecycle->drop_out();
    }
    epoch = lifecycle->epoch();
  }
  for (const auto& one : hosts) {
    ShardHost* const host = one.get();
    (void)co_await env::call_on<bool>(env(), host->shard().port,
                                      [host] { return host->drain(k_drain_patience); });
  }
  co_await tasks.join();
  Result<void> clean{};
  if (publisher) co_await publisher->stop();
  if (directories && publisher) clean = co_await close_replicas();
  if (controller && driver) co_await controller->stop();
  if (driver) {
    Result<void> closed = co_await driver->stop();
    if (clean) clean = std::move(closed);
  }
  // The marker vouches for every log of the directories.
  const bool vouched = logs_opened && publisher->all_served();
  if (directories && driver && clean && vouched && !failure) {
    clean = co_await directories->mark_clean_shutdown(epoch);
  }
  if (!clean && !failure) fail_with(clean.error());
}

Node::Node(NodeSettings settings, std::vector<env::Env*> shards, telemetry::LogSink& sink,
           std::function<void(const Serving&)> ready)
    : state_(std::make_unique<State>(std::move(settings), std::move(shards), sink,
                                     std::move(ready))) {}

Node::~Node() = default;

env::Task<void> Node::run(ShardId shard) {
  const auto place = static_cast<std::size_t>(shard.value());
  if (place == 0) co_await state_->run_node();
  co_await state_->hosts[place]->run();
}

void Node::request_stop() { state_->ask_to_stop(); }

const std::optional<Error>& Node::failure() const { return state_->failure; }

}  // namespace moldau::node
