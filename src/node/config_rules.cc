#include "node/config_rules.h"

#include "config/describe.h"
#include "config/topic_config.h"

namespace moldau::node {
namespace {

config::ConfigMap to_config(const metadata::ConfigMap& map) { return {map.begin(), map.end()}; }

const config::ConfigKey* find_key(metadata::ConfigType type, std::string_view key) {
  const auto resource = config::resource_type_from_wire(static_cast<std::int8_t>(type));
  const auto scope = resource ? config::scope_of(*resource) : std::nullopt;
  if (!scope) return nullptr;
  return *scope == config::Scope::broker ? config::find_broker_key(key) : config::find(*scope, key);
}

Result<config::Resource> to_config(const metadata::ConfigResource& resource) {
  const auto type = config::resource_type_from_wire(static_cast<std::int8_t>(resource.type));
  if (!type) return fail(Errc::invalid_request, "Unknown resource type");
  return config::Resource{*type, resource.name};
}
std::vector<config::Alteration> to_config(std::span<const controller::Alteration> alterations) {
  std::vector<config::Alteration> out;
  for (const controller::Alteration& one : alterations) {
    out.push_back({one.key, static_cast<config::AlterOperation>(one.operation), one.value});
  }
  return out;
}
config::ChangeContext to_config(const controller::ConfigChangeContext& context) {
  return {.elr_enabled = context.elr_enabled,
          .cordoning_supported = context.cordoning_supported,
          .forwarded = context.forwarded};
}
Result<std::vector<controller::ConfigChange>> from_config(
    Result<std::vector<config::ConfigChange>> changes) {
  if (!changes) return fail(std::move(changes).error());
  std::vector<controller::ConfigChange> out;
  for (config::ConfigChange& change : *changes) {
    out.push_back({std::move(change.key), std::move(change.value)});
  }
  return out;
}

}  // namespace

Result<std::vector<controller::ConfigChange>> NodeConfigRules::incremental(
    const metadata::ConfigResource& resource, const metadata::ConfigMap& current,
    std::span<const controller::Alteration> alterations,
    const controller::ConfigChangeContext& context) const {
  TRY(const config::Resource named, to_config(resource));
  return from_config(validator_.incremental(named, to_config(current), to_config(alterations),
                                            to_config(context)));
}

Result<std::vector<controller::ConfigChange>> NodeConfigRules::replace(
    const metadata::ConfigResource& resource, const metadata::ConfigMap& current,
    std::span<const controller::Alteration> wanted,
    const controller::ConfigChangeContext& context) const {
  TRY(const config::Resource named, to_config(resource));
  return from_config(
      validator_.replace(named, to_config(current), to_config(wanted), to_config(context)));
}

std::optional<std::string> NodeConfigRules::static_value(metadata::ConfigType type,
                                                         std::string_view key) const {
  if (type == metadata::ConfigType::broker) return node_.value_of(key);
  if (type == metadata::ConfigType::topic) {
    const config::ConfigMap none;
    return config::effective_topic_value(key, {none, none, node_.settings}, none);
  }
  const config::ConfigKey* found = find_key(type, key);
  if (found == nullptr || !found->default_value()) return std::nullopt;
  return std::string{*found->default_value()};
}

std::vector<controller::EffectiveConfig> NodeConfigRules::effective_topic(
    const metadata::ConfigMap& topic, const metadata::ConfigMap& broker,
    const metadata::ConfigMap& cluster) const {
  const config::ConfigMap dynamic_broker = to_config(broker);
  const config::ConfigMap dynamic_default = to_config(cluster);
  std::vector<controller::EffectiveConfig> all;
  for (config::DescribedConfig& one : config::describe_created_topic(
           {dynamic_broker, dynamic_default, node_.settings}, to_config(topic))) {
    all.push_back({.name = std::move(one.name),
                   .value = std::move(one.value),
                   .read_only = one.read_only,
                   .sensitive = one.sensitive,
                   .source = static_cast<controller::ConfigSource>(one.source)});
  }
  return all;
}

}  // namespace moldau::node
