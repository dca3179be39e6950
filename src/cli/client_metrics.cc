#include "cli/client_metrics.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "cli/configured_names.h"
#include "cli/console_settings.h"
#include "cli/joined.h"
#include "cli/session.h"
#include "protocol/api/describe_configs.h"
#include "protocol/api/incremental_alter_configs.h"
#include "protojson/json_text.h"

namespace moldau::cli {
namespace {

constexpr auto k_options = std::to_array<Option>({
    bootstrap_server("server to connect to"),
    {.name = "alter", .help = "Change a subscription, or make it."},
    {.name = "delete", .help = "Delete a subscription."},
    {.name = "describe", .help = "Show the settings of one subscription, or of all."},
    {.name = "list", .help = "List the subscriptions."},
    {.name = "name", .value = "name", .help = "The subscription."},
    {.name = "generate-name", .help = "Give a new subscription a random name."},
    {.name = "interval",
     .value = "push interval",
     .help = "Milliseconds between two reports of a client; empty: the default again."},
    {.name = "match",
     .value = "k1=v1,k2=v2",
     .help = "Which clients: client_id, client_instance_id, client_software_name, "
             "client_software_version, client_source_address, client_source_port, each with a "
             "pattern."},
    {.name = "metrics", .value = "m1,m2", .help = "Prefixes of the metrics that clients report."},
    command_config("command config property file"),
    k_json,
    k_help,
});
constexpr std::string_view k_what =
    "This tool helps to manipulate and describe client metrics configurations.";
constexpr std::int8_t k_client_metrics = 16;

using protocol::DescribeConfigsRequest;
using protocol::DescribeConfigsResponse;
using protocol::IncrementalAlterConfigsRequest;
using protocol::IncrementalAlterConfigsResponse;
using Entries = std::vector<DescribeConfigsResponse::DescribeConfigsResourceResult>;

// What Kafka says with its table of options.
std::string misuse(const Given& given) {
  constexpr auto k_actions =
      std::to_array<std::string_view>({"alter", "delete", "describe", "list"});
  if (std::ranges::count_if(k_actions, [&](auto action) { return given.has(action); }) != 1) {
    return "Command must include exactly one action: --alter, --delete, --describe or --list.";
  }
  return {};
}

std::string conflict(const Given& given) {
  struct Pair {
    std::string_view action;
    std::vector<std::string_view> others;
  };
  const std::vector<Pair> pairs{
      {"delete", {"generate-name", "interval", "match", "metrics"}},
      {"describe", {"generate-name", "interval", "match", "metrics"}},
      {"list", {"name", "generate-name", "interval", "match", "metrics"}}};
  for (const Pair& pair : pairs) {
    if (!given.has(pair.action)) continue;
    for (const std::string_view other : pair.others) {
      if (!given.has(other)) continue;
      return fmt::format("Option \"[{}]\" can't be used with option \"[{}]\"", pair.action, other);
    }
  }
  return {};
}

// What it says alone.
std::string fault(const Given& given) {
  if (given.has("alter")) {
    if (given.has("name") == given.has("generate-name")) {
      return "One of --name or --generate-name must be specified with --alter.";
    }
    const std::string interval = given.one("interval");
    std::int32_t value = 0;
    const char* const end = interval.data() + interval.size();
    const auto read = std::from_chars(interval.data(), end, value);
    if (!interval.empty() && (read.ec != std::errc{} || read.ptr != end)) {
      return "Invalid interval value. Enter an integer, or leave empty to reset.";
    }
  }
  if (given.has("delete") && !given.has("name")) {
    return "A client metrics resource name must be specified with --delete.";
  }
  return {};
}

env::Task<Result<Entries>> entries_of(client::Cluster& cluster, std::string name) {
  DescribeConfigsRequest request;
  auto& resource = request.resources.emplace_back();
  resource.resource_type = k_client_metrics;
  resource.resource_name = std::move(name);
  resource.configuration_keys.reset();
  CO_TRY(const DescribeConfigsResponse answer,
         co_await (
             cluster.ask_any<DescribeConfigsRequest, DescribeConfigsResponse>(std::move(request))));
  Entries out;
  for (const auto& result : answer.results) {
    CO_TRY_OK(refused(result.error_code, result.error_message));
    out.insert(out.end(), result.configs.begin(), result.configs.end());
  }
  co_return out;
}

struct Change {
  std::string key;
  std::optional<std::string> value;  // none: the default again
};

env::Task<Result<void>> change(client::Cluster& cluster, std::string name,
                               std::vector<Change> changes) {
  constexpr std::int8_t k_set = 0;
  constexpr std::int8_t k_delete = 1;
  IncrementalAlterConfigsRequest request;
  auto& resource = request.resources.emplace_back();
  resource.resource_type = k_client_metrics;
  resource.resource_name = std::move(name);
  for (Change& one : changes) {
    auto& config = resource.configs.emplace_back();
    config.name = std::move(one.key);
    config.config_operation = one.value ? k_set : k_delete;
    config.value = std::move(one.value);
  }
  CO_TRY(const IncrementalAlterConfigsResponse answer,
         co_await (cluster.ask_any<IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse>(
             std::move(request))));
  for (const auto& result : answer.responses) {
    CO_TRY_OK(refused(result.error_code, result.error_message));
  }
  co_return Result<void>{};
}

env::Task<Result<void>> alter(ToolContext& context, client::Cluster& cluster, Given given) {
  const std::string name = given.has("generate-name")
                               ? env::new_uuid(context.env.entropy).to_string()
                               : given.one("name");
  std::vector<Change> changes;
  for (const auto& [option, key] :
       {std::pair{"interval", "interval.ms"}, {"match", "match"}, {"metrics", "metrics"}}) {
    if (!given.has(option)) continue;
    std::string value = given.one(option);
    changes.push_back({key, value.empty() ? std::nullopt : std::optional(std::move(value))});
  }
  CO_TRY_OK(co_await change(cluster, name, std::move(changes)));
  context.console.out(fmt::format("Altered client metrics config for {}.\n", name));
  co_return Result<void>{};
}

env::Task<Result<void>> remove(ToolContext& context, client::Cluster& cluster, std::string name) {
  CO_TRY(const Entries entries, co_await entries_of(cluster, name));
  std::vector<Change> changes;
  for (const auto& entry : entries) changes.push_back({entry.name, std::nullopt});
  CO_TRY_OK(co_await change(cluster, name, std::move(changes)));
  context.console.out(fmt::format("Deleted client metrics config for {}.\n", name));
  co_return Result<void>{};
}

env::Task<Result<void>> describe(ToolContext& context, client::Cluster& cluster, Given given) {
  CO_TRY(std::vector<std::string> all, co_await configured_names(cluster, k_client_metrics));
  if (given.has("name")) {
    const std::string name = given.one("name");
    if (std::ranges::find(all, name) == all.end()) {
      context.console.out(fmt::format(
          "The client metric resource {} doesn't exist and doesn't have dynamic config.\n", name));
      co_return Result<void>{};
    }
    all = {name};
  }
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const std::string& name : all) {
    CO_TRY(const Entries entries, co_await entries_of(cluster, name));
    nlohmann::ordered_json settings = nlohmann::ordered_json::object();
    std::string text = fmt::format("Client metrics configs for {} are:\n", name);
    for (const auto& entry : entries) {
      const std::string value = entry.value.value_or("null");
      text += fmt::format("  {}={}\n", entry.name, value);
      settings[entry.name] = value;
    }
    list.push_back({{"name", name}, {"configs", settings}});
    if (!given.has("json")) context.console.out(text);
  }
  if (given.has("json")) context.console.out(protojson::json_lines(list) + "\n");
  co_return Result<void>{};
}

env::Task<Result<void>> act(ToolContext& context, client::Cluster& cluster, Given given) {
  CO_TRY_OK(co_await reach(context, cluster,
                           given.has("alter") ? "incrementalAlterConfigs" : "listConfigResources"));
  if (given.has("alter")) co_return co_await alter(context, cluster, std::move(given));
  if (given.has("delete")) co_return co_await remove(context, cluster, given.one("name"));
  if (given.has("describe")) co_return co_await describe(context, cluster, std::move(given));
  CO_TRY(const std::vector<std::string> all, co_await configured_names(cluster, k_client_metrics));
  const nlohmann::ordered_json list = all;
  context.console.out(given.has("json") ? protojson::json_lines(list) + "\n"
                                        : fmt::format("{}\n", joined(all, "\n")));
  co_return Result<void>{};
}

}  // namespace

env::Task<int> run_client_metrics(ToolContext& context) {
  const std::optional<Given> given =
      read_words(context, k_what, k_options, Repeats::refused, {}, OnMistake::text_and_options);
  if (!given) co_return k_failed;
  const auto refuse = [&](std::string_view why, bool with_options) {
    context.console.err(
        fmt::format("{}\n{}", why, with_options ? option_table(k_options) : std::string{}));
    return k_failed;
  };
  if (const std::string wrong = misuse(*given); !wrong.empty()) co_return refuse(wrong, true);
  if (!given->has("bootstrap-server")) {
    co_return refuse("--bootstrap-server must be specified.", false);
  }
  if (const std::string wrong = conflict(*given); !wrong.empty()) co_return refuse(wrong, true);
  if (const std::string wrong = fault(*given); !wrong.empty()) co_return refuse(wrong, false);
  auto settings = co_await cluster_settings(context, *given);
  if (!settings) co_return report_no_client(context, settings.error());
  client::Cluster cluster(context.env, *std::move(settings));
  const Result<void> done = co_await act(context, cluster, *given);
  co_await cluster.close();
  if (done) co_return k_ok;
  context.console.out(
      fmt::format("Error while executing client metrics command : {}\n", text_of(done.error())));
  log_line(context, "ERROR", with_exception(done.error()) + "\n",
           "org.apache.kafka.tools.ClientMetricsCommand");
  co_return k_failed;
}

}  // namespace moldau::cli
