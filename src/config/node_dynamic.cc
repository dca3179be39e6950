// Dynamic broker configs over the file. Source: DynamicBrokerConfig.
#include <algorithm>
#include <array>

#include "config/dynamic_broker.h"
#include "config/node_parts.h"
#include "config/value_text.h"

namespace moldau::config {
namespace {

// Listener limits that may also be set for all brokers at once.
constexpr auto k_cluster_level_listener_keys = std::to_array<std::string_view>(
    {"max.connection.creation.rate", "max.connections", "num.network.threads"});
// SslConfigs.RECONFIGURABLE_CONFIGS: may change while running, but only per listener.
constexpr auto k_per_listener_keys = std::to_array<std::string_view>(
    {"ssl.key.password", "ssl.keystore.certificate.chain", "ssl.keystore.key",
     "ssl.keystore.location", "ssl.keystore.password", "ssl.keystore.type",
     "ssl.truststore.certificates", "ssl.truststore.location", "ssl.truststore.password",
     "ssl.truststore.type"});
// Group keys that are moved into their bounds instead of refused when they were stored before the
// bounds changed.
constexpr auto k_clamped = std::to_array<std::string_view>({"consumer", "share", "streams"});

bool in(std::span<const std::string_view> names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

}  // namespace

// Kafka's pattern here is listener.name.<listener>.<rest>; a mechanism stays in front.
std::string_view without_listener(std::string_view name) {
  constexpr std::string_view k_prefix = "listener.name.";
  if (!name.starts_with(k_prefix)) return {};
  const std::size_t dot = name.find('.', k_prefix.size());
  return dot == std::string_view::npos ? std::string_view{} : name.substr(dot + 1);
}

bool is_non_dynamic(std::string_view name) {
  const ConfigKey* key = find(Scope::broker, name);
  return key != nullptr && key->standing == Standing::defined && !key->may_change_at_run_time();
}

bool needs_listener_prefix(std::string_view name) { return in(k_per_listener_keys, name); }

bool is_per_broker(std::string_view name) {
  const ConfigKey* key = find(Scope::broker, name);
  if (key != nullptr) return key->update_mode == UpdateMode::per_broker;
  const std::string_view base = without_listener(name);
  return !base.empty() && !in(k_cluster_level_listener_keys, base);
}

Result<void> check_dynamic_type(std::string_view name, std::string_view value) {
  const std::string_view base = without_listener(name);
  const ConfigKey* key = find(Scope::broker, base.empty() ? name : base);
  // Keys that Kafka's dynamic definition does not have pass unchecked, as in Kafka.
  if (key == nullptr || !key->may_change_at_run_time()) return {};
  TRY_OK(parse(*key, value));
  return {};
}

void lay_over(ConfigMap& settings, const ConfigMap& overrides) {
  for (const auto& [name, value] : overrides) {
    for (const SynonymOf& synonym : synonyms_of_broker_key(name)) settings.erase(synonym.key);
    settings.set(name, value);
  }
}

ConfigMap valid_dynamic(const ConfigMap& stored, bool per_broker,
                        std::vector<std::string>& warnings) {
  ConfigMap kept;
  for (const auto& [name, value] : stored) {
    std::string why;
    if (is_non_dynamic(name)) {
      why = "it can only be set in the file";
    } else if (needs_listener_prefix(name)) {
      why = "it needs a listener's prefix";
    } else if (!per_broker && is_per_broker(name)) {
      why = "it can only be set for one broker";
    } else if (const auto checked = check_dynamic_type(name, value); !checked) {
      why = checked.error().text();
    }
    if (why.empty()) {
      kept.set(name, value);
    } else {
      warnings.push_back("the dynamic config " + name + " is left out: " + why);
    }
  }
  return kept;
}

void clamp_group_intervals(ConfigMap& settings) {
  for (const std::string_view kind : k_clamped) {
    const std::string prefix = "group." + std::string(kind) + ".";
    const std::string key = prefix + "assignment.interval.ms";
    const std::string* given = settings.find(key);
    if (given == nullptr) continue;
    const auto bound = [&](const char* which) {
      const auto text = broker_value(settings, prefix + which + ".assignment.interval.ms");
      return parse_integer(java_trim(text.value_or("")), INT32_MIN, INT32_MAX);
    };
    const auto value = parse_integer(java_trim(*given), INT32_MIN, INT32_MAX);
    const auto low = bound("min");
    const auto high = bound("max");
    if (value && low && *value < *low) settings.set(key, std::to_string(*low));
    if (value && high && *value > *high) settings.set(key, std::to_string(*high));
  }
}

std::span<const SynonymOf> synonyms_of_broker_key(std::string_view name) {
  const ConfigKey* key = find(Scope::broker, name);
  if (key == nullptr) return {};
  return key->synonyms;
}

Result<LoadedNodeConfig> with_dynamic(const NodeConfig& base, const ConfigMap& dynamic_default,
                                      const ConfigMap& dynamic_broker) {
  std::vector<std::string> left_out;
  ConfigMap settings = base.settings;
  lay_over(settings, valid_dynamic(dynamic_default, false, left_out));
  lay_over(settings, valid_dynamic(dynamic_broker, true, left_out));
  clamp_group_intervals(settings);
  TRY(LoadedNodeConfig loaded, load_node_config(settings));
  loaded.config.settings = base.settings;
  loaded.warnings = std::move(left_out);
  return loaded;
}

}  // namespace moldau::config
