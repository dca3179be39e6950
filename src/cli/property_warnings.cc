#include "cli/property_warnings.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

namespace moldau::cli {
namespace {

constexpr std::size_t k_unknown_keys_named_max = 50;

bool is_passed_over(std::string_view key) {
  constexpr auto k_of_tools = std::to_array<std::string_view>(
      {"bootstrap.controllers", "bootstrap.servers", "key.deserializer", "value.deserializer",
       "key.serializer", "value.serializer"});
  return key.starts_with("ssl.") || key.starts_with("sasl.") ||
         std::ranges::find(k_of_tools, key) != k_of_tools.end();
}

bool is_default(const config::ConfigKey& key, std::string_view text) {
  const auto value = config::parse(key, text);
  return value && *value == config::default_of(key);
}

std::string about_unknown(config::Scope client, std::string_view key) {
  const std::string_view near = config::nearest(client, key);
  return fmt::format("{} is not a known key and has no effect.{}", key,
                     near.empty() ? "" : fmt::format(" The nearest known key is {}.", near));
}

std::string_view class_of(config::Scope client) {
  if (client == config::Scope::producer) return "org.apache.kafka.clients.producer.ProducerConfig";
  if (client == config::Scope::consumer) return "org.apache.kafka.clients.consumer.ConsumerConfig";
  return "org.apache.kafka.clients.admin.AdminClientConfig";
}

}  // namespace

std::vector<std::string> warnings_about(std::initializer_list<config::Scope> clients,
                                        const PropertyMap& properties) {
  std::vector<std::string> out;
  std::size_t unknown = 0;
  for (const auto& [name, value] : properties) {
    if (is_passed_over(name)) continue;
    bool known = false;
    bool counts = false;
    for (const config::Scope client : clients) {
      const config::ConfigKey* key = config::find(client, name);
      if (key == nullptr) continue;
      known = true;
      counts = counts || key->in_effect || is_default(*key, value);
    }
    if (!known && ++unknown <= k_unknown_keys_named_max) {
      out.push_back(about_unknown(*clients.begin(), name));
    } else if (known && !counts) {
      out.push_back(fmt::format("{} is known, but without effect in this version.", name));
    }
  }
  if (unknown > k_unknown_keys_named_max) {
    out.push_back(fmt::format("{} more keys are not known and have no effect.",
                              unknown - k_unknown_keys_named_max));
  }
  return out;
}

void warn_about(ToolContext& context, std::initializer_list<config::Scope> clients,
                const PropertyMap& properties) {
  for (const std::string& line : warnings_about(clients, properties)) {
    log_line(context, "WARN", line, class_of(*clients.begin()));
  }
}

}  // namespace moldau::cli
