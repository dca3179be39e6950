#include "controller/node_config_rules.h"

#include "config/describe.h"
#include "config/topic_config.h"

namespace moldau::controller {
namespace {

// Both enums spell the codes of the wire.
config::Resource to_config(const metadata::ConfigResource& resource) {
  return {static_cast<config::ResourceType>(resource.type), resource.name};
}
static_assert(static_cast<int>(config::ResourceType::group) ==
              static_cast<int>(metadata::ConfigType::group));
static_assert(static_cast<int>(config::ResourceType::client_metrics) ==
              static_cast<int>(metadata::ConfigType::client_metrics));

config::ConfigMap to_config(const metadata::ConfigMap& map) { return {map.begin(), map.end()}; }

std::vector<config::Alteration> to_config(std::span<const Alteration> alterations) {
  std::vector<config::Alteration> all;
  all.reserve(alterations.size());
  for (const Alteration& a : alterations) {
    all.push_back({a.key, static_cast<config::AlterOperation>(a.operation), a.value});
  }
  return all;
}
static_assert(static_cast<int>(config::AlterOperation::subtract) ==
              static_cast<int>(AlterOperation::subtract));

config::ChangeContext to_config(const ConfigChangeContext& context) {
  return {.elr_enabled = context.elr_enabled,
          .cordoning_supported = context.cordoning_supported,
          .forwarded = context.forwarded};
}

std::vector<ConfigChange> from_config(std::vector<config::ConfigChange> changes) {
  std::vector<ConfigChange> all;
  all.reserve(changes.size());
  for (config::ConfigChange& c : changes) all.push_back({std::move(c.key), std::move(c.value)});
  return all;
}

// The two tables of sources part where describe shows what a topic never has.
ConfigSource from_config(config::Source source) {
  switch (source) {
    case config::Source::topic_config:
      return ConfigSource::dynamic_topic;
    case config::Source::dynamic_broker_config:
      return ConfigSource::dynamic_broker;
    case config::Source::dynamic_default_broker_config:
      return ConfigSource::dynamic_default_broker;
    case config::Source::static_broker_config:
      return ConfigSource::static_broker;
    case config::Source::default_config:
      return ConfigSource::default_value;
    case config::Source::unknown:
    case config::Source::dynamic_broker_logger_config:
    case config::Source::client_metrics_config:
    case config::Source::group_config:
      break;
  }
  return ConfigSource::unknown;
}

}  // namespace

Result<std::vector<ConfigChange>> NodeConfigRules::incremental(
    const metadata::ConfigResource& resource, const metadata::ConfigMap& current,
    std::span<const Alteration> alterations, const ConfigChangeContext& context) const {
  TRY(std::vector<config::ConfigChange> changes,
      validator_.incremental(to_config(resource), to_config(current), to_config(alterations),
                             to_config(context)));
  return from_config(std::move(changes));
}

Result<std::vector<ConfigChange>> NodeConfigRules::replace(
    const metadata::ConfigResource& resource, const metadata::ConfigMap& current,
    std::span<const Alteration> wanted, const ConfigChangeContext& context) const {
  TRY(std::vector<config::ConfigChange> changes,
      validator_.replace(to_config(resource), to_config(current), to_config(wanted),
                         to_config(context)));
  return from_config(std::move(changes));
}

std::optional<std::string> NodeConfigRules::static_value(metadata::ConfigType type,
                                                         std::string_view key) const {
  if (type != metadata::ConfigType::topic) return node_.value_of(key);
  const config::ConfigMap none;
  return config::effective_topic_value(
      key, {.dynamic_broker = none, .dynamic_default = none, .static_settings = node_.settings},
      none);
}

std::vector<EffectiveConfig> NodeConfigRules::effective_topic(
    const metadata::ConfigMap& topic, const metadata::ConfigMap& broker,
    const metadata::ConfigMap& cluster) const {
  const config::ConfigMap dynamic_broker = to_config(broker);
  const config::ConfigMap dynamic_default = to_config(cluster);
  std::vector<EffectiveConfig> all;
  for (config::DescribedConfig& c :
       config::describe_created_topic({.dynamic_broker = dynamic_broker,
                                       .dynamic_default = dynamic_default,
                                       .static_settings = node_.settings},
                                      to_config(topic))) {
    all.push_back({.name = std::move(c.name),
                   .value = std::move(c.value),
                   .read_only = c.read_only,
                   .sensitive = c.sensitive,
                   .source = from_config(c.source)});
  }
  return all;
}

}  // namespace moldau::controller
