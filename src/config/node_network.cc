// Listeners: what the node binds, which protocol each speaks, what it announces. Source:
// AbstractKafkaConfig (effectiveListenerSecurityProtocolMap, listenerListToEndPoints), KafkaConfig
// (effectiveAdvertised...).
#include <algorithm>

#include "config/node_parts.h"
#include "config/quorum_address.h"
#include "config/value_text.h"

namespace moldau::config {
namespace {

constexpr std::string_view k_map_key = "listener.security.protocol.map";
constexpr std::string_view k_any_address = "0.0.0.0";
constexpr std::int64_t k_port_max = 65'535;

using ProtocolMap = std::vector<std::pair<std::string, SecurityProtocol>>;

std::optional<SecurityProtocol> protocol_named(std::string_view name) {
  for (const SecurityProtocol protocol :
       {SecurityProtocol::plaintext, SecurityProtocol::ssl, SecurityProtocol::sasl_plaintext,
        SecurityProtocol::sasl_ssl})
    if (upper(name) == name_of(protocol)) return protocol;
  return std::nullopt;
}

const SecurityProtocol* find_protocol(const ProtocolMap& map, std::string_view listener) {
  const auto at = std::ranges::lower_bound(map, listener, {}, &ProtocolMap::value_type::first);
  return at != map.end() && at->first == listener ? &at->second : nullptr;
}

void put(ProtocolMap& map, std::string listener, SecurityProtocol protocol) {
  const auto at = std::ranges::lower_bound(map, listener, {}, &ProtocolMap::value_type::first);
  if (at != map.end() && at->first == listener) {
    at->second = protocol;
  } else {
    map.emplace(at, std::move(listener), protocol);
  }
}

bool needs_security(std::string_view listener) {
  return listener == "SSL" || listener == "SASL_SSL" || listener == "SASL_PLAINTEXT";
}

Result<ProtocolMap> read_protocols(TypedReader& in, const ConfigMap& settings,
                                   const std::vector<std::string>& controller_names,
                                   const std::vector<std::string>& listeners) {
  const std::string text = in.text(k_map_key);
  ProtocolMap map;
  for (const std::string& pair : split_list(text)) {
    const std::size_t colon = pair.rfind(':');
    if (colon == std::string::npos)
      return fail(Errc::invalid_config, "{}={}: \"{}\" is not NAME:PROTOCOL", k_map_key, text,
                  pair);
    const std::string_view name = java_trim(std::string_view(pair).substr(colon + 1));
    const auto protocol = protocol_named(name);
    if (!protocol)
      return fail(Errc::invalid_config,
                  "{}={}: Invalid security protocol `{}`. Allowed: PLAINTEXT, SSL, SASL_PLAINTEXT, "
                  "SASL_SSL.",
                  k_map_key, text, name);
    put(map, upper(java_trim(std::string_view(pair).substr(0, colon))), *protocol);
  }
  if (settings.contains(k_map_key)) return map;
  // Nothing was mapped by hand: controller listeners speak plaintext, unless the node uses TLS or
  // SASL anywhere; then nobody guesses.
  const auto secured = [](const std::string& listener) {
    return needs_security(upper(std::string_view(listener).substr(0, listener.find(':'))));
  };
  if (std::ranges::any_of(controller_names, secured) || std::ranges::any_of(listeners, secured))
    return map;
  for (const std::string& name : controller_names)
    if (name != "PLAINTEXT") put(map, name, SecurityProtocol::plaintext);
  return map;
}

// Two endpoints may share a port only when exactly one of them is an IPv4 address and the other an
// IPv6 address.
bool may_share_port(const Endpoint& a, const Endpoint& b) {
  const AddressFamily one = address_family(a.host);
  const AddressFamily other = address_family(b.host);
  return (one == AddressFamily::ipv4 && other == AddressFamily::ipv6) ||
         (one == AddressFamily::ipv6 && other == AddressFamily::ipv4);
}

// A third listener on a port always clashes with one of the two that share it.
Result<void> check_ports(std::string_view key, const std::string& text,
                         const std::vector<Endpoint>& endpoints) {
  for (std::size_t i = 0; i < endpoints.size(); ++i)
    for (std::size_t j = 0; j < i; ++j) {
      const Endpoint& a = endpoints[j];
      const Endpoint& b = endpoints[i];
      if (a.port == 0 || a.port != b.port || may_share_port(a, b)) continue;
      return fail(Errc::invalid_config,
                  "{}={}: {} and {} have the same port {}. Give each listener a port of its own; "
                  "only one IPv4 and one IPv6 address may share one.",
                  key, text, a.listener, b.listener, a.port);
    }
  return {};
}

Result<std::vector<Endpoint>> read_endpoints(std::string_view key,
                                             const std::vector<std::string>& entries,
                                             const ProtocolMap& protocols, bool distinct_ports) {
  const std::string text = joined(entries, ",");
  std::vector<Endpoint> endpoints;
  for (const std::string& entry : entries) {
    const auto parsed = parse_listener(entry);
    if (!parsed || parsed->port < 0 || parsed->port > k_port_max)
      return fail(Errc::invalid_config,
                  "{}={}: Unable to parse {} to a broker endpoint. Allowed: NAME://host:port, "
                  "separated by commas; the host may be empty, the port is 0 to 65535.",
                  key, text, entry);
    const SecurityProtocol* protocol = find_protocol(protocols, parsed->listener);
    if (protocol == nullptr)
      return fail(Errc::invalid_config,
                  "{}={}: No security protocol defined for listener {}. Add {}:PROTOCOL to {}.",
                  key, text, parsed->listener, parsed->listener, k_map_key);
    if (std::ranges::find(endpoints, parsed->listener, &Endpoint::listener) != endpoints.end())
      return fail(Errc::invalid_config,
                  "{}={}: Each listener must have a different name, but {} is there twice.", key,
                  text, parsed->listener);
    endpoints.push_back({.listener = parsed->listener,
                         .protocol = *protocol,
                         .host = parsed->host,
                         .port = static_cast<std::uint16_t>(parsed->port)});
  }
  if (distinct_ports) {
    TRY_OK(check_ports(key, text, endpoints));
  }
  return endpoints;
}

// What the node tells others about its controller listeners.
void advertise_controller(const NodeConfig& node, const std::vector<Endpoint>& advertised,
                          NetworkSettings& out) {
  for (std::size_t i = 0; i < out.controller_listener_names.size(); ++i) {
    const std::string& name = out.controller_listener_names[i];
    if (const auto at = std::ranges::find(advertised, name, &Endpoint::listener);
        at != advertised.end()) {
      out.advertised_controller.push_back(*at);
      continue;
    }
    const Endpoint* bound = out.listener(name);
    if (bound == nullptr) continue;
    Endpoint endpoint = *bound;
    const bool no_host = endpoint.host.empty() || endpoint.host == k_any_address;
    if (no_host) endpoint.host.clear();
    if (i == 0 && no_host) {
      const auto self = std::ranges::find(node.quorum.voters, node.node_id, &StaticVoter::id);
      if (self != node.quorum.voters.end()) {
        endpoint.host = self->address.host;
        endpoint.port = self->address.port;
      }
    }
    out.advertised_controller.push_back(std::move(endpoint));
  }
}

Result<void> read_inter_broker(TypedReader& in, const ConfigMap& settings, NetworkSettings& out) {
  const auto name = in.maybe_text("inter.broker.listener.name");
  if (!name) {
    // The rule of the key admits the four names only.
    out.inter_broker_protocol =
        protocol_named(in.text("security.inter.broker.protocol")).value_or(SecurityProtocol{});
    out.inter_broker_listener = name_of(out.inter_broker_protocol);
    return {};
  }
  if (settings.contains("security.inter.broker.protocol"))
    return fail(Errc::invalid_config,
                "inter.broker.listener.name={}: Only one of inter.broker.listener.name and "
                "security.inter.broker.protocol should be set. Remove one of them.",
                *name);
  out.inter_broker_listener = upper(*name);
  const SecurityProtocol* protocol =
      find_protocol(out.protocol_of_listener, out.inter_broker_listener);
  if (protocol == nullptr)
    return fail(Errc::invalid_config,
                "inter.broker.listener.name={}: this listener is not in {}. Add {}:PROTOCOL there.",
                *name, k_map_key, out.inter_broker_listener);
  out.inter_broker_protocol = *protocol;
  return {};
}

Result<void> read_ip_overrides(TypedReader& in, NetworkSettings& out) {
  const std::string text = in.text("max.connections.per.ip.overrides");
  for (const std::string& pair : split_list(text)) {
    const std::size_t colon = pair.rfind(':');
    const std::string_view digits =
        colon == std::string::npos ? std::string_view{} : std::string_view(pair).substr(colon + 1);
    const auto count = parse_integer(java_trim(digits), 0, INT32_MAX);
    if (!count)
      return fail(Errc::invalid_config,
                  "max.connections.per.ip.overrides={}: \"{}\" is not host:count", text, pair);
    out.connections_per_ip_overrides.emplace_back(java_trim(pair.substr(0, colon)),
                                                  static_cast<std::int32_t>(*count));
  }
  std::ranges::sort(out.connections_per_ip_overrides);
  return {};
}

void read_limits(TypedReader& in, NetworkSettings& out) {
  out.socket_send_buffer_bytes = in.int32("socket.send.buffer.bytes");
  out.socket_receive_buffer_bytes = in.int32("socket.receive.buffer.bytes");
  out.socket_request_bytes_max = in.int32("socket.request.max.bytes");
  out.socket_listen_backlog = in.int32("socket.listen.backlog.size");
  out.connections_max = in.int32("max.connections");
  out.connections_per_ip_max = in.int32("max.connections.per.ip");
  out.connection_creation_rate_max = in.int32("max.connection.creation.rate");
  out.connections_idle_max = in.ms("connections.max.idle.ms");
  out.connections_reauth_max = in.ms("connections.max.reauth.ms");
  out.failed_authentication_delay = in.ms("connection.failed.authentication.delay.ms");
  out.queued_requests_max = in.int32("queued.max.requests");
  out.queued_request_bytes_max = in.int64("queued.max.request.bytes");
  out.network_threads = in.int32("num.network.threads");
  out.io_threads = in.int32("num.io.threads");
  out.background_threads = in.int32("background.threads");
  out.request_timeout = in.ms("request.timeout.ms");
  out.connection_setup_timeout = in.ms("socket.connection.setup.timeout.ms");
  out.connection_setup_timeout_max = in.ms("socket.connection.setup.timeout.max.ms");
  out.request_partition_count_max = in.int32("max.request.partition.size.limit");
  out.unstable_api_versions = in.flag("unstable.api.versions.enable");
}

}  // namespace

Result<void> read_network(TypedReader& in, const ConfigMap& settings, NodeConfig& node) {
  NetworkSettings& out = node.network;
  read_limits(in, out);
  TRY_OK(read_ip_overrides(in, out));
  for (const std::string& name : in.list("controller.listener.names"))
    out.controller_listener_names.push_back(upper(name));
  const std::vector<std::string> listeners = in.list("listeners");
  const auto advertised = in.maybe_list("advertised.listeners");
  TRY_OK(in.status());
  TRY(out.protocol_of_listener,
      read_protocols(in, settings, out.controller_listener_names, listeners));
  TRY(out.listeners, read_endpoints("listeners", listeners, out.protocol_of_listener, true));
  std::vector<Endpoint> announced;
  if (advertised) {
    TRY(announced,
        read_endpoints("advertised.listeners", *advertised, out.protocol_of_listener, false));
  }
  for (const Endpoint& endpoint : advertised ? announced : out.listeners)
    if (!out.is_controller_listener(endpoint.listener)) out.advertised_broker.push_back(endpoint);
  advertise_controller(node, announced, out);
  return read_inter_broker(in, settings, out);
}

}  // namespace moldau::config
