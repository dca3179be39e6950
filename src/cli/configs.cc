#include "cli/configs.h"

#include <algorithm>
#include <charconv>

#include "base/java_properties.h"
#include "cli/configs_text.h"
#include "cli/configured_names.h"
#include "cli/reassignment_calls.h"
#include "cli/session.h"
#include "client/group_admin.h"
#include "config/value_text.h"
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
             "settings of users, clients and ips.",
     .repeatable = true},
    {.name = "entity-name",
     .type = "String",
     .help = "Which one; a broker by its id.",
     .repeatable = true},
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
    {.name = "delete-config",
     .type = "String",
     .help = "Settings to take away.",
     .repeatable = true},
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

// Options that name a kind of thing, in the order in which Kafka's tool looks at them.
struct KindOption {
  std::string_view option, type;
  bool is_default = false;
};
constexpr auto k_kind_options = std::to_array<KindOption>({
    {"topic", "topics"},
    {"client", "clients"},
    {"user", "users"},
    {"broker", "brokers"},
    {"broker-logger", "broker-loggers"},
    {"ip", "ips"},
    {"client-metrics", "client-metrics"},
    {"group", "groups"},
    {"client-defaults", "clients", true},
    {"user-defaults", "users", true},
    {"broker-defaults", "brokers", true},
    {"ip-defaults", "ips", true},
});

std::vector<std::string> types_of(const Given& given) {
  std::vector<std::string> out = given.all("entity-type");
  for (const KindOption& kind : k_kind_options) {
    if (given.has(kind.option)) out.emplace_back(kind.type);
  }
  return out;
}

// The names that were given; "" is the default of all.
std::vector<std::string> names_of(const Given& given) {
  std::vector<std::string> out = given.all("entity-name");
  if (given.has("entity-default")) out.emplace_back();
  for (const KindOption& kind : k_kind_options) {
    if (given.has(kind.option)) out.push_back(kind.is_default ? "" : given.one(kind.option));
  }
  return out;
}

bool is_node(ConfigEntityKind kind) {
  return kind == ConfigEntityKind::broker || kind == ConfigEntityKind::broker_logger;
}

// REQUIRES: misuse() found nothing.
ConfigEntity entity_of(const Given& given) {
  const std::vector<std::string> names = names_of(given);
  return {kind_of_type(types_of(given).front()).value_or(ConfigEntityKind::topic),
          names.empty() ? std::nullopt : std::optional(names.front())};
}

// Those that there are, and those that only have settings.
env::Task<Result<std::vector<std::string>>> group_names(client::Cluster& cluster) {
  CO_TRY(const std::vector<client::ListedGroup> groups, co_await client::list_groups(cluster, {}));
  std::vector<std::string> out;
  for (const client::ListedGroup& group : groups) out.push_back(group.group_id);
  const Result<std::vector<std::string>> others =
      co_await configured_names(cluster, resource_type(ConfigEntityKind::group));
  // An older broker cannot say which groups have settings.
  if (!others && others.error().code() == Errc::unsupported_version) co_return out;
  if (!others) co_return fail(others.error());
  for (const std::string& name : *others) {
    if (std::ranges::count(out, name) == 0) out.push_back(name);
  }
  co_return out;
}

// The names of all of a kind that --describe can show.
env::Task<Result<std::vector<std::string>>> all_names(client::Cluster& cluster,
                                                      ConfigEntityKind kind, bool controllers) {
  std::vector<std::string> out;
  switch (kind) {
    case ConfigEntityKind::topic: {
      CO_TRY(const protocol::MetadataResponse metadata, co_await cluster.refresh(std::nullopt));
      for (const auto& topic : metadata.topics) out.push_back(topic.name.value_or(""));
      break;
    }
    case ConfigEntityKind::broker:
    case ConfigEntityKind::broker_logger: {
      CO_TRY(const std::vector<KnownBroker> nodes, co_await nodes_of(cluster, controllers));
      for (const KnownBroker& node : nodes) out.push_back(fmt::format("{}", node.id));
      out.emplace_back();
      break;
    }
    case ConfigEntityKind::client_metrics:
      co_return co_await configured_names(cluster, resource_type(kind));
    case ConfigEntityKind::group:
      co_return co_await group_names(cluster);
  }
  co_return out;
}

// The settings of a node are known to that node alone. A controller passes changes on itself.
std::optional<BrokerId> only_node(const ConfigEntity& entity, const Given& given) {
  const bool any = !is_node(entity.kind) || entity.name.value_or("").empty();
  if (any || given.has("bootstrap-controller")) return std::nullopt;
  return BrokerId{static_cast<std::int32_t>(std::atoi(entity.name->c_str()))};
}

template <class Req, class Resp>
env::Task<Result<Resp>> ask(client::Cluster& cluster, std::optional<BrokerId> node, Req request,
                            std::string call) {
  if (!node) co_return co_await (cluster.ask_any<Req, Resp>(std::move(request)));
  Result<Resp> answer = co_await (cluster.ask<Req, Resp>(*node, std::move(request)));
  if (!answer && answer.error().code() == Errc::leader_not_available) {
    co_return fail(Errc::request_timed_out, "Timed out waiting for a node assignment. Call: {}",
                   call);
  }
  co_return answer;
}

env::Task<Result<void>> describe_one(ToolContext& context, client::Cluster& cluster, Given given,
                                     ConfigEntity entity) {
  const bool all = given.has("all");
  DescribeConfigsRequest request;
  request.include_synonyms = true;
  auto& resource = request.resources.emplace_back();
  resource.resource_type = resource_type(entity.kind);
  resource.resource_name = *entity.name;
  resource.configuration_keys.reset();
  const auto answer = co_await (ask<DescribeConfigsRequest, DescribeConfigsResponse>(
      cluster, only_node(entity, given), std::move(request), "describeConfigs"));
  // Kafka's tool prints the heading before it asks.
  const std::string heading = given.has("json") ? "" : heading_of(entity, all);
  if (!answer) {
    context.console.out(heading);
    co_return fail(answer.error());
  }
  for (const auto& result : answer->results) {
    const bool unknown = result.error_code == Errc::unknown_topic_or_partition;
    if (!all && unknown) {
      context.console.out(missing_text(entity));
      continue;
    }
    if (const auto done = refused(result.error_code, result.error_message); !done) {
      if (unknown) context.console.out(heading);
      co_return done;
    }
    context.console.out(given.has("json") ? configs_as_json(entity, result.configs, all)
                                          : configs_as_text(entity, result.configs, all));
  }
  co_return Result<void>{};
}

env::Task<Result<void>> describe(ToolContext& context, client::Cluster& cluster, Given given) {
  const ConfigEntity wanted = entity_of(given);
  const bool controllers = given.has("bootstrap-controller");
  if (wanted.kind == ConfigEntityKind::topic && !given.has("all") && controllers) {
    co_return fail(Errc::unsupported_endpoint_type,
                   "This Admin API is not yet supported when communicating directly with the "
                   "controller quorum.");
  }
  std::vector<std::string> names{wanted.name.value_or("")};
  // A topic that is not there is told by the answer.
  const bool looks = wanted.kind != ConfigEntityKind::topic && !given.has("all");
  if (!wanted.name || looks) {
    CO_TRY(const std::vector<std::string> known,
           co_await all_names(cluster, wanted.kind, controllers));
    if (!wanted.name) {
      names = known;
    } else if (std::ranges::count(known, *wanted.name) == 0) {
      context.console.out(missing_text(wanted));
      co_return Result<void>{};
    }
  }
  for (const std::string& name : names) {
    CO_TRY_OK(co_await describe_one(context, cluster, given, {wanted.kind, name}));
  }
  co_return Result<void>{};
}

env::Task<Result<std::vector<KeyValue>>> added(ToolContext& context, Given given) {
  if (given.has("add-config")) co_return parse_key_values(given.one("add-config"));
  if (!given.has("add-config-file")) co_return std::vector<KeyValue>{};
  const std::string path = given.one("add-config-file");
  const Result<SharedBytes> file =
      co_await env::read_file(context.env.disk, path, k_properties_bytes_max);
  if (!file && file.error().code() == Errc::not_found) {
    co_return fail(Errc::invalid_request, "java.nio.file.NoSuchFileException: {}", path);
  }
  if (!file) co_return fail(file.error());
  CO_TRY(const auto properties, read_properties(as_text(file->view())));
  std::vector<KeyValue> out;
  for (const Property& property : properties) out.push_back({property.key, property.value});
  co_return out;
}

env::Task<Result<void>> alter(ToolContext& context, client::Cluster& cluster, Given given) {
  constexpr std::int8_t k_set = 0;
  constexpr std::int8_t k_delete = 1;
  const ConfigEntity entity = entity_of(given);
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
  for (const std::string& list : given.all("delete-config")) {
    for (const std::string& key : split_commas(list)) {
      auto& config = resource.configs.emplace_back();
      config.name = config::java_trim(key);
      config.value.reset();
      config.config_operation = k_delete;
    }
  }
  CO_TRY(const IncrementalAlterConfigsResponse answer,
         co_await (ask<IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse>(
             cluster, only_node(entity, given), std::move(request), "incrementalAlterConfigs")));
  for (const auto& result : answer.responses) {
    CO_TRY_OK(refused(result.error_code, result.error_message));
  }
  context.console.out(fmt::format("Completed updating {}.\n", change_of(entity)));
  co_return Result<void>{};
}

// What is wrong with the kinds and names, in Kafka's order and its words; empty when all is well.
std::string misnamed(const Given& given) {
  constexpr std::string_view k_known =
      "topics, clients, users, brokers, ips, client-metrics, groups, broker-loggers";
  const std::vector<std::string> types = types_of(given);
  for (std::size_t i = 0; i < types.size(); ++i) {
    if (std::find(types.begin(), types.begin() + static_cast<std::ptrdiff_t>(i), types[i]) !=
        types.begin() + static_cast<std::ptrdiff_t>(i)) {
      return "Duplicate entity type(s) specified: " + types[i];
    }
  }
  if (!given.has("bootstrap-server") && !given.has("bootstrap-controller")) {
    return "Either --bootstrap-server or --bootstrap-controller must be specified.";
  }
  for (const std::string& type : types) {
    if (kind_of_type(type) || type == "clients" || type == "users" || type == "ips") continue;
    return fmt::format(
        "Invalid entity type {}, the entity type must be one of {} with a --bootstrap-server or "
        "--bootstrap-controller argument",
        type, k_known);
  }
  if (types.empty()) return "At least one entity type must be specified";
  if (types.size() > 1 && !(std::ranges::count(types, "users") == 1 && types.size() == 2 &&
                            std::ranges::count(types, "clients") == 1)) {
    return "Only 'users' and 'clients' entity types may be specified together";
  }
  const bool general =
      given.has("entity-name") || given.has("entity-type") || given.has("entity-default");
  const bool special = std::ranges::any_of(
      k_kind_options, [&](const KindOption& kind) { return given.has(kind.option); });
  if (general && special) {
    return "--entity-{type,name,default} should not be used in conjunction with specific entity "
           "flags";
  }
  if (given.has("bootstrap-server") && given.has("bootstrap-controller")) {
    return "Only one of --bootstrap-server or --bootstrap-controller can be specified";
  }
  const std::string& type = types.front();
  if (type != "brokers" && type != "broker-loggers") return {};
  for (const std::string& name : names_of(given)) {
    std::int32_t id = 0;
    const auto [end, problem] = std::from_chars(name.data(), name.data() + name.size(), id);
    if (name.empty() || (problem == std::errc{} && end == name.data() + name.size())) continue;
    return fmt::format("The entity name for {} must be a valid integer broker id, but it is: {}",
                       type, name);
  }
  return {};
}

// What is wrong with the names of settings; empty when all is well.
std::string misspelt(const std::vector<KeyValue>& pairs) {
  for (const KeyValue& pair : pairs) {
    const bool well = std::ranges::all_of(pair.key, [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
             c == '$' || c == '.' || c == '_' || c == '-';
    });
    if (!well) return "Invalid character found for config key: " + pair.key;
  }
  return {};
}

// The same of an action that is known.
std::string misuse(const Given& given) {
  if (std::string wrong = misnamed(given); !wrong.empty()) return wrong;
  const std::string type = types_of(given).front();
  const std::vector<std::string> names = names_of(given);
  const bool named = std::ranges::any_of(names, [](const auto& name) { return !name.empty(); });
  const bool of_default = std::ranges::count(names, "") > 0;
  const bool has_default = type == "brokers" || !kind_of_type(type);
  if (given.has("describe")) {
    if (!has_default && given.has("entity-default")) {
      return "--entity-default must not be specified with --describe of " + type;
    }
    if (type == "broker-loggers" && !named) {
      return "An entity name must be specified with --describe of " + type;
    }
  } else if (has_default && !named && !of_default) {
    return "An entity-name or default entity must be specified with --alter of users, clients, "
           "brokers or ips";
  } else if (!has_default && !named) {
    return "An entity name must be specified with --alter of " + type;
  } else if (given.has("add-config") && given.has("add-config-file")) {
    return "Only one of --add-config or --add-config-file must be specified";
  } else if (!given.has("add-config") && !given.has("add-config-file") &&
             !given.has("delete-config")) {
    return "At least one of --add-config, --add-config-file, or --delete-config must be specified "
           "with --alter";
  }
  if (!kind_of_type(type)) {
    return fmt::format("This version keeps no quotas and no credentials of {}.", type);
  }
  if (!given.has("add-config")) return {};
  const auto pairs = parse_key_values(given.one("add-config"));
  return pairs ? misspelt(*pairs) : text_of(pairs.error());
}

env::Task<Result<void>> act(ToolContext& context, client::Cluster& cluster, Given given) {
  CO_TRY_OK(co_await reach(context, cluster,
                           given.has("alter") ? "incrementalAlterConfigs" : "describeConfigs"));
  if (given.has("describe")) co_return co_await describe(context, cluster, std::move(given));
  co_return co_await alter(context, cluster, std::move(given));
}

}  // namespace

env::Task<int> run_configs(ToolContext& context) {
  const std::optional<Given> given = read_words(context, k_what, k_options);
  if (!given) co_return k_failed;
  if (given->has("describe") == given->has("alter")) {
    context.console.err(
        fmt::format("Command must include exactly one action: --describe, --alter\n{}",
                    option_table(k_options)));
    co_return k_failed;
  }
  if (const std::string wrong = misuse(*given); !wrong.empty()) {
    context.console.err(wrong + "\n");
    co_return k_failed;
  }
  std::string words;
  for (const std::string& word : context.words) words += (words.empty() ? "" : " ") + word;
  const std::string head =
      fmt::format("Error while executing config command with args '{}'\n", words);
  auto settings = co_await cluster_settings(context, *given);
  if (!settings) {
    context.console.err(head);
    co_return report_no_client(context, settings.error());
  }
  client::Cluster cluster(context.env, *std::move(settings));
  const Result<void> done = co_await act(context, cluster, *given);
  co_await cluster.close();
  if (done) co_return k_ok;
  context.console.err(head);
  co_return report_no_client(context, done.error());
}

}  // namespace moldau::cli
