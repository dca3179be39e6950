#include "cli/cluster.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/broker_api_versions.h"
#include "cli/console_settings.h"
#include "cli/session.h"
#include "cli/subcommands.h"
#include "protocol/api/describe_cluster.h"
#include "protocol/api/unregister_broker.h"
#include "protocol/api/unregister_controller.h"
#include "protojson/json_text.h"

namespace moldau::cli {
namespace {

constexpr Argument k_server{.name = "bootstrap-server",
                            .letter = 'b',
                            .takes_value = true,
                            .group = 1,
                            .help = "Brokers to connect to, host:port with commas between them."};
constexpr Argument k_controller{
    .name = "bootstrap-controller",
    .letter = 'C',
    .takes_value = true,
    .group = 1,
    .help = "Controllers to connect to, host:port with commas between them."};
constexpr Argument k_old_config{
    .name = "config", .takes_value = true, .help = "Older: use --command-config."};
constexpr Argument k_config{.name = "command-config",
                            .letter = 'c',
                            .takes_value = true,
                            .help = "A file of client settings."};
constexpr Argument k_id{.name = "id",
                        .letter = 'i',
                        .takes_value = true,
                        .required = true,
                        .kind = Argument::Kind::integer,
                        .help = "The id of the node that goes."};
constexpr auto k_plain_arguments =
    std::to_array<Argument>({k_server, k_controller, k_old_config, k_config});
constexpr auto k_id_arguments =
    std::to_array<Argument>({k_server, k_controller, k_old_config, k_config, k_id});
constexpr auto k_list_arguments = std::to_array<Argument>(
    {k_server,
     k_controller,
     k_old_config,
     k_config,
     {.name = "include-fenced-brokers", .help = "List fenced brokers too."}});
constexpr auto k_actions = std::to_array<Action>({
    {"cluster-id", "Show the id of a cluster.", k_plain_arguments, true},
    {"unregister", "Forget a broker that will not come back.", k_id_arguments},
    {"unregister-controller", "Forget a controller that will not come back.", k_id_arguments},
    {"list-endpoints", "List the brokers or the controllers.", k_list_arguments, true},
    {"api-versions", "Show what each node understands.", k_plain_arguments, true},
});
constexpr CommandLine k_line{.program = "kafka-cluster",
                             .description = "Shows a cluster and forgets nodes of it.",
                             .shared = {},
                             .one_of_each = true,
                             .actions = k_actions};

using protocol::DescribeClusterRequest;
using protocol::DescribeClusterResponse;

std::string endpoints_as_table(const DescribeClusterResponse& answer, bool controllers) {
  std::size_t host = 0;
  std::size_t rack = 0;
  for (const auto& broker : answer.brokers) {
    host = std::max(host, broker.host.size());
    if (broker.rack) rack = std::max(rack, broker.rack->size());
  }
  constexpr std::size_t k_width_of_none = 10;
  if (rack == 0) rack = k_width_of_none;
  const auto row = [&](std::string_view id, std::string_view name, std::string_view port,
                       std::string_view where, std::string_view state, std::string_view type) {
    std::string text =
        fmt::format("{:<10} {:<{}} {:<10} {:<{}} ", id, name, host, port, where, rack);
    if (!controllers) text += fmt::format("{:<10} ", state);
    return text + fmt::format("{:<15}\n", type);
  };
  std::string text = row("ID", "HOST", "PORT", "RACK", "STATE", "ENDPOINT_TYPE");
  for (const auto& broker : answer.brokers) {
    text += row(fmt::format("{}", broker.broker_id), broker.host, fmt::format("{}", broker.port),
                broker.rack.value_or("null"), broker.is_fenced ? "fenced" : "unfenced",
                controllers ? "controller" : "broker");
  }
  return text;
}

std::string endpoints_as_json(const DescribeClusterResponse& answer, bool controllers) {
  nlohmann::ordered_json out = nlohmann::ordered_json::array();
  for (const auto& broker : answer.brokers) {
    nlohmann::ordered_json rack = nullptr;
    if (broker.rack) rack = *broker.rack;
    out.push_back({{"id", broker.broker_id.value()},
                   {"host", broker.host},
                   {"port", broker.port},
                   {"rack", rack},
                   {"fenced", broker.is_fenced},
                   {"endpointType", controllers ? "controller" : "broker"}});
  }
  return protojson::json_lines(out) + "\n";
}

env::Task<Result<void>> describe(ToolContext& context, client::Cluster& cluster,
                                 ChosenAction chosen) {
  const bool controllers = chosen.given.has("bootstrap-controller");
  DescribeClusterRequest request;
  request.endpoint_type = controllers ? 2 : 1;
  request.include_fenced_brokers = chosen.given.has("include-fenced-brokers");
  if (controllers && request.include_fenced_brokers) {
    co_return fail(Errc::invalid_request,
                   "The option --include-fenced-brokers is only supported with "
                   "--bootstrap-server option");
  }
  CO_TRY(DescribeClusterResponse answer,
         co_await cluster.ask_any<DescribeClusterRequest, DescribeClusterResponse>(
             std::move(request)));
  CO_TRY_OK(refused(answer.error_code, answer.error_message));
  if (chosen.name == "cluster-id") {
    const nlohmann::ordered_json json = {{"clusterId", answer.cluster_id}};
    context.console.out(chosen.given.has("json")
                            ? protojson::json_text(json) + "\n"
                            : fmt::format("Cluster ID: {}\n", answer.cluster_id));
  } else {
    std::ranges::sort(answer.brokers, {}, [](const auto& broker) { return broker.broker_id; });
    context.console.out(chosen.given.has("json") ? endpoints_as_json(answer, controllers)
                                                 : endpoints_as_table(answer, controllers));
  }
  co_return Result<void>{};
}

struct Words {
  std::string_view node;  // in the sentence of success
  std::string_view api;   // in the one that the cluster is too old
};

template <class Request, class Answer>
env::Task<Result<void>> unregister(ToolContext& context, client::Cluster& cluster, Request request,
                                   std::int64_t id, Words words) {
  const Result<Answer> answer = co_await cluster.ask_any<Request, Answer>(std::move(request));
  if (!answer && answer.error().code() == Errc::unsupported_version) {
    context.console.out(
        fmt::format("The target cluster does not support the {} API.\n", words.api));
    co_return Result<void>{};
  }
  if (!answer) co_return fail(answer.error());
  CO_TRY_OK(refused(answer->error_code, answer->error_message));
  context.console.out(fmt::format("{} {} is no longer registered.\n", words.node, id));
  co_return Result<void>{};
}

env::Task<Result<void>> act(ToolContext& context, client::Cluster& cluster, ChosenAction chosen) {
  if (chosen.name == "api-versions") {
    co_return co_await print_api_versions(context, cluster, chosen.given.has("json"));
  }
  if (chosen.name == "cluster-id" || chosen.name == "list-endpoints") {
    co_return co_await describe(context, cluster, std::move(chosen));
  }
  CO_TRY(const std::int64_t id, integer_option(chosen.given, "id"));
  const BrokerId node{static_cast<std::int32_t>(id)};
  if (chosen.name == "unregister") {
    protocol::UnregisterBrokerRequest request;
    request.broker_id = node;
    co_return co_await unregister<protocol::UnregisterBrokerRequest,
                                  protocol::UnregisterBrokerResponse>(
        context, cluster, std::move(request), id, {"Broker", "broker unregistration"});
  }
  protocol::UnregisterControllerRequest request;
  request.controller_id = node;
  co_return co_await unregister<protocol::UnregisterControllerRequest,
                                protocol::UnregisterControllerResponse>(
      context, cluster, std::move(request), id, {"Controller", "controller unregistration"});
}

}  // namespace

env::Task<int> run_cluster(ToolContext& context) {
  Reading read = read_action(context, k_line, k_failed);
  if (!read.chosen) co_return read.exit_code;
  Given& given = read.chosen->given;
  if (given.has("config")) {
    if (given.has("command-config")) {
      context.console.err("--config and --command-config cannot be specified together.\n");
      co_return k_failed;
    }
    say_deprecated(context, "config", "command-config");
    given.add("command-config", given.one("config"));
  }
  auto settings = co_await cluster_settings(context, given);
  if (!settings) co_return report_no_client(context, settings.error());
  client::Cluster cluster(context.env, *std::move(settings));
  const Result<void> done = co_await act(context, cluster, *std::move(read.chosen));
  co_await cluster.close();
  co_return done ? k_ok : report(context, done.error());
}

}  // namespace moldau::cli
