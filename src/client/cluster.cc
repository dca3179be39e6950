#include "client/cluster.h"

#include <absl/container/flat_hash_map.h>

#include <algorithm>
#include <charconv>
#include <limits>

#include "protocol/api/metadata.h"
#include "telemetry/counters.h"

namespace moldau::client {
namespace {

struct TopicPlaces {
  Uuid id;
  std::vector<PartitionPlace> partitions;       // by index
  std::vector<std::vector<BrokerId>> replicas;  // by index
};

// Kafka's client passes over the name of a protocol before the host, whichever it is.
std::string_view without_protocol(std::string_view text) {
  constexpr std::string_view k_mark = "://";
  const std::size_t end = text.find(k_mark);
  if (end == std::string_view::npos) return text;
  const bool is_name = std::ranges::all_of(text.substr(0, end), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view("-%._").find(c) != std::string_view::npos;
  });
  return is_name ? text.substr(end + k_mark.size()) : text;
}

Result<env::Endpoint> parse_endpoint(std::string_view whole) {
  const std::string_view text = without_protocol(whole);
  const std::size_t colon = text.find_last_of(':');
  std::string_view host = text.substr(0, colon == std::string_view::npos ? 0 : colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  std::uint16_t port = 0;
  if (colon != std::string_view::npos) {
    const std::string_view digits = text.substr(colon + 1);
    const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (problem != std::errc{} || end != digits.data() + digits.size()) port = 0;
  }
  if (host.empty() || port == 0 || host.find('/') != std::string_view::npos) {
    return fail(Errc::bad_configuration, "Invalid url in bootstrap.servers: {}", whole);
  }
  return env::Endpoint{std::string(host), port};
}

}  // namespace

Result<std::vector<env::Endpoint>> parse_endpoints(std::string_view text) {
  std::vector<env::Endpoint> endpoints;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    std::string_view one = text.substr(0, comma);
    text.remove_prefix(std::min(text.size(), comma + 1));
    while (one.starts_with(' ')) one.remove_prefix(1);
    while (one.ends_with(' ')) one.remove_suffix(1);
    if (one.empty()) continue;
    TRY(env::Endpoint endpoint, parse_endpoint(one));
    endpoints.push_back(std::move(endpoint));
  }
  if (endpoints.empty()) {
    return fail(Errc::bad_configuration, "No bootstrap urls given in bootstrap.servers");
  }
  return endpoints;
}

Result<env::Endpoint> endpoint_of_answer(std::string host, std::int32_t port) {
  if (port < 1 || port > std::numeric_limits<std::uint16_t>::max()) {
    return fail(Errc::bad_frame, "an answer names a broker at {}, port {}", host, port);
  }
  return env::Endpoint{std::move(host), static_cast<std::uint16_t>(port)};
}

struct Cluster::Parts {
  explicit Parts(env::Env& env) : memory(env, counters) {}
  telemetry::Counters counters;
  rpc::FrameMemory memory;
  absl::flat_hash_map<BrokerId, env::Endpoint> brokers;
  // Of the brokers that the newest metadata name; the others are away.
  absl::flat_hash_map<BrokerId, std::optional<std::string>> racks;
  absl::flat_hash_map<std::pair<BrokerId, Line>, std::shared_ptr<rpc::ClientConnection>>
      connections;
  // To bootstrap endpoints, whose broker id is not known; and those that failed and must be joined.
  std::vector<std::shared_ptr<rpc::ClientConnection>> unnamed;
  std::vector<std::shared_ptr<rpc::ClientConnection>> dropped;
  absl::flat_hash_map<std::string, TopicPlaces> topics;
  absl::flat_hash_map<Uuid, std::string> names;
  bool closed = false;

  void reap();
};

// Of those that were dropped, ends what nobody uses any more and forgets what has ended.
void Cluster::Parts::reap() {
  std::erase_if(dropped, [](const std::shared_ptr<rpc::ClientConnection>& connection) {
    if (connection.use_count() > 1) return false;
    if (connection->ended()) return true;
    connection->close();
    return false;
  });
}

Cluster::Cluster(env::Env& env, ClusterSettings settings)
    : env_(&env), settings_(std::move(settings)), parts_(std::make_unique<Parts>(env)) {}
Cluster::~Cluster() = default;

env::Task<Result<std::shared_ptr<rpc::ClientConnection>>> Cluster::open(env::Endpoint at,
                                                                        BrokerId known_as,
                                                                        Line line) {
  if (parts_->closed) co_return fail(Errc::cancelled);
  rpc::ClientSettings settings;
  settings.client_id = settings_.client_id;
  settings.request_timeout = settings_.request_timeout;
  CO_TRY(std::unique_ptr<rpc::ClientConnection> opened,
         co_await rpc::ClientConnection::connect(*env_, parts_->memory, at, settings));
  std::shared_ptr<rpc::ClientConnection> connection = std::move(opened);
  if (known_as == k_no_broker) {
    parts_->unnamed.push_back(connection);
  } else {
    // Two requests may have opened one each; the later stays, the earlier ends when its requests
    // are answered.
    auto& slot = parts_->connections[{known_as, line}];
    if (slot) parts_->dropped.push_back(std::move(slot));
    slot = connection;
  }
  co_return connection;
}

env::Task<Result<std::shared_ptr<rpc::ClientConnection>>> Cluster::any() {
  parts_->reap();
  std::erase_if(parts_->unnamed, [&](auto& connection) {
    if (connection->usable()) return false;
    parts_->dropped.push_back(std::move(connection));
    return true;
  });
  if (!parts_->unnamed.empty()) co_return parts_->unnamed.front();
  Error last(Errc::timed_out);
  const std::vector<env::Endpoint> bootstrap = settings_.bootstrap;
  for (const env::Endpoint& endpoint : bootstrap) {
    auto opened = co_await open(endpoint, k_no_broker, Line::requests);
    if (opened) co_return opened;
    last = opened.error();
  }
  // The first ones may be gone while the cluster is not.
  std::vector<BrokerId> known;
  for (const auto& [broker, endpoint] : parts_->brokers) known.push_back(broker);
  std::ranges::sort(known);
  for (const BrokerId broker : known) {
    auto opened = co_await to(broker);
    if (opened) co_return opened;
  }
  co_return fail(std::move(last));
}

env::Task<Result<rpc::Answer>> Cluster::call_any(rpc::AnyRequest request) {
  CO_TRY(const std::shared_ptr<rpc::ClientConnection> connection, co_await any());
  co_return co_await connection->call(std::move(request));
}

env::Task<Result<rpc::Answer>> Cluster::call(BrokerId broker, rpc::AnyRequest request) {
  CO_TRY(const std::shared_ptr<rpc::ClientConnection> connection, co_await to(broker));
  co_return co_await connection->call(std::move(request));
}

env::Task<Result<std::shared_ptr<rpc::ClientConnection>>> Cluster::to(BrokerId broker, Line line) {
  parts_->reap();
  if (auto found = parts_->connections.find({broker, line}); found != parts_->connections.end()) {
    if (found->second->usable()) co_return found->second;
    parts_->dropped.push_back(std::move(found->second));
    parts_->connections.erase(found);
  }
  if (!parts_->brokers.contains(broker)) {
    CO_TRY_OK(co_await refresh(std::vector<std::string>{}));
  }
  const auto endpoint = parts_->brokers.find(broker);
  if (endpoint == parts_->brokers.end()) {
    co_return fail(Errc::leader_not_available, "broker {} is not in the cluster's metadata",
                   broker);
  }
  const env::Endpoint at = endpoint->second;
  co_return co_await open(at, broker, line);
}

env::Task<Result<protocol::MetadataResponse>> Cluster::refresh(
    std::optional<std::vector<std::string>> topics, bool create_topics) {
  protocol::MetadataRequest request;
  request.allow_auto_topic_creation = create_topics;
  if (topics) {
    for (std::string& name : *topics) {
      protocol::MetadataRequest::MetadataRequestTopic topic;
      topic.name = std::move(name);
      request.topics->push_back(std::move(topic));
    }
  } else {
    request.topics.reset();
  }
  CO_TRY(
      protocol::MetadataResponse answer,
      co_await ask_any<protocol::MetadataRequest, protocol::MetadataResponse>(std::move(request)));
  remember(answer);
  co_return answer;
}

env::Task<Result<protocol::MetadataResponse>> Cluster::refresh_ids(std::vector<Uuid> ids) {
  protocol::MetadataRequest request;
  request.allow_auto_topic_creation = false;
  for (const Uuid& id : ids) {
    protocol::MetadataRequest::MetadataRequestTopic topic;
    topic.topic_id = id;
    topic.name.reset();
    request.topics->push_back(std::move(topic));
  }
  CO_TRY(
      protocol::MetadataResponse answer,
      co_await ask_any<protocol::MetadataRequest, protocol::MetadataResponse>(std::move(request)));
  remember(answer);
  co_return answer;
}

env::Task<void> Cluster::hang_up(Line line) {
  std::vector<std::shared_ptr<rpc::ClientConnection>> closing;
  for (auto at = parts_->connections.begin(); at != parts_->connections.end();) {
    const auto here = at++;
    if (here->first.second != line) continue;
    closing.push_back(std::move(here->second));
    parts_->connections.erase(here);
  }
  for (auto& connection : closing) connection->close();
  for (auto& connection : closing) co_await connection->join();
}

void Cluster::learn(BrokerId broker, env::Endpoint at) { parts_->brokers[broker] = std::move(at); }

void Cluster::remember(const protocol::MetadataResponse& metadata) {
  parts_->racks.clear();
  for (const auto& broker : metadata.brokers) {
    parts_->racks[broker.node_id] = broker.rack;
    // One that cannot be reached there is as good as none; the others are what they are.
    Result<env::Endpoint> at = endpoint_of_answer(broker.host, broker.port);
    if (at) {
      parts_->brokers[broker.node_id] = *std::move(at);
    } else {
      parts_->brokers.erase(broker.node_id);
    }
  }
  for (const auto& topic : metadata.topics) {
    if (topic.error_code != Errc::none || !topic.name) continue;
    TopicPlaces places;
    places.id = topic.topic_id;
    places.partitions.resize(topic.partitions.size());
    places.replicas.resize(topic.partitions.size());
    for (const auto& partition : topic.partitions) {
      const auto index = static_cast<std::size_t>(partition.partition_index.value());
      if (index >= places.partitions.size()) continue;  // indexes are dense in every Kafka
      places.partitions[index] = {partition.leader_id, partition.leader_epoch};
      places.replicas[index] = partition.replica_nodes;
    }
    if (!topic.topic_id.is_zero()) parts_->names[topic.topic_id] = *topic.name;
    parts_->topics[*topic.name] = std::move(places);
  }
}

std::optional<PartitionPlace> Cluster::place_of(const std::string& topic,
                                                PartitionIndex partition) const {
  const auto found = parts_->topics.find(topic);
  if (found == parts_->topics.end()) return std::nullopt;
  const auto index = static_cast<std::size_t>(partition.value());
  if (partition.value() < 0 || index >= found->second.partitions.size()) return std::nullopt;
  return found->second.partitions[index];
}

std::int32_t Cluster::partition_count(const std::string& topic) const {
  const auto found = parts_->topics.find(topic);
  return found == parts_->topics.end() ? 0
                                       : static_cast<std::int32_t>(found->second.partitions.size());
}

std::vector<ReplicaRacks> Cluster::replicas_of(const std::string& topic) const {
  std::vector<ReplicaRacks> out;
  const auto found = parts_->topics.find(topic);
  if (found == parts_->topics.end()) return out;
  for (const std::vector<BrokerId>& replicas : found->second.replicas) {
    ReplicaRacks& partition = out.emplace_back();
    for (const BrokerId broker : replicas) {
      const auto known = parts_->racks.find(broker);
      if (known == parts_->racks.end()) {
        partition.away.insert(broker);
      } else if (known->second) {
        partition.racks[broker] = *known->second;
      }
    }
  }
  return out;
}

std::optional<Uuid> Cluster::topic_id(const std::string& topic) const {
  const auto found = parts_->topics.find(topic);
  if (found == parts_->topics.end() || found->second.id.is_zero()) return std::nullopt;
  return found->second.id;
}

std::optional<std::string> Cluster::topic_name(const Uuid& id) const {
  const auto found = parts_->names.find(id);
  return found == parts_->names.end() ? std::nullopt : std::optional(found->second);
}

std::optional<env::Endpoint> Cluster::endpoint_of(BrokerId broker) const {
  const auto found = parts_->brokers.find(broker);
  return found == parts_->brokers.end() ? std::nullopt : std::optional(found->second);
}

void Cluster::forget(const std::string& topic) { parts_->topics.erase(topic); }

env::Task<void> Cluster::close() {
  parts_->closed = true;
  auto connections = std::move(parts_->dropped);
  for (auto& [to, connection] : parts_->connections) connections.push_back(connection);
  for (auto& connection : parts_->unnamed) connections.push_back(connection);
  parts_->connections.clear();
  parts_->unnamed.clear();
  parts_->dropped.clear();
  for (auto& connection : connections) connection->close();
  for (auto& connection : connections) co_await connection->join();
}

}  // namespace moldau::client
