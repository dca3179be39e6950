#include "cli/delete_records.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "cli/joined.h"
#include "cli/partition_file.h"
#include "cli/session.h"
#include "protocol/api/delete_records.h"
#include "protojson/json_text.h"

namespace moldau::cli {
namespace {

constexpr auto k_options = std::to_array<Option>({
    bootstrap_server("server(s) to use for bootstrapping"),
    {.name = "offset-json-file",
     .value = "Offset json file path",
     .help = "REQUIRED: A file of {\"partitions\":[{\"topic\":\"t\",\"partition\":0,\"offset\":5}],"
             "\"version\":1}. Records below the offset go; -1 is the high watermark."},
    command_config("command config property file path"),
    k_json,
    k_help,
});
constexpr auto k_required =
    std::to_array<std::string_view>({"bootstrap-server", "offset-json-file"});

using client::TopicPartition;
using protocol::DeleteRecordsRequest;
using protocol::DeleteRecordsResponse;
using Outcomes = std::map<TopicPartition, Result<Offset>>;

// The text of Kafka's exception: the answer of a broker has none.
Error error_of(Errc code) {
  if (code == Errc::offset_out_of_range) {
    return Error(code,
                 "The requested offset is not within the range of offsets maintained by the "
                 "server.");
  }
  if (code == Errc::policy_violation) {
    return Error(code, "Request parameters do not satisfy the configured policy.");
  }
  return Error(code);
}

env::Task<void> ask_leader(client::Cluster& cluster, BrokerId leader,
                           std::vector<PartitionEnd> ends, Outcomes& outcomes) {
  DeleteRecordsRequest request;
  request.timeout_ms = cluster.settings().request_timeout;
  for (const PartitionEnd& one : ends) {
    auto topic = std::ranges::find(request.topics, one.partition.topic,
                                   &DeleteRecordsRequest::DeleteRecordsTopic::name);
    if (topic == request.topics.end()) {
      request.topics.emplace_back().name = one.partition.topic;
      topic = request.topics.end() - 1;
    }
    topic->partitions.push_back({.partition_index = one.partition.partition, .offset = one.end});
  }
  const Result<DeleteRecordsResponse> answer =
      co_await cluster.ask<DeleteRecordsRequest, DeleteRecordsResponse>(leader, std::move(request));
  if (!answer) {
    for (const PartitionEnd& one : ends) {
      outcomes.insert_or_assign(one.partition, fail(answer.error()));
    }
    co_return;
  }
  for (const auto& topic : answer->topics) {
    for (const auto& partition : topic.partitions) {
      const TopicPartition name{topic.name, partition.partition_index};
      if (partition.error_code == Errc::none) {
        outcomes.insert_or_assign(name, partition.low_watermark);
      } else {
        outcomes.insert_or_assign(name, fail(error_of(partition.error_code)));
      }
    }
  }
}

env::Task<Result<Outcomes>> remove(client::Cluster& cluster, std::vector<PartitionEnd> ends) {
  std::vector<std::string> topics;
  for (const PartitionEnd& one : ends) {
    if (std::ranges::find(topics, one.partition.topic) == topics.end()) {
      topics.push_back(one.partition.topic);
    }
  }
  CO_TRY_OK(co_await cluster.refresh(std::move(topics)));
  Outcomes outcomes;
  std::map<BrokerId, std::vector<PartitionEnd>> by_leader;
  for (PartitionEnd& one : ends) {
    const auto place = cluster.place_of(one.partition.topic, one.partition.partition);
    if (!place) {
      outcomes.insert_or_assign(one.partition,
                                fail(Errc::unknown_topic_or_partition,
                                     "This server does not host this topic-partition."));
    } else if (place->leader == k_no_broker) {
      outcomes.insert_or_assign(one.partition, fail(Errc::leader_not_available));
    } else {
      by_leader[place->leader].push_back(std::move(one));
    }
  }
  for (auto& [leader, some] : by_leader) {
    co_await ask_leader(cluster, leader, std::move(some), outcomes);
  }
  co_return outcomes;
}

void print(ToolContext& context, const Outcomes& outcomes, bool as_json) {
  std::vector<TopicPartition> names;
  for (const auto& [name, outcome] : outcomes) names.push_back(name);
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const TopicPartition& name : in_hash_order(std::move(names))) {
    const Result<Offset>& outcome = outcomes.at(name);
    if (as_json) {
      nlohmann::ordered_json one = {{"topic", name.topic}, {"partition", name.partition.value()}};
      if (outcome) {
        one["lowWatermark"] = outcome->value();
      } else {
        one["error"] = with_exception(outcome.error());
      }
      list.push_back(std::move(one));
    } else if (outcome) {
      context.console.out(fmt::format("partition: {}\tlow_watermark: {}\n", name, *outcome));
    } else {
      context.console.out(
          fmt::format("partition: {}\terror: {}\n", name, with_exception(outcome.error())));
    }
  }
  if (as_json) context.console.out(protojson::json_lines(list) + "\n");
}

env::Task<Result<void>> act(ToolContext& context, client::Cluster& cluster, Given given) {
  CO_TRY(const std::string text, co_await read_text_file(context, given.one("offset-json-file")));
  CO_TRY(std::vector<PartitionEnd> ends, read_offsets_json(text));
  std::vector<TopicPartition> names;
  for (const PartitionEnd& one : ends) names.push_back(one.partition);
  if (const auto twice = repeated_in(names); !twice.empty()) {
    co_return fail(Errc::invalid_request,
                   "Offset json file contains duplicate topic partitions: {}", joined(twice, ","));
  }
  const bool as_json = given.has("json");
  if (!as_json) context.console.out("Executing records delete operation\n");
  CO_TRY_OK(co_await reach(context, cluster, "deleteRecords"));
  CO_TRY(const Outcomes outcomes, co_await remove(cluster, std::move(ends)));
  if (!as_json) context.console.out("Records delete operation completed:\n");
  print(context, outcomes, as_json);
  co_return Result<void>{};
}

}  // namespace

env::Task<int> run_delete_records(ToolContext& context) {
  const std::optional<Given> given = read_words(
      context,
      "This tool helps to delete records of the given partitions down to the specified offset.",
      k_options);
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
