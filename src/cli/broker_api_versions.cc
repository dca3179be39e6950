#include "cli/broker_api_versions.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "cli/session.h"
#include "protocol/api/api_versions.h"
#include "protocol/api/describe_cluster.h"
#include "protocol/api_table.h"
#include "protojson/json_text.h"

namespace moldau::cli {
namespace {

constexpr auto k_options =
    std::to_array<Option>({bootstrap_server("server(s) to use for bootstrapping"),
                           command_config("command config property file"), k_json, k_help});

// "Produce(0): 0 to 13 [usable: 13]"; a key that this version does not know is UNKNOWN.
std::string line_of(const protocol::ApiVersionsResponse::ApiVersion& told) {
  const auto key = static_cast<std::int16_t>(told.api_key);
  const protocol::ApiFacts* facts = protocol::find_api(key);
  if (facts == nullptr) {
    return fmt::format("UNKNOWN({}): {} to {} [usable: UNKNOWN]", key, told.min_version,
                       told.max_version);
  }
  const std::string range = told.min_version == told.max_version
                                ? fmt::format("{}", told.min_version)
                                : fmt::format("{} to {}", told.min_version, told.max_version);
  const ApiVersion usable = std::min(told.max_version, facts->versions.last);
  const std::string usable_text = usable < std::max(told.min_version, facts->versions.first)
                                      ? "NONE"
                                      : fmt::format("{}", usable);
  return fmt::format("{}({}): {} [usable: {}]", facts->name, key, range, usable_text);
}

// A line of each key that the broker told, or that a broker could have told, in their order.
std::string lines_of(const protocol::ApiVersionsResponse& answer) {
  std::map<std::int16_t, std::string> lines;
  for (const protocol::ApiFacts& api : protocol::all_apis()) {
    const auto key = static_cast<std::int16_t>(api.key);
    if (api.broker) lines[key] = fmt::format("{}({}): UNSUPPORTED", api.name, key);
  }
  for (const auto& told : answer.api_keys) {
    lines[static_cast<std::int16_t>(told.api_key)] = line_of(told);
  }
  std::string text;
  for (const auto& [key, line] : lines) text += (text.empty() ? "\t" : ",\n\t") + line;
  return text + "\n";
}

nlohmann::ordered_json as_object(const protocol::MetadataResponse::MetadataResponseBroker& broker,
                                 const protocol::ApiVersionsResponse& answer) {
  nlohmann::ordered_json apis = nlohmann::ordered_json::array();
  for (const auto& told : answer.api_keys) {
    const auto key = static_cast<std::int16_t>(told.api_key);
    const protocol::ApiFacts* facts = protocol::find_api(key);
    apis.push_back({{"key", key},
                    {"name", facts == nullptr ? "UNKNOWN" : std::string(facts->name)},
                    {"min", told.min_version.value()},
                    {"max", told.max_version.value()}});
  }
  nlohmann::ordered_json rack = nullptr;
  if (broker.rack) rack = *broker.rack;
  return {{"id", broker.node_id.value()},
          {"host", broker.host},
          {"port", broker.port},
          {"rack", rack},
          {"apis", apis}};
}

}  // namespace

env::Task<Result<void>> print_api_versions(ToolContext& context, client::Cluster& cluster,
                                           bool as_json) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  CO_TRY(const protocol::MetadataResponse metadata,
         co_await cluster.refresh(std::vector<std::string>{}));
  for (const auto& broker : metadata.brokers) {
    protocol::ApiVersionsRequest request;
    request.client_software_name = "moldau";
    request.client_software_version = "0.1.0";
    CO_TRY(const protocol::ApiVersionsResponse answer,
           co_await cluster.ask<protocol::ApiVersionsRequest, protocol::ApiVersionsResponse>(
               broker.node_id, std::move(request)));
    if (as_json) {
      list.push_back(as_object(broker, answer));
      continue;
    }
    context.console.out(fmt::format("{}:{} (id: {} rack: {} isFenced: false) -> (\n{})\n",
                                    broker.host, broker.port, broker.node_id,
                                    broker.rack.value_or("null"), lines_of(answer)));
  }
  if (as_json) context.console.out(protojson::json_lines(list) + "\n");
  co_return Result<void>{};
}

env::Task<int> run_broker_api_versions(ToolContext& context) {
  std::optional<Given> given =
      read_words(context, "This tool helps to retrieve broker version information.", k_options);
  if (!given) co_return k_failed;
  auto settings = co_await cluster_settings(context, *given);
  if (!settings) co_return report(context, settings.error());
  client::Cluster cluster(context.env, *std::move(settings));
  const Result<void> done = co_await print_api_versions(context, cluster, given->has("json"));
  co_await cluster.close();
  co_return done ? k_ok : report(context, done.error());
}

}  // namespace moldau::cli
