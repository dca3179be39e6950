#include "cli/verifiable_consumer.h"

#include <nlohmann/json.hpp>

#include "cli/console_settings.h"
#include "cli/consumer_settings.h"
#include "cli/java_text.h"
#include "cli/property_warnings.h"
#include "cli/session.h"
#include "cli/subcommands.h"
#include "cli/verifiable_text.h"
#include "client/consumer.h"

namespace moldau::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr auto k_arguments = std::to_array<Argument>({
    {.name = "topic", .takes_value = true, .required = true, .help = "The topic to read."},
    {.name = "group-protocol",
     .takes_value = true,
     .metavar = "GROUP-PROTOCOL",
     .help = "classic or consumer. (default: classic)"},
    {.name = "group-remote-assignor",
     .takes_value = true,
     .metavar = "GROUP-REMOTE-ASSIGNOR",
     .help = "With consumer: the assignor."},
    {.name = "group-id",
     .takes_value = true,
     .required = true,
     .metavar = "GROUP-ID",
     .help = "The group to read in."},
    {.name = "group-instance-id",
     .takes_value = true,
     .metavar = "GROUP-INSTANCE-ID",
     .help = "The id of a static member."},
    {.name = "max-messages",
     .takes_value = true,
     .kind = Argument::Kind::integer,
     .metavar = "MAX-MESSAGES",
     .help = "End after so many records; -1: never. (default: -1)"},
    {.name = "session-timeout",
     .takes_value = true,
     .kind = Argument::Kind::integer,
     .metavar = "TIMEOUT-MS",
     .help = "The session timeout of the classic protocol."},
    {.name = "verbose", .help = "A line for each record."},
    {.name = "enable-autocommit", .help = "Commit by itself now and then, not after each batch."},
    {.name = "reset-policy",
     .takes_value = true,
     .metavar = "RESET-POLICY",
     .help = "Where to begin: earliest, latest or none. (default: earliest)"},
    {.name = "assignment-strategy",
     .takes_value = true,
     .metavar = "ASSIGNMENT-STRATEGY",
     .help = "Assignors of the classic protocol. (default: "
             "org.apache.kafka.clients.consumer.RangeAssignor)"},
    {.name = "consumer.config",
     .takes_value = true,
     .metavar = "CONFIG-FILE",
     .help = "Use --command-config."},
    {.name = "command-config",
     .takes_value = true,
     .metavar = "CONFIG-FILE",
     .help = "A file of settings."},
    {.name = "bootstrap-server",
     .takes_value = true,
     .required = true,
     .metavar = "HOST1:PORT1[,HOST2:PORT2[...]]",
     .group = 1,
     .help = "The brokers to connect to."},
});
constexpr auto k_actions =
    std::to_array<Action>({{.name = "", .help = "", .arguments = k_arguments}});
constexpr CommandLine k_line{
    .program = "verifiable-consumer",
    .description =
        "This tool consumes messages from a specific topic and emits consumer events "
        "(e.g. group rebalances, received messages, and offsets committed) as JSON "
        "objects to STDOUT.",
    .shared = {},
    .single = true,
    .actions = k_actions};

Json json_of(const client::TopicPartition& partition) {
  return {{"topic", partition.topic}, {"partition", partition.partition.value()}};
}
Json json_of(const std::vector<client::TopicPartition>& partitions) {
  Json all = Json::array();
  for (const client::TopicPartition& it : partitions) all.push_back(json_of(it));
  return all;
}
Json text_of_bytes(const std::optional<SharedBytes>& bytes) {
  return bytes ? Json(java_text(bytes->view())) : Json(nullptr);
}

class Listener final : public client::RebalanceListener {
 public:
  explicit Listener(ToolContext& context) : context_(context) {}
  env::Task<void> on_assigned(std::vector<client::TopicPartition> partitions) override {
    say_event(context_, "partitions_assigned", {{"partitions", json_of(partitions)}});
    co_return;
  }
  env::Task<void> on_revoked(std::vector<client::TopicPartition> partitions) override {
    say_event(context_, "partitions_revoked", {{"partitions", json_of(partitions)}});
    co_return;
  }

 private:
  ToolContext& context_;
};

struct Plan {
  client::ClusterSettings cluster;
  client::ConsumerSettings consumer;
  std::int64_t messages_max = -1;
};

env::Task<Result<Plan>> make_plan(ToolContext& context, Given given) {
  CO_TRY(const std::string file, config_option(context, given, "consumer.config"));
  CO_TRY(PropertyMap properties, co_await read_property_options(context, given, file, ""));
  const std::string protocol = given.one("group-protocol", "classic");
  properties["group.protocol"] = protocol;
  if (protocol == "classic" || protocol == "CLASSIC") {
    properties["partition.assignment.strategy"] =
        given.one("assignment-strategy", "org.apache.kafka.clients.consumer.RangeAssignor");
    if (given.has("session-timeout")) {
      properties["session.timeout.ms"] = given.one("session-timeout");
    }
  } else if (given.has("group-remote-assignor")) {
    properties["group.remote.assignor"] = given.one("group-remote-assignor");
  }
  properties["group.id"] = given.one("group-id");
  if (given.has("group-instance-id")) {
    properties["group.instance.id"] = given.one("group-instance-id");
  }
  properties["enable.auto.commit"] = given.has("enable-autocommit") ? "true" : "false";
  properties["auto.offset.reset"] = given.one("reset-policy", "earliest");
  Plan plan;
  CO_TRY(plan.cluster.bootstrap, client::parse_endpoints(given.one("bootstrap-server")));
  warn_about(context, {config::Scope::consumer}, properties);
  CO_TRY(plan.consumer, consumer_settings(properties));
  CO_TRY_OK(apply_to_cluster(plan.cluster, properties));
  if (given.has("max-messages")) {
    CO_TRY(plan.messages_max, integer_option(given, "max-messages"));
  }
  co_return plan;
}

// Tells of the records of one poll, up to the most that is wanted.
client::GroupOffsets tell_records(ToolContext& context,
                                  const std::vector<client::PartitionRecords>& polled,
                                  std::int64_t messages_max, bool verbose, std::int64_t& consumed) {
  client::GroupOffsets offsets;
  Json summaries = Json::array();
  std::size_t count = 0;
  for (const client::PartitionRecords& part : polled) count += part.records.size();
  for (const client::PartitionRecords& part : polled) {
    std::size_t take = part.records.size();
    if (messages_max >= 0) {
      take = std::min(take, static_cast<std::size_t>(messages_max - consumed));
    }
    if (take == 0) continue;
    const Offset last = part.records[take - 1].offset;
    offsets[part.partition] = {last.next()};
    Json summary = json_of(part.partition);
    summary.update({{"count", take},
                    {"minOffset", part.records.front().offset.value()},
                    {"maxOffset", last.value()}});
    summaries.push_back(std::move(summary));
    for (std::size_t i = 0; verbose && i < take; ++i) {
      const client::IncomingRecord& record = part.records[i];
      say_event(context, "record_data",
                {{"key", text_of_bytes(record.key)},
                 {"value", text_of_bytes(record.value)},
                 {"topic", part.partition.topic},
                 {"partition", part.partition.partition.value()},
                 {"offset", record.offset.value()}});
    }
    consumed += static_cast<std::int64_t>(take);
  }
  say_event(context, "records_consumed", {{"count", count}, {"partitions", summaries}});
  return offsets;
}

env::Task<void> commit(ToolContext& context, client::Consumer& consumer,
                       client::GroupOffsets offsets) {
  Json all = Json::array();
  for (const auto& [partition, committed] : offsets) {
    Json one = json_of(partition);
    one["offset"] = committed.offset.value();
    all.push_back(std::move(one));
  }
  const auto done = co_await consumer.commit(std::move(offsets));
  Json event{{"offsets", all}};
  if (!done) event["error"] = text_of(done.error());
  event["success"] = done.has_value();
  say_event(context, "offsets_committed", event);
}

env::Task<Result<void>> consume(ToolContext& context, client::Consumer& consumer, Plan plan,
                                Given given) {
  constexpr Milliseconds k_poll{100};  // a person who asks for the end waits so long
  std::int64_t consumed = 0;
  while (plan.messages_max < 0 || consumed < plan.messages_max) {
    if (context.console.interrupted()) break;
    CO_TRY(const auto polled, co_await consumer.poll(k_poll));
    if (polled.empty()) continue;
    client::GroupOffsets offsets =
        tell_records(context, polled, plan.messages_max, given.has("verbose"), consumed);
    if (!plan.consumer.auto_commit) co_await commit(context, consumer, std::move(offsets));
  }
  co_return Result<void>{};
}

}  // namespace

env::Task<int> run_verifiable_consumer(ToolContext& context) {
  if (context.words.empty()) {
    context.console.out(help_of(k_line, &k_actions.front()));
    co_return k_ok;
  }
  const Reading reading = read_action(context, k_line, k_failed);
  if (!reading.chosen) co_return reading.exit_code;
  const Given& given = reading.chosen->given;
  const Result<Plan> plan = co_await make_plan(context, given);
  if (!plan) {
    context.console.err(error_of(k_line, &k_actions.front(), text_of(plan.error())));
    co_return k_failed;
  }
  client::Cluster cluster(context.env, plan->cluster);
  auto consumer = client::Consumer::make(cluster, plan->consumer);
  if (!consumer) co_return report(context, consumer.error());
  Listener listener(context);
  say_event(context, "startup_complete");
  (*consumer)->subscribe({given.one("topic")}, &listener);
  const Result<void> done = co_await consume(context, **consumer, *plan, given);
  if (!done) {
    log_line(context, "ERROR", "Error during processing, terminating consumer process: ",
             "org.apache.kafka.tools.VerifiableConsumer");
    context.console.err(with_exception(done.error()) + "\n");
  }
  co_await (*consumer)->close();
  co_await cluster.close();
  say_event(context, "shutdown_complete");
  say_event(context, "shutdown_requested");
  co_return k_ok;
}

}  // namespace moldau::cli
