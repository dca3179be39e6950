#include "cli/leader_election.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>

#include "cli/console_settings.h"
#include "cli/joined.h"
#include "cli/partition_file.h"
#include "cli/session.h"
#include "config/value_text.h"
#include "protocol/api/elect_leaders.h"

namespace moldau::cli {
namespace {

constexpr auto k_options = std::to_array<Option>({
    {.name = "bootstrap-server",
     .value = "host:port",
     .help = "REQUIRED: the brokers to connect to, host:port with commas between them."},
    {.name = "election-type",
     .value = "election type",
     .type = "[PREFERRED,UNCLEAN]",
     .help = "REQUIRED: preferred: the first replica leads again. unclean: any replica that is "
             "alive leads a partition without leader, even if records are lost."},
    {.name = "topic", .value = "topic name", .help = "The topic, with --partition."},
    {.name = "partition",
     .value = "partition id",
     .type = "Integer",
     .help = "The partition of --topic."},
    {.name = "path-to-json-file",
     .value = "Path to JSON file",
     .help = "A file of {\"partitions\":[{\"topic\":\"t\",\"partition\":0}]}."},
    {.name = "all-topic-partitions", .help = "Every partition that needs it."},
    {.name = "admin.config", .value = "config file", .help = "Older: use --command-config."},
    {.name = "command-config", .value = "Config file", .help = "A file of client settings."},
    k_help,
});

using client::TopicPartition;
using protocol::ElectLeadersRequest;
using protocol::ElectLeadersResponse;

constexpr std::int8_t k_preferred = 0;
constexpr std::int8_t k_unclean = 1;

// What is wrong with the words, in Kafka's order; empty when all is well.
std::string misuse(const Given& given) {
  std::vector<std::string_view> missing;
  for (const std::string_view name : {"bootstrap-server", "election-type"}) {
    if (!given.has(name)) missing.push_back(name);
  }
  if (!missing.empty()) return "Missing required option(s): " + joined(missing, ", ");
  const std::vector<std::string_view> which{"topic", "all-topic-partitions", "path-to-json-file"};
  if (std::ranges::count_if(which, [&](auto name) { return given.has(name); }) != 1) {
    return "One and only one of the following options is required: " + joined(which, ", ");
  }
  if (given.has("topic") && !given.has("partition")) return "Missing required option(s): partition";
  if (!given.has("topic") && given.has("partition")) {
    return "Option partition is only allowed if topic is used";
  }
  return {};
}

Result<std::int8_t> type_of(const Given& given) {
  const std::string text = config::upper(given.one("election-type"));
  if (text == "PREFERRED") return k_preferred;
  if (text == "UNCLEAN") return k_unclean;
  return fail(Errc::invalid_request, "Cannot parse argument '{}' of option election-type",
              given.one("election-type"));
}

// nullopt: all.
env::Task<Result<std::optional<std::vector<TopicPartition>>>> partitions_of(ToolContext& context,
                                                                            Given given) {
  using Partitions = std::optional<std::vector<TopicPartition>>;
  if (given.has("all-topic-partitions")) co_return Partitions{};
  if (given.has("path-to-json-file")) {
    CO_TRY(const std::string text,
           co_await read_text_file(context, given.one("path-to-json-file")));
    CO_TRY(std::vector<TopicPartition> named, read_election_json(text));
    co_return Partitions{std::move(named)};
  }
  CO_TRY(const std::int64_t index, integer_option(given, "partition"));
  co_return Partitions{std::vector<TopicPartition>{
      {given.one("topic"), PartitionIndex{static_cast<std::int32_t>(index)}}}};
}

ElectLeadersRequest request_of(std::int8_t type,
                               const std::optional<std::vector<TopicPartition>>& partitions,
                               Milliseconds timeout) {
  ElectLeadersRequest request;
  request.election_type = type;
  request.timeout_ms = timeout;
  request.topic_partitions.reset();
  if (!partitions) return request;
  std::map<std::string, std::vector<PartitionIndex>> topics;
  for (const TopicPartition& one : *partitions) topics[one.topic].push_back(one.partition);
  request.topic_partitions.emplace();
  for (auto& [topic, indexes] : topics) {
    request.topic_partitions->push_back({.topic = topic, .partitions = std::move(indexes)});
  }
  return request;
}

std::string in_one_line(std::vector<TopicPartition> names) {
  return joined(in_hash_order(std::move(names)), ", ");
}

Result<void> tell(ToolContext& context, const ElectLeadersResponse& answer, std::int8_t type) {
  const std::string_view name = type == k_preferred ? "PREFERRED" : "UNCLEAN";
  std::vector<TopicPartition> elected;
  std::vector<TopicPartition> unneeded;
  std::map<TopicPartition, Error> failed;
  for (const auto& topic : answer.replica_election_results) {
    for (const auto& one : topic.partition_result) {
      const TopicPartition partition{topic.topic, one.partition_id};
      if (one.error_code == Errc::none) {
        elected.push_back(partition);
      } else if (one.error_code == Errc::election_not_needed) {
        unneeded.push_back(partition);
      } else {
        failed.emplace(partition, Error(one.error_code, one.error_message.value_or("")));
      }
    }
  }
  if (!elected.empty()) {
    context.console.out(
        fmt::format("Successfully completed leader election ({}) for partitions {}\n", name,
                    in_one_line(std::move(elected))));
  }
  if (!unneeded.empty()) {
    context.console.out(fmt::format("Valid replica already elected for partitions {}\n",
                                    in_one_line(std::move(unneeded))));
  }
  if (failed.empty()) return {};
  std::vector<TopicPartition> names;
  for (const auto& [partition, error] : failed) names.push_back(partition);
  std::string suppressed;
  for (const TopicPartition& partition : in_hash_order(std::move(names))) {
    const std::string text = with_exception(failed.at(partition));
    context.console.out(fmt::format("Error completing leader election ({}) for partition: {}: {}\n",
                                    name, partition, text));
    suppressed += "\n\tSuppressed: " + text;
  }
  return fail(Errc::invalid_request, "{} replica(s) could not be elected{}", failed.size(),
              suppressed);
}

env::Task<Result<void>> act(ToolContext& context, client::Cluster& cluster, std::int8_t type,
                            std::optional<std::vector<TopicPartition>> partitions) {
  const Result<void> there = co_await reach(context, cluster, "electLeaders");
  Result<ElectLeadersResponse> answer{ElectLeadersResponse{}};
  if (there) {
    answer = co_await cluster.ask_any<ElectLeadersRequest, ElectLeadersResponse>(
        request_of(type, partitions, cluster.settings().request_timeout));
  }
  const Errc code = !there    ? there.error().code()
                    : !answer ? answer.error().code()
                              : answer->error_code;
  if (code == Errc::request_timed_out || code == Errc::timed_out) {
    context.console.out("Timeout waiting for election results\n");
    co_return fail(Errc::invalid_request, "Timeout waiting for election results");
  }
  if (code == Errc::cluster_authorization_failed) {
    context.console.out("Not authorized to perform leader election\n");
    co_return fail(Errc::invalid_request, "Not authorized to perform leader election");
  }
  CO_TRY_OK(there);
  if (!answer) co_return fail(std::move(answer).error());
  CO_TRY_OK(refused(answer->error_code, std::nullopt));
  co_return tell(context, *answer, type);
}

}  // namespace

env::Task<int> run_leader_election(ToolContext& context) {
  constexpr Milliseconds k_patience{30'000};
  std::optional<Given> given = read_words(
      context,
      "This tool attempts to elect a new leader for a set of topic partitions: the preferred "
      "replica, or any replica for partitions without leader.",
      k_options, Repeats::refused, {}, OnMistake::text);
  if (!given) co_return k_failed;
  const auto type =
      given->has("election-type") ? type_of(*given) : Result<std::int8_t>{k_preferred};
  std::string wrong = misuse(*given);
  if (!type) wrong = text_of(type.error());
  if (!wrong.empty()) {
    context.console.err(wrong + "\n");
    co_return k_failed;
  }
  auto partitions = co_await partitions_of(context, *given);
  if (!partitions) co_return report(context, partitions.error());
  if (given->has("admin.config")) {
    say_deprecated(context, "admin.config", "command-config");
    given->add("command-config", given->one("admin.config"));
  }
  auto settings = co_await cluster_settings(context, *given);
  if (!settings) co_return report_no_client(context, settings.error());
  settings->api_timeout = std::min(settings->api_timeout, k_patience);
  settings->request_timeout = std::min(settings->request_timeout, k_patience / 2);
  client::Cluster cluster(context.env, *std::move(settings));
  const Result<void> done = co_await act(context, cluster, *type, *std::move(partitions));
  co_await cluster.close();
  co_return done ? k_ok : report(context, done.error());
}

}  // namespace moldau::cli
