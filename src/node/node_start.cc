#include <algorithm>
#include <utility>

#include "env/call_on.h"
#include "node/directory_assignment.h"
#include "node/format.h"
#include "node/node_settings.h"
#include "node/node_state.h"
#include "protocol/api/controller_registration.h"

// A node's start: directories, listeners, metadata, then the broker.
namespace moldau::node {
namespace {

constexpr std::string_view k_metadata_topic = "__cluster_metadata";

}  // namespace

env::Task<Result<void>> Node::State::start() {
  CO_TRY_OK(check_supported(settings.config));
  CO_TRY_OK(co_await open_directories());
  CO_TRY_OK(co_await listen());
  CO_TRY_OK(co_await start_metadata());
  co_await serve(ShardHost::Audience::controllers);
  if (facts.is_broker) {
    CO_TRY_OK(co_await start_broker());
  } else {
    tasks.spawn(run_checkpoints());
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
  const auto voters = settings.config.quorum.voters.empty() ? LogDirectories::Voters::in_the_log
                                                            : LogDirectories::Voters::in_the_file;
  CO_TRY(facts.cluster_id, directories->check_formatted(facts.node_id, voters));
  CO_TRY(const std::vector<std::string> completed, co_await directories->complete_ids());
  for (const std::string& path : completed) {
    log.warn("{}/meta.properties had no directory.id and got a new one", path);
  }
  for (const std::string& one : directories->unreadable_checkpoints()) {
    log.warn("a checkpoint cannot be read and counts as empty: {}", one);
  }
  incarnation = env::new_uuid(env().entropy);
  co_return Result<void>{};
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
      controller_settings(config, facts.cluster_id,
                          facts.is_broker ? std::optional(incarnation) : std::nullopt,
                          std::move(bootstrap)));
  RaftDriver::Settings raft;
  raft.raft = raft_settings();
  CO_TRY(raft.raft.static_voters, static_voters(config));
  raft.log = directories->locate_in(config.metadata_log.directory, std::string{k_metadata_topic},
                                    PartitionIndex{0}, k_metadata_topic_id);
  const Offset said = raft.log.recovery_point;
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
  // Nothing is appended where the checkpoint speaks of records that are gone.
  if (said > driver->recovery_point()) {
    CO_TRY_OK(co_await write_checkpoints(WhenSame::write));
  }
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
  out.before_unfencing = [this](BrokerEpoch epoch) { return correct_directories(epoch); };
  out.heartbeat_interval = config.broker.heartbeat_interval;
  out.registration_timeout = config.broker.registration_timeout;
  out.cordoned_log_dirs = [this]() -> std::optional<std::vector<Uuid>> {
    const auto& level = hosts.front()->shard().view->image->features.metadata_version;
    if (!level || !metadata::MetadataVersion{*level}.cordoned_log_dirs()) return std::nullopt;
    return directories->cordoned_ids();
  };
  return out;
}

env::Task<Result<void>> Node::State::correct_directories(BrokerEpoch epoch) {
  using Request = protocol::AssignReplicasToDirsRequest;
  using Response = protocol::AssignReplicasToDirsResponse;
  const auto image = hosts.front()->shard().view->image;
  for (Request& request : directory_corrections(*image, facts.node_id, epoch, *directories)) {
    log.warn(
        "{} replicas lie in other log directories than the metadata say; the controller is "
        "told",
        replicas_in(request));
    CO_TRY(const Response response,
           co_await (broker::ask_controller<Request, Response>(hosts.front()->controller(),
                                                               std::move(request), ApiVersion{0})));
    if (response.error_code != Errc::none) {
      log.error("the controller does not take where the replicas lie: {}",
                Error(response.error_code).describe());
    }
  }
  co_return Result<void>{};
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

}  // namespace moldau::node
