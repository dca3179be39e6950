#include "config/keys.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "base/check.h"
#include "config/value_text.h"

namespace moldau::config {
namespace {

constexpr std::string_view k_listener_prefix = "listener.name.";
constexpr std::string_view k_remote_metadata_prefix = "rlmm.config.";
// DynamicBrokerConfig.LISTENER_MECHANISM_CONFIGS: what stands behind a mechanism's name.
constexpr auto k_mechanism_keys = std::to_array<std::string_view>(
    {"connections.max.reauth.ms", "sasl.jaas.config", "sasl.login.callback.handler.class",
     "sasl.login.class", "sasl.server.callback.handler.class"});

// Levenshtein, with a swap of neighbours as one step (optimal string alignment).
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), above(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) above[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t cost = a[i - 1] == b[j - 1] ? 0 : 1;
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + cost});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before[j - 2] + 1);
    }
    std::swap(before, above);
    std::swap(above, row);
  }
  return above[b.size()];
}

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
  constexpr std::size_t k_name_size_max = 128;  // no key is longer; keeps hostile names cheap
  if (name.empty() || name.size() > k_name_size_max) return {};
  std::string_view best;
  std::size_t best_distance = std::max<std::size_t>(1, name.size() / 3) + 1;
  for (const ConfigKey& key : keys(scope)) {
    const std::size_t longer = std::max(key.name.size(), name.size());
    const std::size_t shorter = std::min(key.name.size(), name.size());
    if (longer - shorter >= best_distance) continue;
    const std::size_t steps = distance(name, key.name);
    if (steps < best_distance) {
      best_distance = steps;
      best = key.name;
    }
  }
  return best;
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
