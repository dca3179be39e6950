#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/api/describe_configs.h"

namespace moldau::cli {

enum class ConfigEntityKind : std::uint8_t { topic, broker, broker_logger, client_metrics, group };

// A thing with settings. name: nullopt means all of the kind, "" the default of all brokers.
struct ConfigEntity {
  ConfigEntityKind kind;
  std::optional<std::string> name;
};

// "topics" -> topic; nullopt for what this version has no settings of (users, clients, ips).
[[nodiscard]] std::optional<ConfigEntityKind> kind_of_type(std::string_view type);
[[nodiscard]] std::string_view type_of(ConfigEntityKind kind);
// The number on the wire (ConfigResource.Type).
[[nodiscard]] std::int8_t resource_type(ConfigEntityKind kind);

using ConfigEntry = protocol::DescribeConfigsResponse::DescribeConfigsResourceResult;
// The line above what --describe prints of one entity.
[[nodiscard]] std::string heading_of(const ConfigEntity& entity, bool all);
// What --describe prints of one entity, the heading too; `all`: defaults and static values too.
[[nodiscard]] std::string configs_as_text(const ConfigEntity& entity,
                                          const std::vector<ConfigEntry>& configs, bool all);
[[nodiscard]] std::string configs_as_json(const ConfigEntity& entity,
                                          const std::vector<ConfigEntry>& configs, bool all);
// "The topic 't1' doesn't exist ...".
[[nodiscard]] std::string missing_text(const ConfigEntity& entity);
// "config for topic t1", "default config for brokers in the cluster".
[[nodiscard]] std::string change_of(const ConfigEntity& entity);

}  // namespace moldau::cli
