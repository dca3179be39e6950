#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/config_map.h"

// Which broker keys may be set in the metadata log, and how they lie over the file. Inside config/
// only. Source: DynamicBrokerConfig.
namespace moldau::config {

// "listener.name.x.y.z" -> "y.z"; empty when it is no listener override.
[[nodiscard]] std::string_view without_listener(std::string_view name);
// A key of Kafka's definition that needs a restart.
[[nodiscard]] bool is_non_dynamic(std::string_view name);
// A key of TLS stores: dynamic behind a listener's prefix only.
[[nodiscard]] bool needs_listener_prefix(std::string_view name);
// May be set for one broker, but not as the default of all.
[[nodiscard]] bool is_per_broker(std::string_view name);
// Errors: invalid_config, as parse().
[[nodiscard]] Result<void> check_dynamic_type(std::string_view name, std::string_view value);
// Sets each override and removes its synonyms from below.
void lay_over(ConfigMap& settings, const ConfigMap& overrides);
// Moves assignment intervals of groups into the node's bounds.
void clamp_group_intervals(ConfigMap& settings);
// The entries that count; a warning for each other one.
[[nodiscard]] ConfigMap valid_dynamic(const ConfigMap& stored, bool per_broker,
                                      std::vector<std::string>& warnings);

}  // namespace moldau::config
