// The broker's checks of a change before it is forwarded. Source: ConfigAdminManager.preprocess,
// DynamicBrokerConfig.validate. What breaks there comes back as INVALID_REQUEST, as Kafka answers.
#include <algorithm>
#include <array>

#include "config/dynamic_broker.h"
#include "config/node_parts.h"
#include "config/validator.h"
#include "config/value_text.h"

namespace moldau::config {
namespace {

// Pools that may at most double or halve in one step.
constexpr auto k_thread_keys = std::to_array<std::string_view>(
    {"background.threads", "log.cleaner.threads", "num.io.threads", "num.network.threads",
     "num.recovery.threads.per.data.dir", "num.replica.fetchers",
     "remote.log.manager.copier.thread.pool.size", "remote.log.manager.expiration.thread.pool.size",
     "remote.log.manager.follower.thread.pool.size", "remote.log.reader.threads"});

std::string bracketed(const std::vector<std::string>& names) {
  return "[" + joined(names, ", ") + "]";
}

template <class Predicate>
std::vector<std::string> names_where(const ConfigMap& settings, Predicate predicate) {
  std::vector<std::string> names;
  for (const auto& [name, value] : settings)
    if (predicate(name)) names.push_back(name);
  return names;
}

Result<void> refuse_any(const std::vector<std::string>& names, std::string_view why) {
  if (names.empty()) return {};
  return fail(Errc::invalid_request, "{}: {}", why, bracketed(names));
}

std::int64_t number(const ConfigMap& settings, std::string_view key) {
  const auto text = broker_value(settings, key);
  return text ? parse_integer(java_trim(*text), INT64_MIN, INT64_MAX).value_or(0) : 0;
}

// Whether the running parts of a node could follow from one configuration to the other.
bool can_reconfigure(const ConfigMap& now, const ConfigMap& wanted, const NodeConfig& node) {
  for (const std::string_view key : k_thread_keys) {
    const std::int64_t before = number(now, key);
    const std::int64_t after = number(wanted, key);
    if (before == after) continue;
    if (after < 1 || after < before / 2 || after > before * 2) return false;
  }
  for (const std::string& directory : node.log.cordoned_directories)
    if (directory != "*" &&
        std::ranges::find(node.log.directories, directory) == node.log.directories.end())
      return false;
  return true;
}

// Lists as the broker alters them: by bare commas, empty items kept when subtracting.
std::vector<std::string> split_bare(std::string_view text) {
  std::vector<std::string> items;
  while (true) {
    const std::size_t comma = text.find(',');
    items.emplace_back(text.substr(0, comma));
    if (comma == std::string_view::npos) return items;
    text.remove_prefix(comma + 1);
  }
}

Result<void> apply(ConfigMap& settings, const Alteration& alteration) {
  const std::string value = alteration.value.value_or("");
  if (alteration.operation == AlterOperation::set) {
    settings.set(alteration.key, value);
    return {};
  }
  if (alteration.operation == AlterOperation::erase) {
    settings.erase(alteration.key);
    return {};
  }
  const bool append = alteration.operation == AlterOperation::append;
  const ConfigKey* key = find(Scope::broker, alteration.key);
  if (key == nullptr || key->standing != Standing::defined)
    return fail(Errc::invalid_config, "Unknown config name: {}", alteration.key);
  if (key->type != Type::list)
    return fail(Errc::invalid_config, "Config value {} is not allowed for config key: {}",
                append ? "append" : "subtract", alteration.key);
  const std::string* now = settings.find(alteration.key);
  const std::string old = now ? *now : std::string(key->default_value().value_or(""));
  std::vector<std::string> items =
      append && old.empty() ? std::vector<std::string>{} : split_bare(old);
  for (const std::string& item : split_bare(value)) {
    const auto at = std::ranges::find(items, item);
    if (append && at == items.end()) items.push_back(item);
    if (!append && at != items.end()) items.erase(at);
  }
  settings.set(alteration.key, joined(items, ","));
  return {};
}

}  // namespace

Result<void> BrokerChangeChecker::check_resource(const Resource& resource,
                                                 std::span<const Alteration> alterations) const {
  std::vector<std::string> keys_seen;
  std::vector<std::string> nulls;
  for (const Alteration& alteration : alterations) {
    if (std::ranges::find(keys_seen, alteration.key) != keys_seen.end())
      return fail(Errc::invalid_request, "Error due to duplicate config keys");
    keys_seen.push_back(alteration.key);
    if (!alteration.value && alteration.operation != AlterOperation::erase)
      nulls.push_back(alteration.key);
  }
  if (!nulls.empty())
    return fail(Errc::invalid_request, "Null value not supported for : {}", joined(nulls, ", "));
  if (resource.type != ResourceType::broker || resource.name.empty()) return {};
  const auto id = parse_integer(resource.name, INT32_MIN, INT32_MAX);
  if (!id)
    return fail(Errc::invalid_request, "Node id must be an integer, but it is: {}", resource.name);
  if (*id != node_.node_id.value())
    return fail(Errc::invalid_request, "Unexpected broker id, expected {}, but received {}",
                node_.node_id.value(), resource.name);
  return {};
}

Result<void> BrokerChangeChecker::check_broker_settings(const ConfigMap& wanted,
                                                        bool per_broker) const {
  TRY_OK(
      refuse_any(names_where(wanted, is_non_dynamic), "Cannot update these configs dynamically"));
  TRY_OK(refuse_any(names_where(wanted, needs_listener_prefix),
                    "These security configs can be dynamically updated only per-listener using the "
                    "listener prefix"));
  for (const auto& [name, value] : wanted)
    if (const auto checked = check_dynamic_type(name, value); !checked)
      return fail(Errc::invalid_request, "{}", checked.error().text());
  if (!per_broker) {
    TRY_OK(refuse_any(
        names_where(wanted, is_per_broker),
        "Cannot update these configs at default cluster level, broker id must be specified"));
  }
  std::vector<std::string> left_out;
  ConfigMap now = layers_.static_settings;
  lay_over(now, valid_dynamic(layers_.dynamic_default, false, left_out));
  lay_over(now, valid_dynamic(layers_.dynamic_broker, true, left_out));
  ConfigMap settings = layers_.static_settings;
  lay_over(settings, per_broker ? valid_dynamic(layers_.dynamic_default, false, left_out) : wanted);
  lay_over(settings, per_broker ? wanted : valid_dynamic(layers_.dynamic_broker, true, left_out));
  std::optional<Breach> breach;
  const auto loaded = load_checked(settings, &breach);
  if (!loaded) return fail(Errc::invalid_request, "{}", loaded.error().text());
  if (breach)
    return fail(Errc::invalid_request, "{}{}", breach->scala_require ? "requirement failed: " : "",
                breach->sentence);
  if (!can_reconfigure(now, settings, loaded->config))
    return fail(Errc::invalid_request, "Invalid dynamic configuration");
  return {};
}

Result<void> BrokerChangeChecker::incremental(const Resource& resource,
                                              std::span<const Alteration> alterations) const {
  TRY_OK(check_resource(resource, alterations));
  if (resource.type != ResourceType::broker) return {};
  const bool per_broker = !resource.name.empty();
  std::vector<std::string> left_out;
  ConfigMap settings = valid_dynamic(per_broker ? layers_.dynamic_broker : layers_.dynamic_default,
                                     per_broker, left_out);
  for (const Alteration& alteration : alterations) {
    TRY_OK(apply(settings, alteration));
  }
  return check_broker_settings(settings, per_broker);
}

Result<void> BrokerChangeChecker::replace(const Resource& resource,
                                          std::span<const Alteration> wanted) const {
  TRY_OK(check_resource(resource, wanted));
  if (resource.type != ResourceType::broker) return {};
  ConfigMap settings;
  for (const Alteration& setting : wanted) settings.set(setting.key, setting.value.value_or(""));
  return check_broker_settings(settings, !resource.name.empty());
}

}  // namespace moldau::config
