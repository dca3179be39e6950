#include "config/keys.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "base/check.h"
#include "config/nearest.h"
#include "config/value_text.h"

namespace moldau::config {
namespace {

constexpr std::string_view k_listener_prefix = "listener.name.";
constexpr std::string_view k_remote_metadata_prefix = "rlmm.config.";
// DynamicBrokerConfig.LISTENER_MECHANISM_CONFIGS: what stands behind a mechanism's name.
constexpr auto k_mechanism_keys = std::to_array<std::string_view>(
    {"connections.max.reauth.ms", "sasl.jaas.config", "sasl.login.callback.handler.class",
     "sasl.login.class", "sasl.server.callback.handler.class"});

}  // namespace

const ConfigKey* find(Scope scope, std::string_view name) {
  const auto table = keys(scope);
  const auto at = std::ranges::lower_bound(table, name, {}, &ConfigKey::name);
  return at != table.end() && at->name == name ? &*at : nullptr;
}

std::string_view listener_override_base(std::string_view name) {
  if (!name.starts_with(k_listener_prefix)) return {};
  const std::size_t dot = name.find('.', k_listener_prefix.size());
  if (dot == std::string_view::npos) return {};
  const std::string_view rest = name.substr(dot + 1);
  for (const std::string_view key : k_mechanism_keys)
    if (rest.ends_with(key)) return rest.substr(rest.size() - key.size());
  return rest;
}

const ConfigKey* find_broker_key(std::string_view name) {
  if (const ConfigKey* key = find(Scope::broker, name)) return key;
  if (name.starts_with(k_remote_metadata_prefix))
    return find(Scope::broker, name.substr(k_remote_metadata_prefix.size()));
  const std::string_view base = listener_override_base(name);
  return base.empty() ? nullptr : find(Scope::broker, base);
}

std::string_view nearest(Scope scope, std::string_view name) {
  Nearest search(name);
  for (const ConfigKey& key : keys(scope)) search.offer(key.name);
  return search.best();
}

std::string_view name_of(Scope scope) {
  switch (scope) {
    case Scope::broker:
      return "broker";
    case Scope::topic:
      return "topic";
    case Scope::group:
      return "group";
    case Scope::client_metrics:
      return "client-metrics";
    case Scope::quota:
      return "quota";
    case Scope::producer:
      return "producer";
    case Scope::consumer:
      return "consumer";
    case Scope::admin:
      return "admin";
  }
  CHECK(false);
  return {};
}

std::string_view name_of(Type type) {
  switch (type) {
    case Type::unknown:
      return "UNKNOWN";
    case Type::boolean:
      return "BOOLEAN";
    case Type::string:
      return "STRING";
    case Type::int32:
      return "INT";
    case Type::int16:
      return "SHORT";
    case Type::int64:
      return "LONG";
    case Type::float64:
      return "DOUBLE";
    case Type::list:
      return "LIST";
    case Type::class_name:
      return "CLASS";
    case Type::password:
      return "PASSWORD";
  }
  CHECK(false);
  return {};
}

Value default_of(const ConfigKey& key) {
  if (!key.has_default) return {};
  auto parsed = parse(key, key.default_text);
  CHECK_OK(parsed);
  return std::move(*parsed);
}

std::optional<std::string> to_text(const Value& value) {
  if (std::holds_alternative<std::monostate>(value)) return std::nullopt;
  if (const bool* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
  if (const auto* number = std::get_if<std::int64_t>(&value)) return std::to_string(*number);
  if (const double* number = std::get_if<double>(&value)) return java_double(*number);
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  return joined(std::get<std::vector<std::string>>(value), ",");
}

}  // namespace moldau::config
