#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "base/result.h"
#include "cli/server_options.h"
#include "config/node_config.h"

namespace moldau::cli {

// What the node is to be, from the command line of the server and the text of the file that it
// names; nullopt: it names none.
// Context: pure. Errors: those of config::load_node_config.
[[nodiscard]] Result<config::LoadedNodeConfig> server_settings(
    const ServerOptions& options, const std::optional<std::string>& file_text);

// A thread for each core up to two, or as many as num.network.threads says.
[[nodiscard]] std::int32_t shards_of(const config::NodeConfig& config, std::int32_t cores);

// "PLAINTEXT://127.0.0.1:9092,CONTROLLER://127.0.0.1:9093"
[[nodiscard]] std::string listeners_text(std::span<const config::Endpoint> listeners);

}  // namespace moldau::cli
