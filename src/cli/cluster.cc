#include "cli/cluster.h"

#include <algorithm>

#include "cli/session.h"
#include "protocol/api/describe_cluster.h"

namespace moldau::cli {
namespace {

constexpr Option with_letter(Option option, char letter) {
  option.letter = letter;
  return option;
}

constexpr auto k_options = std::to_array<Option>({
    with_letter(k_bootstrap_server, 'b'),
    with_letter(k_bootstrap_controller, 'C'),
    with_letter(k_command_config, 'c'),
    {.name = "config", .value = "file", .instead_of = "command-config"},
    {.name = "include-fenced-brokers", .help = "list-endpoints: fenced brokers too."},
    k_help,
});
constexpr std::string_view k_what =
    "cluster-id: the id of a cluster. list-endpoints: its brokers or controllers.";

using protocol::DescribeClusterRequest;
using protocol::DescribeClusterResponse;

std::string endpoints_as_table(const DescribeClusterResponse& answer, bool controllers) {
  std::size_t host = 9;
  for (const auto& broker : answer.brokers) host = std::max(host, broker.host.size());
  const auto row = [&](std::string_view id, std::string_view name, std::string_view port,
                       std::string_view rack, std::string_view state, std::string_view type) {
    std::string text = fmt::format("{:<10} {:<{}} {:<10} {:<10} ", id, name, host, port, rack);
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

env::Task<Result<void>> act(ToolContext& context, client::Cluster& cluster, Given given) {
  const bool controllers = given.has("bootstrap-controller");
  DescribeClusterRequest request;
  request.endpoint_type = controllers ? 2 : 1;
  request.include_fenced_brokers = given.has("include-fenced-brokers");
  CO_TRY(DescribeClusterResponse answer,
         co_await cluster.ask_any<DescribeClusterRequest, DescribeClusterResponse>(
             std::move(request)));
  CO_TRY_OK(refused(answer.error_code, answer.error_message));
  if (given.positional().front() == "cluster-id") {
    context.console.out(fmt::format("Cluster ID: {}\n", answer.cluster_id));
  } else {
    std::ranges::sort(answer.brokers, {}, [](const auto& broker) { return broker.broker_id; });
    context.console.out(endpoints_as_table(answer, controllers));
  }
  co_return Result<void>{};
}

}  // namespace

env::Task<int> run_cluster(ToolContext& context) {
  std::optional<Given> given = read_words(context, k_what, k_options);
  if (!given) co_return k_failed;
  const auto& actions = given->positional();
  if (actions.size() != 1 || (actions[0] != "cluster-id" && actions[0] != "list-endpoints")) {
    context.console.err(
        "kafka-cluster: error: one action is required: cluster-id or "
        "list-endpoints\n");
    co_return k_failed;
  }
  if (given->has("bootstrap-server") == given->has("bootstrap-controller")) {
    context.console.err(
        "kafka-cluster: error: one of the arguments --bootstrap-server/-b "
        "--bootstrap-controller/-C is required\n");
    co_return k_failed;
  }
  auto settings = co_await cluster_settings(context, *given);
  if (!settings) co_return report(context, settings.error());
  client::Cluster cluster(context.env, *std::move(settings));
  const Result<void> done = co_await act(context, cluster, *std::move(given));
  co_await cluster.close();
  co_return done ? k_ok : report(context, done.error());
}

}  // namespace moldau::cli
