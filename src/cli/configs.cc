#include "cli/configs.h"

#include <algorithm>

#include "cli/configs_text.h"
#include "cli/session.h"
#include "config/properties.h"
#include "env/disk.h"
#include "protocol/api/describe_configs.h"
#include "protocol/api/incremental_alter_configs.h"

namespace moldau::cli {
namespace {

constexpr auto k_options = std::to_array<Option>({
    bootstrap_server("server to connect to"),
    {.name = "bootstrap-controller",
     .value = "controller to connect to",
     .help = "The controllers to connect to, host:port with commas between them."},
    {.name = "describe", .help = "Show settings."},
    {.name = "alter", .help = "Change settings."},
    {.name = "entity-type",
     .type = "String",
     .help = "topics, brokers, groups, client-metrics or broker-loggers; this version has no "
             "settings of users, clients and ips."},
    {.name = "entity-name", .type = "String", .help = "Which one; a broker by its id."},
    {.name = "entity-default", .help = "The default of all brokers."},
    {.name = "topic", .type = "String", .help = "The topic of this name."},
    {.name = "broker", .type = "String", .help = "The broker of this id."},
    {.name = "broker-defaults", .help = "The default of all brokers."},
    {.name = "broker-logger", .type = "String", .help = "The log levels of the broker of this id."},
    {.name = "group", .type = "String", .help = "The group of this name."},
    {.name = "client-metrics", .type = "String", .help = "The metrics subscription of this name."},
    {.name = "user", .type = "String", .help = "Refused: see --entity-type."},
    {.name = "user-defaults", .help = "Refused: see --entity-type."},
    {.name = "client", .type = "String", .help = "Refused: see --entity-type."},
    {.name = "client-defaults", .help = "Refused: see --entity-type."},
    {.name = "ip", .type = "String", .help = "Refused: see --entity-type."},
    {.name = "ip-defaults", .help = "Refused: see --entity-type."},
    {.name = "all", .help = "--describe: defaults and static settings too."},
    {.name = "add-config", .type = "String", .help = "Settings; lists in [brackets]."},
    {.name = "add-config-file", .type = "String", .help = "A properties file of settings."},
    {.name = "delete-config", .type = "String", .help = "Settings to take away."},
    command_config("command config property file"),
    k_json,
    k_help,
});
constexpr std::string_view k_what =
    "This tool helps to manipulate and describe entity config for a topic, broker, group or "
    "client metrics subscription.";

using protocol::DescribeConfigsRequest;
using protocol::DescribeConfigsResponse;
using protocol::IncrementalAlterConfigsRequest;
using protocol::IncrementalAlterConfigsResponse;

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    if (comma > 0) parts.emplace_back(text.substr(0, comma));
    text.remove_prefix(std::min(text.size(), comma + 1));
  }
  return parts;
}

// Which entity the options name. Errors: invalid_request, in Kafka's words.
Result<ConfigEntity> entity_of(const Given& given) {
  for (const std::string_view option :
       {"user", "user-defaults", "client", "client-defaults", "ip", "ip-defaults"}) {
    if (!given.has(option)) continue;
    return fail(Errc::invalid_request,
                "--{}: this version keeps no quotas and no credentials of users, clients and ips.",
                option);
  }
  if (given.has("entity-type")) {
    const std::string type = given.one("entity-type");
    const std::optional<ConfigEntityKind> kind = kind_of_type(type);
    if (!kind) {
      return fail(
          Errc::invalid_request,
          "Invalid entity type {}, the entity type must be one of topics, clients, users, "
          "brokers, ips, client-metrics, groups, broker-loggers with a --bootstrap-server or "
          "--bootstrap-controller argument",
          type);
    }
    if (given.has("entity-default")) return ConfigEntity{*kind, ""};
    if (!given.has("entity-name")) return ConfigEntity{*kind, std::nullopt};
    return ConfigEntity{*kind, given.one("entity-name")};
  }
  if (given.has("broker-defaults")) return ConfigEntity{ConfigEntityKind::broker, ""};
  constexpr auto k_short = std::to_array<std::pair<std::string_view, ConfigEntityKind>>(
      {{"topic", ConfigEntityKind::topic},
       {"broker", ConfigEntityKind::broker},
       {"broker-logger", ConfigEntityKind::broker_logger},
       {"group", ConfigEntityKind::group},
       {"client-metrics", ConfigEntityKind::client_metrics}});
  for (const auto& [option, kind] : k_short) {
    if (given.has(option)) return ConfigEntity{kind, given.one(option)};
  }
  return fail(Errc::invalid_request, "At least one entity type must be specified");
}

env::Task<Result<std::vector<ConfigEntity>>> entities_of(client::Cluster& cluster,
                                                         ConfigEntity entity) {
  if (entity.name) co_return std::vector{std::move(entity)};
  CO_TRY(const protocol::MetadataResponse metadata, co_await cluster.refresh(std::nullopt));
  std::vector<ConfigEntity> out;
  if (entity.kind == ConfigEntityKind::topic) {
    for (const auto& topic : metadata.topics) {
      out.push_back({entity.kind, topic.name.value_or("")});
    }
  } else if (entity.kind == ConfigEntityKind::broker) {
    for (const auto& broker : metadata.brokers) {
      out.push_back({entity.kind, fmt::format("{}", broker.node_id)});
    }
    out.push_back({entity.kind, ""});
  } else {
    co_return fail(Errc::invalid_request, "an entity name must be specified for {}",
                   type_of(entity.kind));
  }
  co_return out;
}

env::Task<Result<void>> describe(ToolContext& context, client::Cluster& cluster, Given given) {
  CO_TRY(ConfigEntity wanted, entity_of(given));
  CO_TRY(const std::vector<ConfigEntity> entities,
         co_await entities_of(cluster, std::move(wanted)));
  const bool all = given.has("all");
  for (const ConfigEntity& entity : entities) {
    DescribeConfigsRequest request;
    request.include_synonyms = true;
    auto& resource = request.resources.emplace_back();
    resource.resource_type = resource_type(entity.kind);
    resource.resource_name = *entity.name;
    resource.configuration_keys.reset();
    // A broker's own settings are known to that broker alone.
    const bool of_broker = entity.kind == ConfigEntityKind::broker && !entity.name->empty();
    Result<DescribeConfigsResponse> answer{DescribeConfigsResponse{}};
    if (of_broker && !given.has("bootstrap-controller")) {
      const BrokerId broker{static_cast<std::int32_t>(std::atoi(entity.name->c_str()))};
      answer = co_await cluster.ask<DescribeConfigsRequest, DescribeConfigsResponse>(
          broker, std::move(request));
    } else {
      answer = co_await cluster.ask_any<DescribeConfigsRequest, DescribeConfigsResponse>(
          std::move(request));
    }
    if (!answer) co_return fail(answer.error());
    for (const auto& result : answer->results) {
      if (result.error_code == Errc::unknown_topic_or_partition) {
        context.console.out(fmt::format(
            "The topic '{}' doesn't exist and doesn't have dynamic config.\n", *entity.name));
        continue;
      }
      CO_TRY_OK(refused(result.error_code, result.error_message));
      context.console.out(given.has("json") ? configs_as_json(entity, result.configs, all)
                                            : configs_as_text(entity, result.configs, all));
    }
  }
  co_return Result<void>{};
}

env::Task<Result<std::vector<KeyValue>>> added(ToolContext& context, Given given) {
  if (!given.has("add-config-file")) co_return parse_key_values(given.one("add-config"));
  CO_TRY(const SharedBytes file,
         co_await env::read_file(context.env.disk, given.one("add-config-file"),
                                 config::k_properties_bytes_max));
  CO_TRY(const auto properties, config::read_properties(as_text(file.view())));
  std::vector<KeyValue> out;
  for (const config::Property& property : properties) out.push_back({property.key, property.value});
  co_return out;
}

env::Task<Result<void>> alter(ToolContext& context, client::Cluster& cluster, Given given) {
  constexpr std::int8_t k_set = 0;
  constexpr std::int8_t k_delete = 1;
  CO_TRY(const ConfigEntity entity, entity_of(given));
  if (!entity.name) {
    co_return fail(Errc::invalid_request, "An entity name must be specified with --alter of {}",
                   type_of(entity.kind));
  }
  CO_TRY(const std::vector<KeyValue> pairs, co_await added(context, given));
  IncrementalAlterConfigsRequest request;
  auto& resource = request.resources.emplace_back();
  resource.resource_type = resource_type(entity.kind);
  resource.resource_name = *entity.name;
  for (const KeyValue& pair : pairs) {
    auto& config = resource.configs.emplace_back();
    config.name = pair.key;
    config.value = pair.value;
    config.config_operation = k_set;
  }
  for (const std::string& key : split(given.one("delete-config"))) {
    auto& config = resource.configs.emplace_back();
    config.name = key;
    config.value.reset();
    config.config_operation = k_delete;
  }
  CO_TRY(const IncrementalAlterConfigsResponse answer,
         co_await cluster.ask_any<IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse>(
             std::move(request)));
  for (const auto& result : answer.responses) {
    CO_TRY_OK(refused(result.error_code, result.error_message));
  }
  context.console.out(fmt::format("Completed updating {}.\n", change_of(entity)));
  co_return Result<void>{};
}

// What does not fit together, in Kafka's words; empty when all is well.
std::string misuse(const Given& given) {
  if (given.has("describe") == given.has("alter")) {
    return "Command must include exactly one action: --describe, --alter";
  }
  if (given.has("bootstrap-server") == given.has("bootstrap-controller")) {
    return given.has("bootstrap-server")
               ? "Exactly one of --bootstrap-server or --bootstrap-controller can be specified."
               : "Missing required argument \"[bootstrap-server]\" or \"[bootstrap-controller]\"";
  }
  if (const auto entity = entity_of(given); !entity) return std::string(entity.error().text());
  if (!given.has("alter")) return {};
  if (!given.has("add-config") && !given.has("add-config-file") && !given.has("delete-config")) {
    return "At least one of --add-config, --add-config-file, or --delete-config must be specified "
           "with --alter";
  }
  if (given.has("add-config") && given.has("add-config-file")) {
    return "Only one of --add-config or --add-config-file must be specified";
  }
  if (const auto pairs = parse_key_values(given.one("add-config")); !pairs) {
    return "requirement failed: Invalid entity config: all configs to be added must be in the "
           "format \"key=val\" or  \"key=[val1,val2]\" to group values which contain commas.";
  }
  return {};
}

}  // namespace

env::Task<int> run_configs(ToolContext& context) {
  std::optional<Given> given = read_words(context, k_what, k_options);
  if (!given) co_return k_failed;
  if (const std::string wrong = misuse(*given); !wrong.empty()) {
    context.console.err(wrong + "\n");
    co_return k_failed;
  }
  auto settings = co_await cluster_settings(context, *given);
  if (!settings) co_return report_no_client(context, settings.error());
  client::Cluster cluster(context.env, *std::move(settings));
  const Result<void> done = given->has("describe") ? co_await describe(context, cluster, *given)
                                                   : co_await alter(context, cluster, *given);
  co_await cluster.close();
  if (done) co_return k_ok;
  std::string words;
  for (const std::string& word : context.words) words += (words.empty() ? "" : " ") + word;
  context.console.err(fmt::format("Error while executing config command with args '{}'\n", words));
  co_return report(context, done.error());
}

}  // namespace moldau::cli
