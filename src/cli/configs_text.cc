#include "cli/configs_text.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "protojson/json_text.h"

namespace moldau::cli {
namespace {

struct KindFacts {
  ConfigEntityKind kind;
  std::string_view type;
  std::string_view singular;
  std::int8_t wire;
};
constexpr auto k_kinds = std::to_array<KindFacts>({
    {ConfigEntityKind::topic, "topics", "topic", 2},
    {ConfigEntityKind::broker, "brokers", "broker", 4},
    {ConfigEntityKind::broker_logger, "broker-loggers", "broker-logger", 8},
    {ConfigEntityKind::client_metrics, "client-metrics", "client-metric", 16},
    {ConfigEntityKind::group, "groups", "group", 32},
});

const KindFacts& facts_of(ConfigEntityKind kind) {
  return *std::ranges::find(k_kinds, kind, &KindFacts::kind);
}

// ConfigEntry.ConfigSource, by its number on the wire.
std::string_view source_name(std::int8_t source) {
  constexpr auto k_names = std::to_array<std::string_view>(
      {"UNKNOWN", "DYNAMIC_TOPIC_CONFIG", "DYNAMIC_BROKER_CONFIG", "DYNAMIC_DEFAULT_BROKER_CONFIG",
       "STATIC_BROKER_CONFIG", "DEFAULT_CONFIG", "DYNAMIC_BROKER_LOGGER_CONFIG",
       "DYNAMIC_CLIENT_METRICS_CONFIG", "DYNAMIC_GROUP_CONFIG"});
  const auto index = static_cast<std::uint8_t>(source);
  return index < k_names.size() ? k_names[index] : k_names[0];
}

bool is_dynamic(const ConfigEntity& entity, const ConfigEntry& config) {
  constexpr std::int8_t k_topic = 1;
  constexpr std::int8_t k_broker = 2;
  constexpr std::int8_t k_default_broker = 3;
  switch (entity.kind) {
    case ConfigEntityKind::topic:
      return config.config_source == k_topic;
    case ConfigEntityKind::broker:
      return config.config_source == (entity.name == "" ? k_default_broker : k_broker);
    case ConfigEntityKind::broker_logger:
      return true;
    case ConfigEntityKind::client_metrics:
      return config.config_source == 7;
    case ConfigEntityKind::group:
      return config.config_source == 8;
  }
  return false;
}

std::vector<ConfigEntry> shown(const ConfigEntity& entity, const std::vector<ConfigEntry>& configs,
                               bool all) {
  std::vector<ConfigEntry> out;
  for (const ConfigEntry& config : configs) {
    if (all || is_dynamic(entity, config)) out.push_back(config);
  }
  std::ranges::sort(out, {}, &ConfigEntry::name);
  return out;
}

}  // namespace

std::optional<ConfigEntityKind> kind_of_type(std::string_view type) {
  const auto found = std::ranges::find(k_kinds, type, &KindFacts::type);
  return found == k_kinds.end() ? std::nullopt : std::optional(found->kind);
}

std::string_view type_of(ConfigEntityKind kind) { return facts_of(kind).type; }

std::int8_t resource_type(ConfigEntityKind kind) { return facts_of(kind).wire; }

std::string heading_of(const ConfigEntity& entity, bool all) {
  const KindFacts& kind = facts_of(entity.kind);
  if (entity.name == "") {
    return fmt::format("Default configs for {} in the cluster are:\n", kind.type);
  }
  return fmt::format("{} configs for {} {} are:\n", all ? "All" : "Dynamic", kind.singular,
                     entity.name.value_or(""));
}

std::string configs_as_text(const ConfigEntity& entity, const std::vector<ConfigEntry>& configs,
                            bool all) {
  std::string text = heading_of(entity, all);
  for (const ConfigEntry& config : shown(entity, configs, all)) {
    std::string synonyms;
    for (const auto& synonym : config.synonyms) {
      if (!synonyms.empty()) synonyms += ", ";
      synonyms += fmt::format("{}:{}={}", source_name(synonym.source), synonym.name,
                              synonym.value.value_or("null"));
    }
    text += fmt::format("  {}={} sensitive={} synonyms={{{}}}\n", config.name,
                        config.value.value_or("null"), config.is_sensitive, synonyms);
  }
  return text;
}

std::string configs_as_json(const ConfigEntity& entity, const std::vector<ConfigEntry>& configs,
                            bool all) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const ConfigEntry& config : shown(entity, configs, all)) {
    nlohmann::ordered_json value = nullptr;
    if (config.value) value = *config.value;
    list.push_back({{"name", config.name},
                    {"value", value},
                    {"source", source_name(config.config_source)},
                    {"readOnly", config.read_only},
                    {"sensitive", config.is_sensitive}});
  }
  const nlohmann::ordered_json out = {{"entityType", facts_of(entity.kind).type},
                                      {"entityName", entity.name.value_or("")},
                                      {"configs", list}};
  return protojson::json_lines(out) + "\n";
}

std::string missing_text(const ConfigEntity& entity) {
  return fmt::format("The {} '{}' doesn't exist and doesn't have dynamic config.\n",
                     facts_of(entity.kind).singular, entity.name.value_or(""));
}

std::string change_of(const ConfigEntity& entity) {
  const KindFacts& kind = facts_of(entity.kind);
  if (entity.name == "") return fmt::format("default config for {} in the cluster", kind.type);
  return fmt::format("config for {} {}", kind.singular, entity.name.value_or(""));
}

}  // namespace moldau::cli
