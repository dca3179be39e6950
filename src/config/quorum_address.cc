#include "config/quorum_address.h"

#include <algorithm>

#include "config/value_text.h"

namespace moldau::config {
namespace {

constexpr std::int64_t k_port_max = 65'535;

bool is_host_char(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
         c == '%' || c == '.' || c == '_' || c == ':';
}

bool is_scheme_char(char c) { return is_host_char(c) && c != ':'; }

// "[host]" or "host" -> host; nullopt when it holds anything else.
std::optional<std::string> bare_host(std::string_view text) {
  if (text.starts_with('[')) text.remove_prefix(1);
  if (text.ends_with(']')) text.remove_suffix(1);
  if (!is_host_text(text)) return std::nullopt;
  return std::string(text);
}

}  // namespace

bool is_host_text(std::string_view text) { return std::ranges::all_of(text, is_host_char); }

std::optional<HostPort> parse_host_port(std::string_view text) {
  if (const std::size_t scheme = text.find("://"); scheme != std::string_view::npos) {
    if (!std::ranges::all_of(text.substr(0, scheme), is_scheme_char)) return std::nullopt;
    text.remove_prefix(scheme + 3);
  }
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const std::string_view digits = text.substr(colon + 1);
  if (!std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; }))
    return std::nullopt;
  const auto port = parse_integer(digits, 0, k_port_max);
  auto host = bare_host(text.substr(0, colon));
  if (!port || !host) return std::nullopt;
  return HostPort{.host = std::move(*host), .port = static_cast<std::uint16_t>(*port)};
}

Result<std::vector<StaticVoter>> parse_static_voters(const std::vector<std::string>& entries) {
  constexpr std::string_view k_form = "Each entry should be in the form `{id}@{host}:{port}`.";
  std::vector<StaticVoter> voters;
  for (const std::string& entry : entries) {
    const std::size_t at = entry.find('@');
    if (at == std::string::npos || entry.find('@', at + 1) != std::string::npos ||
        at + 1 == entry.size())
      return fail(Errc::invalid_config,
                  "Invalid configuration value {} for controller.quorum.voters. {}", entry, k_form);
    const std::string_view id_text = std::string_view(entry).substr(0, at);
    const auto id = parse_integer(id_text, INT32_MIN, INT32_MAX);
    if (!id)
      return fail(Errc::invalid_config,
                  "Failed to parse voter ID as an integer from {}, in the entry {} of "
                  "controller.quorum.voters. {}",
                  id_text, entry, k_form);
    auto address = parse_host_port(std::string_view(entry).substr(at + 1));
    if (!address)
      return fail(Errc::invalid_config,
                  "Failed to parse host name from entry {} for the configuration "
                  "controller.quorum.voters. {}",
                  entry, k_form);
    const BrokerId voter{static_cast<std::int32_t>(*id)};
    // A later entry of the same id replaces the earlier one, as in Kafka's map.
    std::erase_if(voters, [&](const StaticVoter& known) { return known.id == voter; });
    voters.push_back({.id = voter, .address = std::move(*address)});
  }
  return voters;
}

Result<std::vector<HostPort>> parse_bootstrap_servers(const std::vector<std::string>& entries) {
  std::vector<HostPort> servers;
  for (const std::string& entry : entries) {
    auto server = parse_host_port(entry);
    if (!server)
      return fail(Errc::invalid_config,
                  "Failed to parse host name from {} for the configuration "
                  "controller.quorum.bootstrap.servers. Each entry should be in the form "
                  "\"{{host}}:{{port}}\"",
                  entry);
    servers.push_back(std::move(*server));
  }
  return servers;
}

std::optional<ListenerText> parse_listener(std::string_view text) {
  // The name runs to the last "://", as Kafka's greedy pattern reads it.
  const std::size_t scheme = text.rfind("://");
  if (scheme == std::string_view::npos) return std::nullopt;
  const std::string_view rest = text.substr(scheme + 3);
  const std::size_t colon = rest.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const std::string_view port_text = rest.substr(colon + 1);
  if (port_text.starts_with('+')) return std::nullopt;
  const auto port = parse_integer(port_text, INT32_MIN, INT32_MAX);
  auto host = bare_host(rest.substr(0, colon));
  if (!port || !host) return std::nullopt;
  return ListenerText{
      .listener = upper(text.substr(0, scheme)), .host = std::move(*host), .port = *port};
}

AddressFamily address_family(std::string_view host) {
  if (host.find(':') != std::string_view::npos) {
    const auto is_hex = [](char c) {
      return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f') || c == ':' ||
             c == '.';
    };
    const std::string_view address = host.substr(0, host.find('%'));
    return std::ranges::all_of(address, is_hex) ? AddressFamily::ipv6 : AddressFamily::none;
  }
  int parts = 0;
  while (true) {
    const std::size_t dot = host.find('.');
    const std::string_view part = host.substr(0, dot);
    const bool digits = std::ranges::all_of(part, [](char c) { return c >= '0' && c <= '9'; });
    if (!digits || !parse_integer(part, 0, 255)) return AddressFamily::none;
    ++parts;
    if (dot == std::string_view::npos) break;
    host.remove_prefix(dot + 1);
  }
  return parts == 4 ? AddressFamily::ipv4 : AddressFamily::none;
}

}  // namespace moldau::config
