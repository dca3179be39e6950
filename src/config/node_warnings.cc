// What a person should know about a configuration that is accepted: no key is ever ignored in
// silence.
#include <algorithm>

#include "config/node_parts.h"
#include "config/value_text.h"

namespace moldau::config {
namespace {

// Looking for the nearest name compares with all of them, so a file of nonsense gets no more.
constexpr std::size_t k_unknown_keys_named_max = 50;

// Keys that plugins and providers get: known by their prefix alone.
bool belongs_to_plugin(const ConfigMap& settings, std::string_view name) {
  if (name.starts_with("config.providers.")) return true;
  for (const std::string_view key :
       {"remote.log.storage.manager.impl.prefix", "remote.log.metadata.manager.impl.prefix"}) {
    const auto prefix = broker_value(settings, key);
    if (prefix && !prefix->empty() && name.starts_with(*prefix)) return true;
  }
  return false;
}

std::string listener_of(std::string_view name) {
  constexpr std::size_t k_prefix_size = std::string_view("listener.name.").size();
  const std::size_t dot = name.find('.', k_prefix_size);
  return upper(name.substr(k_prefix_size, dot - k_prefix_size));
}

void about_unknown(const ConfigMap& settings, std::vector<std::string>& out) {
  std::size_t count = 0;
  for (const auto& [name, value] : settings) {
    if (find_broker_key(name) != nullptr || belongs_to_plugin(settings, name)) continue;
    if (++count > k_unknown_keys_named_max) continue;
    const std::string_view near = nearest(Scope::broker, name);
    std::string line = name + " is not a known key and has no effect.";
    if (!near.empty()) line += " The nearest known key is " + std::string(near) + ".";
    out.push_back(std::move(line));
  }
  if (count > k_unknown_keys_named_max)
    out.push_back("and " + std::to_string(count - k_unknown_keys_named_max) +
                  " further unknown keys without effect.");
}

void about_idle(const ConfigMap& settings, std::vector<std::string>& out) {
  std::vector<std::string> idle;
  for (const auto& [name, value] : settings) {
    const ConfigKey* key = find_broker_key(name);
    if (key != nullptr ? !key->in_effect : belongs_to_plugin(settings, name)) idle.push_back(name);
  }
  if (!idle.empty())
    out.push_back("known, but without effect in this version: " + joined(idle, ", "));
}

void about_listeners(const NodeConfig& node, const ConfigMap& settings,
                     std::vector<std::string>& out) {
  for (const auto& [name, value] : settings) {
    if (listener_override_base(name).empty() || find_broker_key(name) == nullptr) continue;
    const std::string listener = listener_of(name);
    if (node.network.listener(listener) == nullptr &&
        !node.network.is_controller_listener(listener))
      out.push_back(name + " has no effect: there is no listener " + listener + ".");
  }
}

void about_roles(const NodeConfig& node, const ConfigMap& settings, std::vector<std::string>& out) {
  if (node.roles.controller) return;
  if (node.network.controller_listener_names.size() > 1)
    out.push_back("controller.listener.names: a broker uses only the first, " +
                  node.network.controller_listener_names.front() + ".");
  for (const std::string_view name :
       {"create.topic.policy.class.name", "alter.config.policy.class.name", "num.partitions",
        "default.replication.factor"})
    if (settings.contains(name))
      out.push_back(std::string(name) + " belongs into the configuration of the controllers.");
}

}  // namespace

std::string_view misspelt(const ConfigMap& settings, std::string_view wanted) {
  std::size_t count = 0;
  for (const auto& [name, value] : settings) {
    if (find_broker_key(name) != nullptr) continue;
    if (++count > k_unknown_keys_named_max) break;
    if (nearest(Scope::broker, name) == wanted) return name;
  }
  return {};
}

std::vector<std::string> warnings_about(const NodeConfig& node, const ConfigMap& settings) {
  std::vector<std::string> out;
  about_unknown(settings, out);
  about_idle(settings, out);
  about_listeners(node, settings, out);
  about_roles(node, settings, out);
  if (node.broker.heartbeat_interval * 2 > node.broker.session_timeout)
    out.push_back("broker.heartbeat.interval.ms (" +
                  std::to_string(node.broker.heartbeat_interval.count()) +
                  ") should be at most half of broker.session.timeout.ms (" +
                  std::to_string(node.broker.session_timeout.count()) +
                  "), or a single lost heartbeat fences the broker.");
  return out;
}

}  // namespace moldau::config
