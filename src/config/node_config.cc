#include "config/node_config.h"

#include <algorithm>

#include "base/check.h"
#include "config/keys.h"
#include "config/node_parts.h"
#include "config/properties.h"
#include "config/quorum_address.h"
#include "config/value_text.h"

namespace moldau::config {
namespace {

// node.id and broker.id name the same thing (KIP-1232); either one gives both.
ConfigMap with_both_ids(ConfigMap settings) {
  const std::string* node = settings.find("node.id");
  const std::string* broker = settings.find("broker.id");
  if (node != nullptr && broker == nullptr) settings.set("broker.id", std::string(*node));
  if (node == nullptr && broker != nullptr) settings.set("node.id", std::string(*broker));
  return settings;
}

std::string allowed(const ConfigKey& key) {
  std::string text = "Allowed: a value of type " + std::string(name_of(key.type));
  if (key.valid.text != "-") text += ", " + std::string(key.valid.text);
  return text + ".";
}

// Every given value of a known key must parse, also those that no typed field reads.
Result<void> check_values(const ConfigMap& settings) {
  for (const auto& [name, value] : settings) {
    const ConfigKey* key = find_broker_key(name);
    if (key == nullptr || key->standing == Standing::pattern) continue;
    if (const auto parsed = parse(*key, value); !parsed) {
      std::string sentence(parsed.error().text());
      if (name != key->name) sentence = name + ": " + sentence;
      if (!sentence.ends_with('.')) sentence += '.';
      return fail(Errc::invalid_config, "{} {}", sentence, allowed(*key));
    }
  }
  for (const ConfigKey& key : keys(Scope::broker)) {
    if (!key.required || settings.contains(key.name)) continue;
    const std::string_view near = misspelt(settings, key.name);
    return fail(Errc::invalid_config,
                "Missing required configuration \"{}\" which has no default value. {}{}", key.name,
                allowed(key),
                near.empty() ? std::string{}
                             : " The unknown key " + std::string(near) + " may be meant for it.");
  }
  return {};
}

void read_quorum(TypedReader& in, NodeConfig& node) {
  // check_values has parsed both lists before, so these cannot fail.
  if (auto voters = parse_static_voters(in.list("controller.quorum.voters")))
    node.quorum.voters = std::move(*voters);
  if (auto servers = parse_bootstrap_servers(in.list("controller.quorum.bootstrap.servers")))
    node.quorum.bootstrap_servers = std::move(*servers);
  node.quorum.auto_join = in.flag("controller.quorum.auto.join.enable");
  node.quorum.election_timeout = in.ms("controller.quorum.election.timeout.ms");
  node.quorum.election_backoff_max = in.ms("controller.quorum.election.backoff.max.ms");
  node.quorum.fetch_timeout = in.ms("controller.quorum.fetch.timeout.ms");
  node.quorum.request_timeout = in.ms("controller.quorum.request.timeout.ms");
  node.quorum.retry_backoff = in.ms("controller.quorum.retry.backoff.ms");
  node.quorum.append_linger = in.ms("controller.quorum.append.linger.ms");
  node.quorum.fetch_bytes_max = in.int32("controller.quorum.fetch.max.bytes");
  node.quorum.fetch_snapshot_bytes_max = in.int32("controller.quorum.fetch.snapshot.max.bytes");
}

void read_log(TypedReader& in, NodeConfig& node) {
  LogSettings& log = node.log;
  log.directories = in.maybe_list("log.dirs").value_or(std::vector<std::string>{});
  if (log.directories.empty()) log.directories = in.list("log.dir");
  log.cordoned_directories = in.list("cordoned.log.dirs");
  log.retention_check_interval = in.ms("log.retention.check.interval.ms");
  log.flush_scheduler_interval = in.ms("log.flush.scheduler.interval.ms");
  log.recovery_checkpoint_interval = in.ms("log.flush.offset.checkpoint.interval.ms");
  log.start_offset_checkpoint_interval = in.ms("log.flush.start.offset.checkpoint.interval.ms");
  log.directory_failure_timeout = in.ms("log.dir.failure.timeout.ms");
  log.initial_task_delay = in.ms("log.initial.task.delay.ms");
  log.recovery_threads_per_directory = in.int32("num.recovery.threads.per.data.dir");
  log.producer_id_expiration = in.ms("producer.id.expiration.ms");
  log.producer_id_expiration_check_interval = in.ms("producer.id.expiration.check.interval.ms");
  log.cleaner_enable = in.flag("log.cleaner.enable");
  log.cleaner_threads = in.int32("log.cleaner.threads");
  log.cleaner_dedupe_buffer_bytes = in.int64("log.cleaner.dedupe.buffer.size");
  log.cleaner_io_buffer_bytes = in.int32("log.cleaner.io.buffer.size");
  log.cleaner_io_buffer_load_factor = in.real("log.cleaner.io.buffer.load.factor");
  log.cleaner_io_bytes_per_second_max = in.real("log.cleaner.io.max.bytes.per.second");
  log.cleaner_backoff = in.ms("log.cleaner.backoff.ms");
}

void read_metadata_log(TypedReader& in, NodeConfig& node) {
  MetadataLogSettings& log = node.metadata_log;
  const std::string first = node.log.directories.empty() ? "" : node.log.directories.front();
  log.directory = in.maybe_text("metadata.log.dir").value_or(first);
  log.segment_bytes = in.int32("metadata.log.segment.bytes");
  if (const auto bytes = in.maybe_int64("internal.metadata.log.segment.bytes"))
    log.segment_bytes = static_cast<std::int32_t>(*bytes);
  log.segment_age_max = in.ms("metadata.log.segment.ms");
  log.retention_bytes = in.int64("metadata.max.retention.bytes");
  log.retention = in.ms("metadata.max.retention.ms");
  log.bytes_between_snapshots_max = in.int64("metadata.log.max.record.bytes.between.snapshots");
  log.snapshot_interval_max = in.ms("metadata.log.max.snapshot.interval.ms");
  log.idle_interval_max = in.ms("metadata.max.idle.interval.ms");
  log.delete_delay = in.ms("internal.metadata.delete.delay.millis");
  log.batch_bytes_max = in.int32("internal.metadata.max.batch.size.in.bytes");
}

void read_replication(TypedReader& in, NodeConfig& node) {
  ReplicationSettings& out = node.replication;
  out.fetchers = in.int32("num.replica.fetchers");
  out.fetch_bytes_max = in.int32("replica.fetch.max.bytes");
  out.fetch_bytes_min = in.int32("replica.fetch.min.bytes");
  out.fetch_response_bytes_max = in.int32("replica.fetch.response.max.bytes");
  out.fetch_wait_max = in.ms("replica.fetch.wait.max.ms");
  out.fetch_backoff = in.ms("replica.fetch.backoff.ms");
  out.lag_time_max = in.ms("replica.lag.time.max.ms");
  out.socket_timeout = in.ms("replica.socket.timeout.ms");
  out.socket_receive_buffer_bytes = in.int32("replica.socket.receive.buffer.bytes");
  out.high_watermark_checkpoint_interval = in.ms("replica.high.watermark.checkpoint.interval.ms");
  out.auto_leader_rebalance = in.flag("auto.leader.rebalance.enable");
  out.leader_imbalance_check_interval =
      std::chrono::seconds{in.int64("leader.imbalance.check.interval.seconds")};
  out.unclean_election_check_interval = in.ms("unclean.leader.election.interval.ms");
  out.selector_class = in.maybe_text("replica.selector.class");
}

void read_broker(TypedReader& in, NodeConfig& node) {
  node.topics.partition_count = in.int32("num.partitions");
  node.topics.replication_factor = in.int32("default.replication.factor");
  node.topics.auto_create = in.flag("auto.create.topics.enable");
  node.topics.delete_enable = in.flag("delete.topic.enable");
  node.fetch.fetch_bytes_max = in.int32("fetch.max.bytes");
  node.fetch.session_slots = in.int32("max.incremental.fetch.session.cache.slots");
  node.broker.rack = in.maybe_text("broker.rack");
  node.broker.heartbeat_interval = in.ms("broker.heartbeat.interval.ms");
  node.broker.session_timeout = in.ms("broker.session.timeout.ms");
  node.broker.registration_timeout = in.ms("initial.broker.registration.timeout.ms");
  node.broker.controlled_shutdown = in.flag("controlled.shutdown.enable");
  node.broker.startup_time_max = in.ms("server.max.startup.time.ms");
  node.unstable_features = in.flag("unstable.feature.versions.enable");
}

}  // namespace

std::string_view name_of(SecurityProtocol protocol) {
  switch (protocol) {
    case SecurityProtocol::plaintext:
      return "PLAINTEXT";
    case SecurityProtocol::ssl:
      return "SSL";
    case SecurityProtocol::sasl_plaintext:
      return "SASL_PLAINTEXT";
    case SecurityProtocol::sasl_ssl:
      return "SASL_SSL";
  }
  CHECK(false);
  return {};
}

const Endpoint* NetworkSettings::listener(std::string_view name) const {
  const auto at = std::ranges::find(listeners, name, &Endpoint::listener);
  return at == listeners.end() ? nullptr : &*at;
}

bool NetworkSettings::is_controller_listener(std::string_view name) const {
  return std::ranges::find(controller_listener_names, name) != controller_listener_names.end();
}

std::optional<std::string> broker_value(const ConfigMap& settings, std::string_view key) {
  if (const std::string* value = settings.find(key)) return *value;
  const ConfigKey* found = find(Scope::broker, key);
  if (found == nullptr || !found->has_default) return std::nullopt;
  return std::string(found->default_text);
}

std::optional<std::string> NodeConfig::value_of(std::string_view key) const {
  return broker_value(settings, key);
}

Result<LoadedNodeConfig> load_checked(const ConfigMap& given, std::optional<Breach>* breach) {
  LoadedNodeConfig loaded;
  NodeConfig& node = loaded.config;
  node.settings = with_both_ids(given);
  TRY_OK(check_values(node.settings));
  TypedReader in(Scope::broker,
                 [&](const ConfigKey& key) { return broker_value(node.settings, key.name); });
  const std::vector<std::string> roles = in.list("process.roles");
  node.roles.broker = std::ranges::find(roles, "broker") != roles.end();
  node.roles.controller = std::ranges::find(roles, "controller") != roles.end();
  node.node_id = BrokerId{in.int32("node.id")};
  read_quorum(in, node);
  read_log(in, node);
  read_metadata_log(in, node);
  read_replication(in, node);
  read_broker(in, node);
  read_groups(in, node);
  read_transactions(in, node);
  TRY_OK(read_network(in, node.settings, node));
  TRY_OK(in.status());
  *breach = broken_rule(node, node.settings);
  loaded.warnings = warnings_about(node, node.settings);
  return loaded;
}

Result<LoadedNodeConfig> load_node_config(const ConfigMap& settings) {
  std::optional<Breach> breach;
  TRY(LoadedNodeConfig loaded, load_checked(settings, &breach));
  if (breach) {
    const auto value = broker_value(loaded.config.settings, breach->key);
    return fail(Errc::invalid_config, "{}={}: {}", breach->key, value.value_or("null"),
                breach->sentence);
  }
  return loaded;
}

Result<LoadedNodeConfig> load_node_config(std::string_view file_text,
                                          std::span<const std::string> overrides) {
  TRY(ConfigMap settings, read_properties_map(file_text));
  for (const std::string& override_text : overrides) {
    const std::size_t equals = override_text.find('=');
    if (equals == 0 || equals == std::string::npos)
      return fail(Errc::invalid_config, "--override {}: expected key=value", override_text);
    settings.set(std::string_view(override_text).substr(0, equals),
                 std::string_view(override_text).substr(equals + 1));
  }
  return load_node_config(settings);
}

ConfigMap default_settings(std::string_view data_directory) {
  return ConfigMap{
      {"process.roles", "broker,controller"},
      {"node.id", "1"},
      {"controller.quorum.voters", "1@127.0.0.1:9093"},
      {"listeners", "PLAINTEXT://127.0.0.1:9092,CONTROLLER://127.0.0.1:9093"},
      {"advertised.listeners", "PLAINTEXT://127.0.0.1:9092"},
      {"controller.listener.names", "CONTROLLER"},
      {"inter.broker.listener.name", "PLAINTEXT"},
      {"listener.security.protocol.map", "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT"},
      {"log.dirs", std::string(data_directory)},
      {"offsets.topic.replication.factor", "1"},
      {"transaction.state.log.replication.factor", "1"},
      {"transaction.state.log.min.isr", "1"},
      {"share.coordinator.state.topic.replication.factor", "1"},
      {"share.coordinator.state.topic.min.isr", "1"},
  };
}

}  // namespace moldau::config
