#include "cli/groups.h"

#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/group_text.h"
#include "cli/session.h"
#include "client/group_admin.h"
#include "config/value_text.h"
#include "protojson/json_text.h"

namespace moldau::cli {
namespace {

constexpr auto k_options = std::to_array<Option>({
    bootstrap_server("server to connect to"),
    command_config("command config property file"),
    {.name = "list", .help = "List the groups."},
    {.name = "group-type",
     .value = "type",
     .help = "Only groups of this type: classic, consumer, share or streams."},
    {.name = "protocol", .value = "protocol", .help = "Only groups of this protocol."},
    {.name = "consumer", .help = "Only groups that consumers use, whatever their type."},
    {.name = "share", .help = "Only share groups."},
    {.name = "streams", .help = "Only streams groups."},
    k_json,
    k_help,
});
constexpr auto k_types =
    std::to_array<std::string_view>({"Classic", "Consumer", "Share", "Streams"});

std::string_view type_of(const std::string& word) {
  for (const std::string_view type : k_types) {
    if (config::lower(type) == config::lower(word)) return type;
  }
  return {};
}

bool passes(const client::ListedGroup& group, const Given& given) {
  if (given.has("group-type")) {
    return group.type == type_of(given.one("group-type")) &&
           (!given.has("protocol") || group.protocol == given.one("protocol"));
  }
  if (given.has("protocol")) return group.protocol == given.one("protocol");
  if (given.has("consumer")) {
    return group.protocol == "consumer" || group.protocol.empty() || group.type == "Consumer";
  }
  if (given.has("share")) return group.type == "Share";
  if (given.has("streams")) return group.type == "Streams";
  return true;
}

// Kafka's checks of what fits together, and its words; empty when all is well.
std::string misuse(const Given& given) {
  if (!given.has("list")) return "Command must include exactly one action: --list.";
  for (const std::string_view one : {"consumer", "share", "streams"}) {
    for (const std::string_view other :
         {"consumer", "share", "streams", "group-type", "protocol"}) {
      if (one == other || !given.has(one) || !given.has(other)) continue;
      return fmt::format("Option \"[{}]\" can't be used with option \"[{}]\"", one, other);
    }
  }
  return {};
}

env::Task<Result<void>> list(ToolContext& context, client::Cluster& cluster, Given given) {
  CO_TRY(std::vector<client::ListedGroup> groups, co_await client::list_groups(cluster, {}));
  std::erase_if(groups, [&](const auto& group) { return !passes(group, given); });
  groups = in_listed_order(std::move(groups));
  if (given.has("json")) {
    nlohmann::ordered_json all = nlohmann::ordered_json::array();
    for (const client::ListedGroup& group : groups) {
      all.push_back(
          {{"group", group.group_id}, {"type", group.type}, {"protocol", group.protocol}});
    }
    context.console.out(protojson::json_lines(all) + "\n");
    co_return Result<void>{};
  }
  std::size_t width = 20;
  for (const client::ListedGroup& group : groups) width = std::max(width, group.group_id.size());
  context.console.out(
      fmt::format("{:{}} {:{}} {:{}}\n", "GROUP", width, "TYPE", width, "PROTOCOL", width));
  for (const client::ListedGroup& group : groups) {
    context.console.out(fmt::format("{:{}} {:{}} {:{}} \n", group.group_id, width, group.type,
                                    width, group.protocol, width));
  }
  co_return Result<void>{};
}

}  // namespace

env::Task<int> run_groups(ToolContext& context) {
  const std::optional<Given> given =
      read_words(context, "This tool lists groups of all types.", k_options, Repeats::refused, {},
                 OnMistake::text_and_options);
  if (!given) co_return k_failed;
  const auto refuse = [&](std::string_view why) {
    context.console.err(fmt::format("{}\n{}", why, option_table(k_options)));
    return k_failed;
  };
  if (!given->has("bootstrap-server"))
    co_return refuse("Missing required option(s) [bootstrap-server]");
  if (const std::string wrong = misuse(*given); !wrong.empty()) co_return refuse(wrong);
  if (given->has("group-type") && type_of(given->one("group-type")).empty()) {
    context.console.err("--group-type must be a valid group type.\n");
    co_return k_failed;
  }
  auto settings = co_await cluster_settings(context, *given);
  if (!settings) co_return report_no_client(context, settings.error());
  client::Cluster cluster(context.env, *std::move(settings));
  Result<void> done = co_await reach(context, cluster, "findAllBrokers");
  if (done) done = co_await list(context, cluster, *given);
  co_await cluster.close();
  if (done) co_return k_ok;
  context.console.out(
      fmt::format("Error while executing groups command : {}\n", text_of(done.error())));
  co_return k_failed;
}

}  // namespace moldau::cli
