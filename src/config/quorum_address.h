#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/node_config.h"

// Addresses as settings write them: host:port, [ipv6]:port, id@host:port, NAME://host:port.
// Source: QuorumConfig, Utils.getHost, SocketServerConfigs. Pure; names are not resolved.
namespace moldau::config {

// nullopt: not of the form. A scheme in front ("x://") is skipped, brackets are cut off.
[[nodiscard]] std::optional<HostPort> parse_host_port(std::string_view text);
// Letters, digits and - % . _ : only.
[[nodiscard]] bool is_host_text(std::string_view text);
// Errors of all: invalid_config with Kafka's sentence.
[[nodiscard]] Result<std::vector<StaticVoter>> parse_static_voters(
    const std::vector<std::string>& entries);
[[nodiscard]] Result<std::vector<HostPort>> parse_bootstrap_servers(
    const std::vector<std::string>& entries);

struct ListenerText {
  std::string listener;  // upper case
  std::string host;
  std::int64_t port = 0;  // may be out of range: the caller judges
};
// NAME://host:port; nullopt: not of the form.
[[nodiscard]] std::optional<ListenerText> parse_listener(std::string_view text);

enum class AddressFamily : std::uint8_t { none, ipv4, ipv6 };
// What kind of literal address a host is; none for a name.
[[nodiscard]] AddressFamily address_family(std::string_view host);

}  // namespace moldau::config
