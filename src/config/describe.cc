#include "config/describe.h"

#include <algorithm>

#include "config/dynamic_broker.h"
#include "config/node_parts.h"
#include "config/value_text.h"

namespace moldau::config {
namespace {

bool asked_for(const DescribeOptions& options, std::string_view name) {
  if (!options.names || options.names->empty()) return true;
  return std::ranges::find(*options.names, name) != options.names->end();
}

// A value as Kafka shows it after parsing: "0.50" of a double is "0.5". Text that does not parse
// (an old record) is shown as it is stored.
std::optional<std::string> shown(const ConfigKey& key, const std::optional<std::string>& text) {
  if (!text) return std::nullopt;
  const auto parsed = parse(key, *text);
  return parsed ? to_text(*parsed) : text;
}

// Broker names that set the same thing as `name`, strongest first, with itself among them.
std::vector<std::string> broker_names(std::string_view name) {
  const auto synonyms = synonyms_of_broker_key(name);
  std::vector<std::string> names;
  for (const SynonymOf& synonym : synonyms) names.emplace_back(synonym.key);
  if (!names.empty()) return names;
  names.emplace_back(name);
  if (const std::string_view base = listener_override_base(name); !base.empty())
    names.emplace_back(base);
  return names;
}

void add_layer(std::vector<DescribedSynonym>& out, const std::vector<std::string>& names,
               const ConfigMap& layer, Source source, bool sensitive) {
  for (const std::string& name : names)
    if (const std::string* value = layer.find(name))
      out.push_back({.name = name,
                     .value = sensitive ? std::nullopt : std::optional(*value),
                     .source = source});
}

// All that could give the broker key `name` its value, strongest first. What stands before the
// first one of that very name is dropped: it belongs to a stronger key.
std::vector<DescribedSynonym> broker_synonyms(const BrokerLayers& layers, std::string_view name,
                                              bool sensitive) {
  const std::vector<std::string> names = broker_names(name);
  std::vector<DescribedSynonym> out;
  add_layer(out, names, layers.dynamic_broker, Source::dynamic_broker_config, sensitive);
  add_layer(out, names, layers.dynamic_default, Source::dynamic_default_broker_config, sensitive);
  add_layer(out, names, layers.static_settings, Source::static_broker_config, sensitive);
  for (const std::string& synonym : names) {
    const ConfigKey* key = find(Scope::broker, synonym);
    if (key == nullptr || !key->has_default || key->standing != Standing::defined ||
        key->update_mode == UpdateMode::dynamic_only)
      continue;
    out.push_back(
        {.name = synonym,
         .value = sensitive ? std::nullopt : std::optional(std::string(key->default_text)),
         .source = Source::default_config});
  }
  const auto own = std::ranges::find(out, name, &DescribedSynonym::name);
  out.erase(out.begin(), own);
  return out;
}

void finish(DescribedConfig& entry, std::vector<DescribedSynonym> synonyms,
            const DescribeOptions& options, const ConfigKey* key) {
  entry.source = synonyms.empty() ? Source::default_config : synonyms.front().source;
  if (options.include_synonyms) entry.synonyms = std::move(synonyms);
  if (options.include_documentation && key != nullptr) entry.documentation = key->documentation;
}

// The key whose type a broker setting has; nullptr for a stranger, who counts as sensitive.
const ConfigKey* typed_by(std::string_view name) {
  const ConfigKey* key = find(Scope::broker, name);
  if (key != nullptr) return key->standing == Standing::defined ? key : nullptr;
  const std::string_view base = listener_override_base(name);
  if (base.empty()) return nullptr;
  key = find(Scope::broker, base);
  return key != nullptr && key->standing == Standing::defined ? key : nullptr;
}

DescribedConfig broker_entry(const BrokerLayers& layers, const std::string& name,
                             const std::optional<std::string>& value,
                             const DescribeOptions& options, bool defaults_only) {
  const ConfigKey* type_key = typed_by(name);
  const ConfigKey* own_key = find(Scope::broker, name);
  if (own_key != nullptr &&
      (own_key->standing != Standing::defined || own_key->update_mode == UpdateMode::dynamic_only))
    own_key = nullptr;  // not in the static definition, so without documentation
  DescribedConfig entry;
  entry.name = name;
  entry.type = type_key ? type_key->type : Type::unknown;
  entry.sensitive = type_key == nullptr || type_key->sensitive();
  if (!entry.sensitive) entry.value = value;
  const ConfigKey* exact = find(Scope::broker, name);
  entry.read_only = exact == nullptr || !exact->may_change_at_run_time();
  std::vector<DescribedSynonym> synonyms = broker_synonyms(layers, name, entry.sensitive);
  if (defaults_only)
    std::erase_if(synonyms, [](const DescribedSynonym& synonym) {
      return synonym.source != Source::dynamic_default_broker_config;
    });
  finish(entry, std::move(synonyms), options, own_key);
  return entry;
}

// The file with both dynamic layers over it: what the node runs with.
ConfigMap in_force(const BrokerLayers& layers) {
  std::vector<std::string> left_out;
  ConfigMap settings = layers.static_settings;
  lay_over(settings, valid_dynamic(layers.dynamic_default, false, left_out));
  lay_over(settings, valid_dynamic(layers.dynamic_broker, true, left_out));
  clamp_group_intervals(settings);
  return settings;
}

// The value of a group's key when the group has none: the broker's. An internal key has one only
// when the broker was given one.
std::optional<std::string> group_default(const ConfigKey& key, const ConfigMap& settings) {
  if (key.synonyms.empty()) {
    const auto text = key.default_value();
    return text ? std::optional(std::string(*text)) : std::nullopt;
  }
  const std::string_view broker_key = key.synonyms.front().key;
  const auto text = broker_value(settings, broker_key);
  const ConfigKey* typed = find(Scope::broker, broker_key);
  if (typed != nullptr && typed->type == Type::list && key.type == Type::string && text)
    return split_list(*text).empty() ? std::string{} : split_list(*text).front();
  return text;
}

bool hidden_internal(const ConfigKey& key, const ConfigMap& overrides, const ConfigMap& settings) {
  if (!key.internal || overrides.contains(key.name)) return false;
  return key.synonyms.empty() || !settings.contains(key.synonyms.front().key);
}

std::vector<DescribedSynonym> group_synonyms(const ConfigKey& key, const BrokerLayers& layers) {
  if (!key.synonyms.empty())
    return broker_synonyms(layers, key.synonyms.front().key, key.sensitive());
  if (!key.has_default) return {};
  return {{.name = std::string(key.name),
           .value = std::string(key.default_text),
           .source = Source::default_config}};
}

// Overrides of names that the scope does not have (a later version's): shown like strangers.
void add_strangers(std::vector<DescribedConfig>& out, Scope scope, const ConfigMap& overrides,
                   Source source, const DescribeOptions& options) {
  for (const auto& [name, value] : overrides) {
    if (find(scope, name) != nullptr || !asked_for(options, name)) continue;
    DescribedConfig entry;
    entry.name = name;
    entry.sensitive = true;
    finish(entry, {{.name = name, .value = std::nullopt, .source = source}}, options, nullptr);
    out.push_back(std::move(entry));
  }
  std::ranges::sort(out, {}, &DescribedConfig::name);
}

}  // namespace

std::vector<DescribedConfig> describe_topic(const BrokerLayers& layers, const ConfigMap& overrides,
                                            const DescribeOptions& options) {
  std::vector<DescribedConfig> out;
  for (const ConfigKey& key : keys(Scope::topic)) {
    const bool set = overrides.contains(key.name);
    if ((key.internal && !set) || !asked_for(options, key.name)) continue;
    DescribedConfig entry;
    entry.name = key.name;
    entry.type = key.type;
    entry.sensitive = key.sensitive();
    entry.value = shown(key, effective_topic_value(key.name, layers, overrides));
    std::vector<DescribedSynonym> synonyms;
    if (set)
      synonyms.push_back(
          {.name = entry.name, .value = entry.value, .source = Source::topic_config});
    if (!key.synonyms.empty())
      std::ranges::move(broker_synonyms(layers, key.synonyms.front().key, false),
                        std::back_inserter(synonyms));
    finish(entry, std::move(synonyms), options, &key);
    out.push_back(std::move(entry));
  }
  add_strangers(out, Scope::topic, overrides, Source::topic_config, options);
  return out;
}

std::vector<DescribedConfig> describe_broker(const BrokerLayers& layers,
                                             const DescribeOptions& options) {
  const ConfigMap settings = in_force(layers);
  std::vector<DescribedConfig> out;
  for (const ConfigKey& key : keys(Scope::broker)) {
    if (key.standing != Standing::defined || key.update_mode == UpdateMode::dynamic_only ||
        key.internal || !asked_for(options, key.name))
      continue;
    const auto value = shown(key, broker_value(settings, key.name));
    out.push_back(broker_entry(layers, std::string(key.name), value, options, false));
  }
  for (const auto& [name, value] : settings) {  // internal keys, listener overrides, strangers
    const ConfigKey* key = find(Scope::broker, name);
    const bool done = key != nullptr && key->standing == Standing::defined && !key->internal &&
                      key->update_mode != UpdateMode::dynamic_only;
    if (!done && asked_for(options, name))
      out.push_back(broker_entry(layers, name, value, options, false));
  }
  std::ranges::sort(out, {}, &DescribedConfig::name);
  return out;
}

std::vector<DescribedConfig> describe_default_broker(const BrokerLayers& layers,
                                                     const DescribeOptions& options) {
  std::vector<DescribedConfig> out;
  for (const auto& [name, value] : layers.dynamic_default)
    if (asked_for(options, name)) out.push_back(broker_entry(layers, name, value, options, true));
  return out;
}

std::vector<DescribedConfig> describe_group(const BrokerLayers& layers, const ConfigMap& overrides,
                                            const DescribeOptions& options) {
  const ConfigMap settings = in_force(layers);
  std::vector<DescribedConfig> out;
  for (const ConfigKey& key : keys(Scope::group)) {
    if (hidden_internal(key, overrides, settings) || !asked_for(options, key.name)) continue;
    const std::string* set = overrides.find(key.name);
    DescribedConfig entry;
    entry.name = key.name;
    entry.type = key.type;
    entry.sensitive = key.sensitive();
    entry.value = shown(key, set ? std::optional(*set) : group_default(key, settings));
    std::vector<DescribedSynonym> synonyms;
    if (set != nullptr)
      synonyms.push_back(
          {.name = entry.name, .value = entry.value, .source = Source::group_config});
    std::ranges::move(group_synonyms(key, layers), std::back_inserter(synonyms));
    finish(entry, std::move(synonyms), options, &key);
    out.push_back(std::move(entry));
  }
  add_strangers(out, Scope::group, overrides, Source::group_config, options);
  return out;
}

std::vector<DescribedConfig> describe_client_metrics(const ConfigMap& overrides,
                                                     const DescribeOptions& options) {
  std::vector<DescribedConfig> out;
  for (const ConfigKey& key : keys(Scope::client_metrics)) {
    if (!asked_for(options, key.name)) continue;
    const std::string* set = overrides.find(key.name);
    DescribedConfig entry;
    entry.name = key.name;
    entry.type = key.type;
    entry.value = shown(key, set ? *set : std::string(key.default_text));
    std::vector<DescribedSynonym> synonyms;
    if (set != nullptr)
      synonyms.push_back(
          {.name = entry.name, .value = entry.value, .source = Source::client_metrics_config});
    finish(entry, std::move(synonyms), options, &key);
    out.push_back(std::move(entry));
  }
  return out;
}

std::vector<DescribedConfig> describe_broker_logger(const ConfigMap& levels,
                                                    const DescribeOptions& options) {
  std::vector<DescribedConfig> out;
  for (const auto& [name, level] : levels) {
    if (!asked_for(options, name)) continue;
    DescribedConfig entry;
    entry.name = name;
    entry.value = level;
    entry.source = Source::dynamic_broker_logger_config;
    out.push_back(std::move(entry));
  }
  return out;
}

std::vector<DescribedConfig> describe_created_topic(const BrokerLayers& layers,
                                                    const ConfigMap& overrides) {
  std::vector<DescribedConfig> out = describe_topic(layers, overrides, {.include_synonyms = true});
  for (DescribedConfig& entry : out) {
    // The controller looks at every synonym, not at the strongest name only, and shows values as
    // they were written.
    const ConfigKey* key = find(Scope::topic, entry.name);
    entry.synonyms.clear();
    if (key != nullptr) entry.value = effective_topic_value(key->name, layers, overrides);
    if (key == nullptr || entry.source == Source::topic_config) continue;
    entry.source = Source::default_config;
    const auto set_in = [&](const ConfigMap& layer) {
      return std::ranges::any_of(
          key->synonyms, [&](const SynonymOf& synonym) { return layer.contains(synonym.key); });
    };
    if (set_in(layers.dynamic_broker)) {
      entry.source = Source::dynamic_broker_config;
    } else if (set_in(layers.dynamic_default)) {
      entry.source = Source::dynamic_default_broker_config;
    } else if (set_in(layers.static_settings)) {
      entry.source = Source::static_broker_config;
    }
  }
  return out;
}

}  // namespace moldau::config
