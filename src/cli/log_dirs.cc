#include "cli/log_dirs.h"

#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/java_text.h"
#include "cli/joined.h"
#include "cli/partition_file.h"
#include "cli/session.h"
#include "protocol/api/describe_cluster.h"
#include "protocol/api/describe_log_dirs.h"
#include "protojson/json_text.h"

namespace moldau::cli {
namespace {

constexpr auto k_options = std::to_array<Option>({
    bootstrap_server("The server(s) to use for bootstrapping"),
    {.name = "describe", .help = "REQUIRED: Show the log directories of brokers."},
    {.name = "topic-list",
     .value = "Topic list",
     .help = "Only these topics, with commas between them."},
    {.name = "broker-list",
     .value = "Broker list",
     .help = "Only these brokers, with commas between them."},
    command_config("Admin client property file"),
    k_help,
});
constexpr auto k_required = std::to_array<std::string_view>({"bootstrap-server", "describe"});

using Json = nlohmann::ordered_json;
using client::TopicPartition;
using protocol::DescribeLogDirsRequest;
using protocol::DescribeLogDirsResponse;

// Sorted, each once.
Result<std::vector<BrokerId>> brokers_of(const Given& given) {
  std::vector<BrokerId> ids;
  for (const std::string& text : split_commas(given.one("broker-list"))) {
    TRY(const std::int32_t id, read_java_int(text));
    ids.emplace_back(id);
  }
  std::ranges::sort(ids);
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

Json partitions_of(const DescribeLogDirsResponse::DescribeLogDirsResult& directory,
                   const std::vector<std::string>& topics) {
  struct Facts {
    std::int64_t size, lag;
    bool future;
  };
  std::vector<TopicPartition> names;
  std::vector<std::pair<TopicPartition, Facts>> all;
  for (const auto& topic : directory.topics) {
    if (!topics.empty() && std::ranges::find(topics, topic.name) == topics.end()) continue;
    for (const auto& one : topic.partitions) {
      names.push_back({topic.name, one.partition_index});
      all.push_back({names.back(), {one.partition_size, one.offset_lag, one.is_future_key}});
    }
  }
  std::ranges::sort(all, {}, &std::pair<TopicPartition, Facts>::first);
  Json list = Json::array();
  for (const TopicPartition& name : in_hash_order(std::move(names))) {
    const Facts& facts =
        std::ranges::lower_bound(all, name, {}, &std::pair<TopicPartition, Facts>::first)->second;
    list.push_back({{"partition", fmt::format("{}", name)},
                    {"size", facts.size},
                    {"offsetLag", facts.lag},
                    {"isFuture", facts.future}});
  }
  return list;
}

Json directories_of(const DescribeLogDirsResponse& answer, const std::vector<std::string>& topics) {
  std::vector<std::string> names;
  for (const auto& directory : answer.results) names.push_back(directory.log_dir);
  Json list = Json::array();
  for (const std::string& name : in_hash_order(std::move(names))) {
    const auto& directory = *std::ranges::find(
        answer.results, name, &DescribeLogDirsResponse::DescribeLogDirsResult::log_dir);
    Json error = nullptr;
    if (directory.error_code != Errc::none) {
      error = "org.apache.kafka.common.errors." + exception_name(directory.error_code);
    }
    list.push_back({{"partitions", partitions_of(directory, topics)},
                    {"error", error},
                    {"logDir", directory.log_dir}});
  }
  return list;
}

env::Task<Result<void>> act(ToolContext& context, client::Cluster& cluster, Given given) {
  CO_TRY_OK(co_await reach(context, cluster, "listNodes"));
  CO_TRY(const protocol::MetadataResponse metadata,
         co_await cluster.refresh(std::vector<std::string>{}));
  std::vector<BrokerId> there;
  for (const auto& broker : metadata.brokers) there.push_back(broker.node_id);
  std::ranges::sort(there);
  CO_TRY(std::vector<BrokerId> asked, brokers_of(given));
  std::vector<BrokerId> missing;
  std::ranges::set_difference(asked, there, std::back_inserter(missing));
  if (!missing.empty()) {
    co_return fail(Errc::invalid_request,
                   "ERROR: The given brokers do not exist from --broker-list: {}. Current existent "
                   "brokers: {}",
                   joined(missing, ","), joined(there, ","));
  }
  if (asked.empty()) asked = there;
  const std::vector<std::string> topics = split_commas(given.one("topic-list"));
  context.console.out("Querying brokers for log directories information\n");
  Json brokers = Json::array();
  for (const BrokerId id : asked) {
    DescribeLogDirsRequest request;
    request.topics.reset();
    CO_TRY(const DescribeLogDirsResponse answer,
           co_await (cluster.ask<DescribeLogDirsRequest, DescribeLogDirsResponse>(
               id, std::move(request))));
    CO_TRY_OK(refused(answer.error_code, std::nullopt));
    brokers.push_back({{"broker", id.value()}, {"logDirs", directories_of(answer, topics)}});
  }
  context.console.out(
      fmt::format("Received log directory information from brokers {}\n", joined(asked, ",")));
  const Json out = {{"brokers", brokers}, {"version", 1}};
  context.console.out(protojson::json_text(out) + "\n");
  co_return Result<void>{};
}

}  // namespace

env::Task<int> run_log_dirs(ToolContext& context) {
  const std::optional<Given> given = read_words(
      context, "This tool helps to query log directory usage on the specified brokers.", k_options);
  if (!given) co_return k_failed;
  if (const std::string wrong = missing_argument(*given, k_required); !wrong.empty()) {
    context.console.err(fmt::format("{}\n{}", wrong, option_table(k_options)));
    co_return k_failed;
  }
  auto settings = co_await cluster_settings(context, *given);
  if (!settings) co_return report_no_client(context, settings.error());
  client::Cluster cluster(context.env, *std::move(settings));
  const Result<void> done = co_await act(context, cluster, *given);
  co_await cluster.close();
  co_return done ? k_ok : report(context, done.error());
}

}  // namespace moldau::cli
