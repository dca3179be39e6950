#pragma once
#include <string_view>

#include "base/result.h"
#include "config/config_map.h"
#include "config/node_config.h"

// What the settings of a topic, a group and a metrics subscription must satisfy. Inside config/
// only. Source: LogConfig, GroupConfig, ClientMetricsConfigs. Pure.
namespace moldau::config {

// `node`: of the controller, whose file gives the defaults. Errors: invalid_config.
[[nodiscard]] Result<void> check_topic_settings(const ConfigMap& after, const ConfigMap& before,
                                                const NodeConfig& node);
[[nodiscard]] Result<void> check_group_settings(const ConfigMap& after, const NodeConfig& node);
// Errors: invalid_request, invalid_config.
[[nodiscard]] Result<void> check_client_metrics(std::string_view name, const ConfigMap& after);

}  // namespace moldau::config
