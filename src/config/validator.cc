#include "config/validator.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "base/topic_name.h"
#include "config/topic_rules.h"
#include "config/value_text.h"

namespace moldau::config {
namespace {

constexpr std::string_view k_min_isr = "min.insync.replicas";
constexpr std::string_view k_cordoned = "cordoned.log.dirs";
constexpr std::size_t k_value_size_max = 32'767;  // the wire's short strings end there

std::string_view java_name(AlterOperation operation) {
  switch (operation) {
    case AlterOperation::set:
      return "SET";
    case AlterOperation::erase:
      return "DELETE";
    case AlterOperation::append:
      return "APPEND";
    case AlterOperation::subtract:
      return "SUBTRACT";
  }
  CHECK(false);
  return {};
}

std::string_view java_name(ResourceType type) {
  switch (type) {
    case ResourceType::unknown:
      return "UNKNOWN";
    case ResourceType::topic:
      return "TOPIC";
    case ResourceType::broker:
      return "BROKER";
    case ResourceType::broker_logger:
      return "BROKER_LOGGER";
    case ResourceType::client_metrics:
      return "CLIENT_METRICS";
    case ResourceType::group:
      return "GROUP";
  }
  CHECK(false);
  return {};
}

// Items without blanks cut: the controller splits at bare commas and drops empty items.
std::vector<std::string> parts(std::string_view text) {
  std::vector<std::string> items;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    if (comma != 0) items.emplace_back(text.substr(0, comma));
    if (comma == std::string_view::npos) break;
    text.remove_prefix(comma + 1);
  }
  return items;
}

Result<std::optional<std::string>> altered(const Resource& resource, const Alteration& alteration,
                                           const std::string* current) {
  if (alteration.operation == AlterOperation::set) return alteration.value;
  if (alteration.operation == AlterOperation::erase) return std::optional<std::string>{};
  // Kafka's controller knows the types of these two alone (KafkaRaftServer, configSchema).
  const bool typed = resource.type == ResourceType::topic || resource.type == ResourceType::broker;
  const auto scope = scope_of(resource.type);
  const ConfigKey* key = typed ? find(*scope, alteration.key) : nullptr;
  if (key == nullptr || key->type != Type::list || key->standing != Standing::defined)
    return fail(Errc::invalid_config, "Can't {} to key {} because its type is not LIST.",
                java_name(alteration.operation), alteration.key);
  std::vector<std::string> items =
      parts(current ? std::string_view(*current) : key->default_value().value_or(""));
  const std::vector<std::string_view> wanted =
      alteration.value ? java_split(*alteration.value) : std::vector<std::string_view>{};
  for (const std::string_view item : wanted) {
    const auto at = std::ranges::find(items, item);
    if (alteration.operation == AlterOperation::append) {
      if (at == items.end()) items.emplace_back(item);
    } else if (at != items.end()) {
      items.erase(at);
    }
  }
  return std::optional(joined(items, ","));
}

// Rules about single changes that need the cluster's state.
Result<void> check_change(const Resource& resource, const ConfigChange& change,
                          const std::string* current, const ChangeContext& context) {
  const bool broker = resource.type == ResourceType::broker;
  if (broker && change.key == k_min_isr && context.elr_enabled) {
    if (!resource.name.empty())
      return fail(Errc::invalid_config,
                  "Broker-level min.insync.replicas cannot be altered while ELR is enabled.");
    if (!change.value)
      return fail(Errc::invalid_config,
                  "Cluster-level min.insync.replicas cannot be removed while ELR is enabled.");
  }
  if (broker && change.key == k_cordoned) {
    if (!context.cordoning_supported)
      return fail(Errc::invalid_config,
                  "The cordoned.log.dirs configuration value cannot be set because it requires "
                  "metadata.version >= 4.3-IV0");
    if (!context.forwarded && change.value) {
      // A controller knows no paths, so it lets entries go but takes no new ones.
      const std::vector<std::string> now = split_list(current ? *current : "");
      for (const std::string& directory : split_list(*change.value))
        if (std::ranges::find(now, directory) == now.end())
          return fail(Errc::invalid_config,
                      "When updating cordoned.log.dirs via controllers,  the new value must be a "
                      "subset of the current configuration value.");
    }
  }
  if (change.value && change.value->size() > k_value_size_max)
    return fail(Errc::invalid_config,
                "The configuration value cannot be added because it exceeds the maximum value size "
                "of {} bytes.",
                k_value_size_max);
  return {};
}

Result<void> check_broker_name(const std::string& name) {
  if (name.empty()) return {};
  const auto id = parse_integer(name, INT32_MIN, INT32_MAX);
  if (!id) return fail(Errc::invalid_request, "Unable to parse broker name as a base 10 number.");
  if (*id < 0) return fail(Errc::invalid_request, "Invalid negative broker ID.");
  return {};
}

std::unexpected<Error> unknown_type(const Resource& resource) {
  return fail(Errc::invalid_request, "Unknown resource type {}", java_name(resource.type));
}

Result<void> check_topic_resource(const std::string& name) {
  if (name.empty()) return fail(Errc::invalid_request, "Default topic resources are not allowed.");
  return check_topic_name(name);
}

// An unchanged value makes no record, except of a broker: writing it again makes brokers reload
// files (KAFKA-14136).
bool is_change(const Resource& resource, const std::string* current,
               const std::optional<std::string>& wanted) {
  if (resource.type == ResourceType::broker) return true;
  if (current == nullptr) return wanted.has_value();
  return !wanted || *wanted != *current;
}

}  // namespace

std::optional<ResourceType> resource_type_from_wire(std::int8_t code) {
  for (const ResourceType type :
       {ResourceType::topic, ResourceType::broker, ResourceType::broker_logger,
        ResourceType::client_metrics, ResourceType::group})
    if (static_cast<std::int8_t>(type) == code) return type;
  return std::nullopt;
}

std::optional<Scope> scope_of(ResourceType type) {
  switch (type) {
    case ResourceType::topic:
      return Scope::topic;
    case ResourceType::broker:
      return Scope::broker;
    case ResourceType::client_metrics:
      return Scope::client_metrics;
    case ResourceType::group:
      return Scope::group;
    case ResourceType::unknown:
    case ResourceType::broker_logger:
      return std::nullopt;
  }
  CHECK(false);
  return std::nullopt;
}

Result<void> Validator::validate_name(const Resource& resource) const {
  if (resource.type == ResourceType::topic) return check_topic_resource(resource.name);
  if (resource.type == ResourceType::broker) return check_broker_name(resource.name);
  return unknown_type(resource);
}

Result<void> Validator::validate(const Resource& resource, const ConfigMap& after,
                                 const ConfigMap& before) const {
  switch (resource.type) {
    case ResourceType::topic:
      if (auto named = check_topic_resource(resource.name); !named) return named;
      return check_topic_settings(after, before, node_);
    case ResourceType::broker:
      return check_broker_name(resource.name);
    case ResourceType::client_metrics:
      return check_client_metrics(resource.name, after);
    case ResourceType::group:
      if (resource.name.empty())
        return fail(Errc::invalid_request, "Default group resources are not allowed.");
      return check_group_settings(after, node_);
    case ResourceType::unknown:
    case ResourceType::broker_logger:
      return unknown_type(resource);
  }
  CHECK(false);
  return {};
}

Result<std::vector<ConfigChange>> Validator::incremental(const Resource& resource,
                                                         const ConfigMap& current,
                                                         std::span<const Alteration> alterations,
                                                         const ChangeContext& context) const {
  std::vector<ConfigChange> changes;
  ConfigMap after = current;
  for (const Alteration& alteration : alterations) {
    const std::string* now = current.find(alteration.key);
    TRY(std::optional<std::string> wanted, altered(resource, alteration, now));
    if (!is_change(resource, now, wanted)) continue;
    ConfigChange change{.key = alteration.key, .value = std::move(wanted)};
    TRY_OK(check_change(resource, change, now, context));
    if (change.value) {
      after.set(change.key, *change.value);
    } else {
      after.erase(change.key);
    }
    changes.push_back(std::move(change));
  }
  TRY_OK(validate(resource, after, current));
  return changes;
}

Result<std::vector<ConfigChange>> Validator::replace(const Resource& resource,
                                                     const ConfigMap& current,
                                                     std::span<const Alteration> wanted,
                                                     const ChangeContext& context) const {
  std::vector<ConfigChange> changes;
  ConfigMap after;
  for (const Alteration& setting : wanted) {
    if (setting.value) {
      after.set(setting.key, *setting.value);
    } else {
      after.erase(setting.key);  // only on the controller's listener: brokers refuse a null
    }
  }
  for (const auto& [key, value] : after)
    if (is_change(resource, current.find(key), value))
      changes.push_back({.key = key, .value = value});
  for (const auto& [key, value] : current)
    if (!after.contains(key)) changes.push_back({.key = key, .value = std::nullopt});
  for (const ConfigChange& change : changes) {
    TRY_OK(check_change(resource, change, current.find(change.key), context));
  }
  TRY_OK(validate(resource, after, current));
  return changes;
}

Result<void> Validator::validate_new_topic(std::string_view name, const ConfigMap& configs) const {
  const Resource resource{.type = ResourceType::topic, .name = std::string(name)};
  return validate(resource, configs, ConfigMap{});
}

Result<void> validate_log_level(std::string_view logger, std::string_view level) {
  for (const std::string_view known : {"DEBUG", "ERROR", "FATAL", "INFO", "TRACE", "WARN"})
    if (level == known) return {};
  return fail(Errc::invalid_config,
              "Cannot set the log level of {} to {} as it is not a supported log level. Valid log "
              "levels are DEBUG, ERROR, FATAL, INFO, TRACE, WARN",
              logger, level);
}

Result<void> validate_quota(std::string_view key, double value, bool for_ip) {
  const ConfigKey* found = find(Scope::quota, key);
  const bool is_ip_key = key == "connection_creation_rate";
  if (found == nullptr || found->type == Type::string || is_ip_key != for_ip)
    return fail(Errc::invalid_request, "Invalid configuration key {}", key);
  if (!(value > 0.0)) return fail(Errc::invalid_request, "Quota {} must be greater than 0", key);
  if (found->type == Type::float64) return {};
  const double largest =
      found->type == Type::int32 ? static_cast<double>(INT32_MAX) : static_cast<double>(INT64_MAX);
  if (value > largest)
    return fail(Errc::invalid_request, "Proposed value for {} is too large for {}.", key,
                found->type == Type::int32 ? "an INT" : "a LONG");
  if (std::fabs(std::fmod(value, 1.0)) > 1e-6)
    return fail(Errc::invalid_request, "{} cannot be a fractional value.", key);
  return {};
}

}  // namespace moldau::config
