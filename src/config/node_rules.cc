// The rules that hold between the keys of one node. Source: KafkaConfig.validateValues,
// GroupCoordinatorConfig, ShareGroupConfig. Sentences name what must hold; the caller adds the key
// and its value.
#include <algorithm>
#include <array>

#include "config/consumer_assignors.h"
#include "config/nearest.h"
#include "config/node_parts.h"
#include "config/quorum_address.h"
#include "config/value_text.h"

namespace moldau::config {
namespace {

using MaybeBreach = std::optional<Breach>;

// `left` must be >=, <= or < `right`.
enum class Relation : std::uint8_t { at_least, at_most, below };
struct Order {
  std::string_view left;
  Relation relation;
  std::string_view right;
};

constexpr auto k_orders = std::to_array<Order>({
    {"group.consumer.max.heartbeat.interval.ms", Relation::at_least,
     "group.consumer.min.heartbeat.interval.ms"},
    {"group.consumer.heartbeat.interval.ms", Relation::at_least,
     "group.consumer.min.heartbeat.interval.ms"},
    {"group.consumer.heartbeat.interval.ms", Relation::at_most,
     "group.consumer.max.heartbeat.interval.ms"},
    {"group.consumer.max.session.timeout.ms", Relation::at_least,
     "group.consumer.min.session.timeout.ms"},
    {"group.consumer.session.timeout.ms", Relation::at_least,
     "group.consumer.min.session.timeout.ms"},
    {"group.consumer.session.timeout.ms", Relation::at_most,
     "group.consumer.max.session.timeout.ms"},
    {"group.consumer.heartbeat.interval.ms", Relation::below, "group.consumer.session.timeout.ms"},
    {"group.consumer.max.assignment.interval.ms", Relation::at_least,
     "group.consumer.min.assignment.interval.ms"},
    {"group.consumer.assignment.interval.ms", Relation::at_least,
     "group.consumer.min.assignment.interval.ms"},
    {"group.consumer.assignment.interval.ms", Relation::at_most,
     "group.consumer.max.assignment.interval.ms"},
    {"group.share.max.heartbeat.interval.ms", Relation::at_least,
     "group.share.min.heartbeat.interval.ms"},
    {"group.share.heartbeat.interval.ms", Relation::at_least,
     "group.share.min.heartbeat.interval.ms"},
    {"group.share.heartbeat.interval.ms", Relation::at_most,
     "group.share.max.heartbeat.interval.ms"},
    {"group.share.max.session.timeout.ms", Relation::at_least,
     "group.share.min.session.timeout.ms"},
    {"group.share.session.timeout.ms", Relation::at_least, "group.share.min.session.timeout.ms"},
    {"group.share.session.timeout.ms", Relation::at_most, "group.share.max.session.timeout.ms"},
    {"group.share.heartbeat.interval.ms", Relation::below, "group.share.session.timeout.ms"},
    {"group.share.max.assignment.interval.ms", Relation::at_least,
     "group.share.min.assignment.interval.ms"},
    {"group.share.assignment.interval.ms", Relation::at_least,
     "group.share.min.assignment.interval.ms"},
    {"group.share.assignment.interval.ms", Relation::at_most,
     "group.share.max.assignment.interval.ms"},
    {"group.streams.max.heartbeat.interval.ms", Relation::at_least,
     "group.streams.min.heartbeat.interval.ms"},
    {"group.streams.heartbeat.interval.ms", Relation::at_least,
     "group.streams.min.heartbeat.interval.ms"},
    {"group.streams.heartbeat.interval.ms", Relation::at_most,
     "group.streams.max.heartbeat.interval.ms"},
    {"group.streams.max.session.timeout.ms", Relation::at_least,
     "group.streams.min.session.timeout.ms"},
    {"group.streams.session.timeout.ms", Relation::at_least,
     "group.streams.min.session.timeout.ms"},
    {"group.streams.session.timeout.ms", Relation::at_most, "group.streams.max.session.timeout.ms"},
    {"group.streams.heartbeat.interval.ms", Relation::below, "group.streams.session.timeout.ms"},
    {"group.streams.max.assignment.interval.ms", Relation::at_least,
     "group.streams.min.assignment.interval.ms"},
    {"group.streams.assignment.interval.ms", Relation::at_least,
     "group.streams.min.assignment.interval.ms"},
    {"group.streams.assignment.interval.ms", Relation::at_most,
     "group.streams.max.assignment.interval.ms"},
    {"group.streams.num.standby.replicas", Relation::at_most, "group.streams.max.standby.replicas"},
    {"group.streams.task.offset.interval.ms", Relation::at_least,
     "group.streams.min.task.offset.interval.ms"},
    {"group.streams.num.warmup.replicas", Relation::at_most, "group.streams.max.warmup.replicas"},
    {"group.share.max.delivery.count.limit", Relation::at_least,
     "group.share.delivery.count.limit"},
    {"group.share.delivery.count.limit", Relation::at_least,
     "group.share.min.delivery.count.limit"},
    {"group.share.max.partition.max.record.locks", Relation::at_least,
     "group.share.partition.max.record.locks"},
    {"group.share.partition.max.record.locks", Relation::at_least,
     "group.share.min.partition.max.record.locks"},
    {"group.share.record.lock.duration.ms", Relation::at_least,
     "group.share.min.record.lock.duration.ms"},
    {"group.share.max.record.lock.duration.ms", Relation::at_least,
     "group.share.record.lock.duration.ms"},
    {"group.share.max.share.sessions", Relation::at_least, "group.share.max.size"},
});

std::int64_t number(const ConfigMap& settings, std::string_view key) {
  const auto text = broker_value(settings, key);
  return text ? parse_integer(java_trim(*text), INT64_MIN, INT64_MAX).value_or(0) : 0;
}

MaybeBreach check_orders(const ConfigMap& settings) {
  for (const Order& order : k_orders) {
    const std::int64_t left = number(settings, order.left);
    const std::int64_t right = number(settings, order.right);
    std::string_view words;
    switch (order.relation) {
      case Relation::at_least:
        if (left < right) words = " must be greater than or equal to ";
        break;
      case Relation::at_most:
        if (left > right) words = " must be less than or equal to ";
        break;
      case Relation::below:
        if (left >= right) words = " must be less than ";
        break;
    }
    if (!words.empty())
      return Breach{.key = order.left,
                    .sentence = std::string(order.left).append(words).append(order.right)};
  }
  return std::nullopt;
}

// The value in force of a time that can be given in several units, in milliseconds.
std::int64_t in_millis(const ConfigMap& settings,
                       std::initializer_list<std::pair<std::string_view, std::int64_t>> units,
                       std::string_view* used) {
  for (const auto& [key, factor] : units) {
    const auto text = broker_value(settings, key);
    if (!text) continue;
    *used = key;
    return parse_integer(java_trim(*text), INT64_MIN, INT64_MAX).value_or(0) * factor;
  }
  return 0;
}

MaybeBreach check_times(const ConfigMap& settings) {
  constexpr std::int64_t k_hour = 3'600'000;
  constexpr std::int64_t k_minute = 60'000;
  std::string_view used;
  if (in_millis(settings, {{"log.roll.ms", 1}, {"log.roll.hours", k_hour}}, &used) < 1)
    return Breach{used, "log.roll.ms must be greater than or equal to 1", true};
  if (in_millis(settings, {{"log.roll.jitter.ms", 1}, {"log.roll.jitter.hours", k_hour}}, &used) <
      0)
    return Breach{used, "log.roll.jitter.ms must be greater than or equal to 0", true};
  if (in_millis(settings,
                {{"log.retention.ms", 1},
                 {"log.retention.minutes", k_minute},
                 {"log.retention.hours", k_hour}},
                &used) == 0)
    return Breach{used, "log.retention.ms must be unlimited (-1) or, greater than or equal to 1",
                  true};
  return std::nullopt;
}

MaybeBreach check_storage(const NodeConfig& node) {
  if (node.log.directories.empty())
    return Breach{"log.dirs", "At least one log directory must be defined via log.dirs or log.dir.",
                  true};
  constexpr std::int64_t k_buffer_per_thread = 1024LL * 1024;
  if (node.log.cleaner_threads == 0 ||
      node.log.cleaner_dedupe_buffer_bytes / node.log.cleaner_threads <= k_buffer_per_thread)
    return Breach{"log.cleaner.dedupe.buffer.size",
                  "log.cleaner.dedupe.buffer.size must be at least 1MB per cleaner thread.", true};
  const ReplicationSettings& replication = node.replication;
  if (replication.fetch_wait_max > replication.socket_timeout)
    return Breach{"replica.fetch.wait.max.ms",
                  "it must not exceed replica.socket.timeout.ms, or fetches time out on the socket",
                  true};
  if (replication.fetch_wait_max > replication.lag_time_max)
    return Breach{"replica.fetch.wait.max.ms",
                  "it must not exceed replica.lag.time.max.ms, or in-sync replicas come and go",
                  true};
  return std::nullopt;
}

bool is_voter(const NodeConfig& node) {
  return std::ranges::find(node.quorum.voters, node.node_id, &StaticVoter::id) !=
         node.quorum.voters.end();
}

std::string names_of(const std::vector<Endpoint>& endpoints) {
  std::vector<std::string> names;
  for (const Endpoint& endpoint : endpoints) names.push_back(endpoint.listener);
  return joined(names, ",");
}

MaybeBreach check_broker_alone(const NodeConfig& node) {
  if (is_voter(node))
    return Breach{"node.id",
                  "a node with only the broker role must not be among controller.quorum.voters",
                  true};
  for (const Endpoint& endpoint : node.network.listeners)
    if (node.network.is_controller_listener(endpoint.listener))
      return Breach{"listeners",
                    "a node with only the broker role must not bind " + endpoint.listener +
                        ", which controller.listener.names gives to controllers",
                    true};
  for (const std::string& name : node.network.controller_listener_names)
    if (std::ranges::find(node.network.protocol_of_listener, name,
                          &std::pair<std::string, SecurityProtocol>::first) ==
        node.network.protocol_of_listener.end())
      return Breach{"controller.listener.names",
                    "listener " + name +
                        " is not in listener.security.protocol.map, which needs an entry for each "
                        "controller listener once it is set, or once SSL or SASL is in use",
                    false};
  if (node.quorum.auto_join)
    return Breach{"controller.quorum.auto.join.enable",
                  "it needs process.roles to contain controller", true};
  return std::nullopt;
}

MaybeBreach check_controller(const NodeConfig& node, const ConfigMap& settings) {
  const NetworkSettings& network = node.network;
  if (!node.roles.broker) {
    for (const Endpoint& endpoint : network.listeners)
      if (!network.is_controller_listener(endpoint.listener))
        return Breach{"listeners",
                      "a node with only the controller role must bind controller listeners only, "
                      "and " +
                          endpoint.listener + " is not in controller.listener.names",
                      true};
    if (settings.contains("inter.broker.listener.name") &&
        network.is_controller_listener(network.inter_broker_listener))
      return Breach{"inter.broker.listener.name",
                    "a controller listener must not be the one between brokers", true};
  }
  if (!node.quorum.voters.empty() && !is_voter(node))
    return Breach{"controller.quorum.voters",
                  "the node id " + std::to_string(node.node_id.value()) +
                      " must be included in the set of voters, as process.roles contains "
                      "controller",
                  true};
  for (const std::string& name : network.controller_listener_names)
    if (network.listener(name) == nullptr)
      return Breach{"controller.listener.names",
                    name + " must appear in listeners (" + names_of(network.listeners) +
                        ") when process.roles contains controller",
                    true};
  return std::nullopt;
}

MaybeBreach check_cordoned(const NodeConfig& node) {
  const std::vector<std::string>& cordoned = node.log.cordoned_directories;
  if (std::ranges::find(cordoned, "*") != cordoned.end()) {
    if (cordoned.size() == 1) return std::nullopt;
    return Breach{"cordoned.log.dirs",
                  "When cordoned.log.dirs is set to *, it must not contain other values", true};
  }
  std::vector<std::string> missing;
  for (const std::string& directory : cordoned)
    if (std::ranges::find(node.log.directories, directory) == node.log.directories.end())
      missing.push_back(directory);
  if (missing.empty()) return std::nullopt;
  return Breach{"cordoned.log.dirs",
                "All entries in cordoned.log.dirs must be present in log.dirs or log.dir. Missing "
                "entries : " +
                    joined(missing, ", "),
                true};
}

MaybeBreach check_broker(const NodeConfig& node) {
  const NetworkSettings& network = node.network;
  if (network.advertised_broker.empty())
    return Breach{"advertised.listeners",
                  "there must be at least one broker listener, but every one of them is in "
                  "controller.listener.names",
                  true};
  const auto advertised = [&](std::string_view name) {
    return std::ranges::find(network.advertised_broker, name, &Endpoint::listener) !=
           network.advertised_broker.end();
  };
  if (!advertised(network.inter_broker_listener))
    return Breach{"inter.broker.listener.name",
                  network.inter_broker_listener + " must be one of the advertised listeners: " +
                      names_of(network.advertised_broker),
                  true};
  for (const Endpoint& endpoint : network.advertised_broker)
    if (network.listener(endpoint.listener) == nullptr)
      return Breach{
          "advertised.listeners",
          endpoint.listener + " is not in listeners, which has: " + names_of(network.listeners),
          true};
  return check_cordoned(node);
}

MaybeBreach check_early_start(const NodeConfig& node, const ConfigMap& settings) {
  const std::string* names = settings.find("early.start.listeners");
  if (names == nullptr) return std::nullopt;
  for (const std::string& name : split_list(*names))
    if (node.network.listener(upper(name)) == nullptr &&
        !node.network.is_controller_listener(upper(name)))
      return Breach{"early.start.listeners",
                    name + " is neither in listeners nor in controller.listener.names", false};
  return std::nullopt;
}

MaybeBreach check_tags(const ConfigMap& settings) {
  constexpr std::string_view k_tags = "group.streams.rack.aware.assignment.tags";
  const std::string* given = settings.find(k_tags);
  if (given == nullptr) return std::nullopt;
  // The parser drops repeated items, so the text itself is asked.
  std::vector<std::string> tags = split_list(*given);
  std::ranges::sort(tags);
  if (std::ranges::adjacent_find(tags) == tags.end()) return std::nullopt;
  return Breach{k_tags, std::string(k_tags) + " must not contain duplicate tag keys.", false};
}

MaybeBreach check_roles(const NodeConfig& node, const ConfigMap& settings) {
  if (node.quorum.voters.empty() && node.quorum.bootstrap_servers.empty())
    return Breach{"controller.quorum.voters",
                  "either controller.quorum.bootstrap.servers or controller.quorum.voters must "
                  "name the controllers",
                  false};
  if (!node.roles.controller) {
    if (auto breach = check_broker_alone(node)) return breach;
  } else if (auto breach = check_controller(node, settings)) {
    return breach;
  }
  if (node.roles.broker) {
    if (auto breach = check_broker(node)) return breach;
  }
  for (const auto* endpoints :
       {&node.network.advertised_broker, &node.network.advertised_controller})
    for (const Endpoint& endpoint : *endpoints)
      if (endpoint.host == "0.0.0.0")
        return Breach{"advertised.listeners",
                      endpoint.listener +
                          " cannot announce 0.0.0.0, which nobody can connect to. Give an address "
                          "that clients can reach.",
                      true};
  return std::nullopt;
}

bool enables(const ConfigMap& settings, std::string_view listener, std::string_view mechanism) {
  const std::string* own =
      settings.find("listener.name." + lower(listener) + ".sasl.enabled.mechanisms");
  const std::string text =
      own ? *own : broker_value(settings, "sasl.enabled.mechanisms").value_or("");
  const std::vector<std::string> mechanisms = split_list(text);
  return std::ranges::find(mechanisms, mechanism) != mechanisms.end();
}

MaybeBreach check_connections(const NodeConfig& node, const ConfigMap& settings) {
  const NetworkSettings& network = node.network;
  const bool sasl = network.inter_broker_protocol == SecurityProtocol::sasl_plaintext ||
                    network.inter_broker_protocol == SecurityProtocol::sasl_ssl;
  const std::string mechanism =
      broker_value(settings, "sasl.mechanism.inter.broker.protocol").value_or("");
  if (sasl && !enables(settings, network.inter_broker_listener, mechanism))
    return Breach{"sasl.mechanism.inter.broker.protocol",
                  "it must be among sasl.enabled.mechanisms of the listener between brokers", true};
  if (network.queued_request_bytes_max > 0 &&
      network.queued_request_bytes_max < network.socket_request_bytes_max)
    return Breach{"queued.max.request.bytes",
                  "it must be larger or equal to socket.request.max.bytes", true};
  if (network.connections_per_ip_max == 0 && network.connections_per_ip_overrides.empty())
    return Breach{"max.connections.per.ip",
                  "max.connections.per.ip can be set to zero only if "
                  "max.connections.per.ip.overrides property is set.",
                  true};
  for (const auto& [host, count] : network.connections_per_ip_overrides)
    if (!is_host_text(host))
      return Breach{"max.connections.per.ip.overrides",
                    "max.connections.per.ip.overrides contains invalid addresses : " + host, false};
  if (network.connections_idle_max.count() >= 0 &&
      network.failed_authentication_delay >= network.connections_idle_max)
    return Breach{"connection.failed.authentication.delay.ms",
                  "it must be less than connections.max.idle.ms, or the answer to a failed login "
                  "never goes out",
                  true};
  return std::nullopt;
}

MaybeBreach check_groups(const NodeConfig& node) {
  // Classes that are known have become names when the key was read.
  for (const std::string& name : node.groups.consumer.assignors) {
    if (std::ranges::find(k_consumer_assignors, name, &ConsumerAssignor::name) !=
        k_consumer_assignors.end()) {
      continue;
    }
    std::vector<std::string_view> allowed;
    for (const ConsumerAssignor& one : k_consumer_assignors) allowed.push_back(one.name);
    for (const ConsumerAssignor& one : k_consumer_assignors) allowed.push_back(one.java_class);
    const std::string_view near = nearest_of(allowed, name);
    return Breach{"group.consumer.assignors",
                  "Class " + name + " cannot be found. Allowed: " +
                      joined({allowed.begin(), allowed.end()}, ", ") + "." +
                      (near.empty() ? "" : " Perhaps " + std::string(near) + " is meant."),
                  false};
  }
  const std::int32_t codec = node.groups.offsets.compression_codec;
  if (codec < 0 || codec > 4)
    return Breach{"offsets.topic.compression.codec",
                  "Unknown compression type id: " + std::to_string(codec) +
                      ". Allowed: 0 (none), 1 (gzip), 2 (snappy), 3 (lz4), 4 (zstd).",
                  false};
  return std::nullopt;
}

}  // namespace

std::optional<Breach> broken_rule(const NodeConfig& node, const ConfigMap& settings) {
  if (number(settings, "node.id") != number(settings, "broker.id"))
    return Breach{"node.id",
                  "node.id and broker.id must have the same value; broker.id is the "
                  "older name, remove it",
                  false};
  if (std::ranges::find(node.groups.protocols, GroupProtocol::classic) ==
      node.groups.protocols.end())
    return Breach{"group.coordinator.rebalance.protocols",
                  "the classic protocol cannot be left out", false};
  if (node.groups.share.assignors.size() != 1)
    return Breach{"group.share.assignors",
                  "group.share.assignors must contain exactly one assignor, but found " +
                      std::to_string(node.groups.share.assignors.size()),
                  false};
  if (node.metadata_log.directory.empty())
    return Breach{
        "metadata.log.dir",
        "it must name a directory. Leave the key out to have the metadata log in the first "
        "of log.dirs.",
        false};
  if (auto breach = check_groups(node)) return breach;
  if (auto breach = check_orders(settings)) return breach;
  if (auto breach = check_tags(settings)) return breach;
  if (auto breach = check_times(settings)) return breach;
  if (auto breach = check_storage(node)) return breach;
  if (auto breach = check_early_start(node, settings)) return breach;
  if (auto breach = check_roles(node, settings)) return breach;
  return check_connections(node, settings);
}

}  // namespace moldau::config
