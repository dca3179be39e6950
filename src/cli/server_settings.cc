#include "cli/server_settings.h"

#include <fmt/core.h>

#include <algorithm>

namespace moldau::cli {

Result<config::LoadedNodeConfig> server_settings(const ServerOptions& options,
                                                 const std::optional<std::string>& file_text) {
  if (file_text) return config::load_node_config(*file_text, options.overrides);
  config::ConfigMap settings = config::default_settings(options.data);
  bool advertises = false;
  bool listens = false;
  for (const std::string& setting : options.overrides) {
    const std::size_t at = setting.find('=');
    settings.set(setting.substr(0, at), setting.substr(at + 1));
    listens = listens || setting.starts_with("listeners=");
    advertises = advertises || setting.starts_with("advertised.listeners=");
  }
  // Who listens elsewhere is found there, unless told otherwise.
  if (listens && !advertises) settings.erase("advertised.listeners");
  return config::load_node_config(settings);
}

std::int32_t shards_of(const config::NodeConfig& config, std::int32_t cores) {
  if (config.settings.contains("num.network.threads")) return config.network.network_threads;
  return std::min(cores, 2);
}

std::string listeners_text(std::span<const config::Endpoint> listeners) {
  std::string text;
  for (const config::Endpoint& endpoint : listeners) {
    if (!text.empty()) text += ',';
    text += fmt::format("{}://{}:{}", endpoint.listener, endpoint.host, endpoint.port);
  }
  return text;
}

}  // namespace moldau::cli
