#include "cli/transactions.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "cli/session.h"
#include "cli/subcommands.h"
#include "protojson/json_text.h"

namespace moldau::cli {
namespace {

using client::TopicPartition;

constexpr auto k_shared = std::to_array<Argument>({
    {.name = "version", .letter = 'v', .letter_first = true, .help = "Print the version."},
    {.name = "command-config",
     .takes_value = true,
     .metavar = "FILE",
     .help = "A file of client settings."},
    {.name = "bootstrap-server",
     .takes_value = true,
     .required = true,
     .metavar = "host:port",
     .help = "Brokers to connect to, with commas between them."},
});
constexpr Argument k_topic{
    .name = "topic", .takes_value = true, .required = true, .help = "The topic."};
constexpr Argument k_partition{.name = "partition",
                               .takes_value = true,
                               .required = true,
                               .kind = Argument::Kind::integer,
                               .help = "The partition's number."};
constexpr auto k_list = std::to_array<Argument>({
    {.name = "duration-filter",
     .takes_value = true,
     .kind = Argument::Kind::long_integer,
     .help = "Only those that are open for more than so many milliseconds; below 0: all."},
    {.name = "transactional-id-pattern",
     .takes_value = true,
     .help = "Only those whose id matches this regular expression."},
});
constexpr auto k_describe = std::to_array<Argument>({
    {.name = "transactional-id",
     .takes_value = true,
     .required = true,
     .help = "The transactional id."},
});
constexpr auto k_describe_producers = std::to_array<Argument>({
    {.name = "broker-id",
     .takes_value = true,
     .kind = Argument::Kind::integer,
     .help = "Ask this replica and not the leader."},
    k_topic,
    k_partition,
});
constexpr std::string_view k_newer = "Brokers on versions 3.0 and above";
constexpr std::string_view k_older = "Brokers on versions older than 3.0";
constexpr auto k_abort = std::to_array<Argument>({
    k_topic,
    k_partition,
    {.name = "start-offset",
     .takes_value = true,
     .kind = Argument::Kind::long_integer,
     .title = k_newer,
     .help = "Where the transaction begins."},
    {.name = "producer-id",
     .takes_value = true,
     .kind = Argument::Kind::long_integer,
     .title = k_older,
     .help = "Its producer's id."},
    {.name = "producer-epoch",
     .takes_value = true,
     .kind = Argument::Kind::short_integer,
     .title = k_older,
     .help = "Its producer's epoch."},
    {.name = "coordinator-epoch",
     .takes_value = true,
     .kind = Argument::Kind::integer,
     .title = k_older,
     .help = "The coordinator's epoch."},
});
constexpr auto k_find_hanging = std::to_array<Argument>({
    {.name = "broker-id",
     .takes_value = true,
     .kind = Argument::Kind::integer,
     .help = "Only partitions of this broker."},
    {.name = "max-transaction-timeout",
     .takes_value = true,
     .kind = Argument::Kind::integer,
     .help = "Only what is open for more than so many minutes (15)."},
    {.name = "topic", .takes_value = true, .help = "Only this topic; needed with --partition."},
    {.name = "partition",
     .takes_value = true,
     .kind = Argument::Kind::integer,
     .help = "Only this partition."},
});
constexpr auto k_terminate = std::to_array<Argument>({
    {.name = "transactionalId",
     .takes_value = true,
     .required = true,
     .metavar = "TRANSACTIONALID",
     .help = "The transactional id."},
});
constexpr auto k_actions = std::to_array<Action>({
    {"list", "List transactional ids.", k_list, true},
    {"describe", "Show the state of a transactional id.", k_describe, true},
    {"describe-producers", "Show the producers that a partition remembers.", k_describe_producers,
     true},
    {"abort", "Abort a hanging transaction in one partition.", k_abort},
    {"find-hanging", "Find transactions that nobody will end.", k_find_hanging, true},
    {"forceTerminateTransaction", "Abort the open transaction of a transactional id.", k_terminate},
});
constexpr CommandLine k_line{
    .program = "kafka-transactions.sh",
    .description = "Shows who writes in transactions, and ends what hangs.",
    .shared = k_shared,
    .actions = k_actions,
    .metavar = "COMMAND"};

template <class Number>
std::optional<Number> number(const Given& given, std::string_view name) {
  if (!given.has(name)) return std::nullopt;
  const std::string text = given.one(name);
  Number value{};
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::optional<BrokerId> broker_of(const Given& given) {
  const auto id = number<std::int32_t>(given, "broker-id");
  return id ? std::optional(BrokerId{*id}) : std::nullopt;
}

TopicPartition partition_of(const Given& given) {
  return {given.one("topic"), PartitionIndex{number<std::int32_t>(given, "partition").value_or(0)}};
}

std::unexpected<Error> terse(std::string text) {
  return fail(Error(Errc::invalid_request, std::move(text)));
}
std::unexpected<Error> failed_to(std::string_view what, const Error& why) {
  return terse(fmt::format("Failed to {}: {}. Enable debug logging for additional detail.", what,
                           text_of(why)));
}

struct Table {
  std::vector<std::string> headers;
  std::vector<std::vector<std::string>> rows;
};

void print(ToolContext& context, const Given& given, const Table& table) {
  if (!given.has("json")) return context.console.out(tab_table(table.headers, table.rows));
  auto out = nlohmann::ordered_json::array();
  for (const auto& row : table.rows) {
    auto& one = out.emplace_back(nlohmann::ordered_json::object());
    for (std::size_t i = 0; i < row.size(); ++i) one[table.headers[i]] = row[i];
  }
  context.console.out(protojson::json_lines(out, 2) + "\n");
}

env::Task<Result<void>> list(ToolContext& context, client::Cluster& cluster, Given given) {
  client::TransactionFilter filter;
  if (const auto least = number<std::int64_t>(given, "duration-filter")) {
    filter.open_longer_than = Milliseconds{*least};
  }
  filter.pattern = given.one("transactional-id-pattern");
  const auto listed = co_await client::list_transactions(cluster, std::move(filter));
  if (!listed) co_return failed_to("list transactions", listed.error());
  Table table{.headers = {"TransactionalId", "Coordinator", "ProducerId", "TransactionState"},
              .rows = {}};
  for (const client::ListedTransaction& it : *listed) {
    table.rows.push_back({it.transactional_id, fmt::format("{}", it.coordinator),
                          fmt::format("{}", it.producer_id), it.state});
  }
  print(context, given, table);
  co_return Result<void>{};
}

env::Task<Result<void>> describe(ToolContext& context, client::Cluster& cluster, Given given) {
  const std::string id = given.one("transactional-id");
  const auto described = co_await client::describe_transaction(cluster, id);
  if (!described) {
    co_return failed_to(fmt::format("describe transaction state of transactional-id `{}`", id),
                        described.error());
  }
  std::string begun = "None";
  std::string open = "None";
  if (described->begun_at) {
    begun = fmt::format("{}", to_millis(*described->begun_at));
    open = fmt::format("{}", (context.env.clock.wall() - *described->begun_at).count());
  }
  std::string partitions;
  for (const TopicPartition& it : described->partitions) {
    partitions += fmt::format("{}{}", partitions.empty() ? "" : ",", it);
  }
  print(context, given,
        {.headers = {"CoordinatorId", "TransactionalId", "ProducerId", "ProducerEpoch",
                     "TransactionState", "TransactionTimeoutMs", "CurrentTransactionStartTimeMs",
                     "TransactionDurationMs", "TopicPartitions"},
         .rows = {{fmt::format("{}", described->coordinator), id,
                   fmt::format("{}", described->producer.id),
                   fmt::format("{}", described->producer.epoch), described->state,
                   fmt::format("{}", described->timeout.count()), begun, open, partitions}}});
  co_return Result<void>{};
}

env::Task<Result<void>> describe_producers(ToolContext& context, client::Cluster& cluster,
                                           Given given) {
  const TopicPartition partition = partition_of(given);
  const std::optional<BrokerId> broker = broker_of(given);
  const auto producers = co_await client::describe_producers(cluster, partition, broker);
  if (!producers) {
    co_return failed_to(
        fmt::format("describe producers for partition {} on {}", partition,
                    broker ? fmt::format("broker {}", *broker) : std::string("leader")),
        producers.error());
  }
  Table table{.headers = {"ProducerId", "ProducerEpoch", "LatestCoordinatorEpoch", "LastSequence",
                          "LastTimestamp", "CurrentTransactionStartOffset"},
              .rows = {}};
  for (const client::ActiveProducer& it : *producers) {
    table.rows.push_back(
        {fmt::format("{}", it.id), fmt::format("{}", it.epoch),
         fmt::format("{}", it.coordinator_epoch), fmt::format("{}", it.last_sequence),
         fmt::format("{}", to_millis(it.last_timestamp)),
         it.transaction_start ? fmt::format("{}", *it.transaction_start) : "None"});
  }
  print(context, given, table);
  co_return Result<void>{};
}

// The producer whose transaction begins at this offset.
env::Task<Result<client::AbortSpec>> spec_by_start(client::Cluster& cluster,
                                                   TopicPartition partition, Offset start) {
  const auto producers = co_await client::describe_producers(cluster, partition, std::nullopt);
  if (!producers) {
    co_return failed_to(fmt::format("validate producer state for partition {}", partition),
                        producers.error());
  }
  const auto found = std::ranges::find(*producers, std::optional(start),
                                       &client::ActiveProducer::transaction_start);
  if (found == producers->end()) {
    co_return terse(
        fmt::format("Could not find any open transactions starting at offset {} on partition {}",
                    start, partition));
  }
  co_return client::AbortSpec{partition,
                              {found->id, ProducerEpoch{static_cast<std::int16_t>(found->epoch)}},
                              std::max(found->coordinator_epoch, 0)};
}

Result<client::AbortSpec> spec_by_producer(const Given& given) {
  const auto epoch = number<std::int16_t>(given, "producer-epoch");
  if (!epoch) return terse("Missing required argument --producer-epoch");
  const auto coordinator = number<std::int32_t>(given, "coordinator-epoch");
  if (!coordinator) return terse("Missing required argument --coordinator-epoch");
  const ProducerId id{number<std::int64_t>(given, "producer-id").value_or(-1)};
  // -1 stands for a producer without any marker; 0 is not above any leader epoch.
  return client::AbortSpec{
      partition_of(given), {id, ProducerEpoch{*epoch}}, std::max(*coordinator, 0)};
}

env::Task<Result<void>> abort(client::Cluster& cluster, Given given) {
  const auto start = number<std::int64_t>(given, "start-offset");
  if (!start && !given.has("producer-id")) {
    co_return terse(
        "The transaction to abort must be identified either with --start-offset (for brokers on "
        "3.0 or above) or with --producer-id, --producer-epoch, and --coordinator-epoch (for older "
        "brokers)");
  }
  Result<client::AbortSpec> spec =
      start ? co_await spec_by_start(cluster, partition_of(given), Offset{*start})
            : spec_by_producer(given);
  if (!spec) co_return fail(std::move(spec).error());
  const auto done = co_await client::abort_transaction(cluster, *spec);
  if (!done) {
    co_return failed_to(fmt::format("abort transaction {}", client::text_of(*spec)), done.error());
  }
  co_return Result<void>{};
}

// The partitions to look at, in order.
env::Task<Result<std::vector<TopicPartition>>> partitions_to_search(client::Cluster& cluster,
                                                                    Given given) {
  std::vector<TopicPartition> out;
  if (given.has("partition")) {
    out.push_back(partition_of(given));
    co_return out;
  }
  std::optional<std::vector<std::string>> topics;
  if (given.has("topic")) topics = {given.one("topic")};
  const auto metadata = co_await cluster.refresh(topics);
  if (!metadata) co_return failed_to("list topics", metadata.error());
  const std::optional<BrokerId> broker = broker_of(given);
  for (const auto& topic : metadata->topics) {
    if (topic.error_code != Errc::none) {
      const bool unknown = topic.error_code == Errc::unknown_topic_or_partition;
      co_return failed_to(
          fmt::format("describe {} topics", topics ? 1 : metadata->topics.size()),
          unknown ? Error(topic.error_code, "This server does not host this topic-partition.")
                  : Error(topic.error_code));
    }
    for (const auto& it : topic.partitions) {
      const auto& replicas = it.replica_nodes;
      if (broker && std::ranges::find(replicas, *broker) == replicas.end()) continue;
      out.push_back({topic.name.value_or(""), it.partition_index});
    }
  }
  std::ranges::sort(out);
  co_return out;
}

env::Task<Result<std::vector<OpenTransaction>>> open_for_long(ToolContext& context,
                                                              client::Cluster& cluster,
                                                              Given given) {
  constexpr std::int32_t k_minutes = 15;
  const std::chrono::minutes most{
      number<std::int32_t>(given, "max-transaction-timeout").value_or(k_minutes)};
  CO_TRY(const std::vector<TopicPartition> partitions,
         co_await partitions_to_search(cluster, given));
  const std::optional<BrokerId> broker = broker_of(given);
  std::vector<OpenTransaction> out;
  for (const TopicPartition& partition : partitions) {
    const auto producers = co_await client::describe_producers(cluster, partition, broker);
    if (!producers) {
      co_return failed_to(
          fmt::format("describe producers for {} partitions on broker {}", partitions.size(),
                      broker ? fmt::format("Optional[{}]", *broker) : "Optional.empty"),
          producers.error());
    }
    for (const client::ActiveProducer& it : *producers) {
      const bool is_long = context.env.clock.wall() - it.last_timestamp > most;
      if (it.transaction_start && is_long) out.push_back({partition, it});
    }
  }
  co_return out;
}

env::Task<Result<std::vector<OpenTransaction>>> hanging(client::Cluster& cluster,
                                                        std::vector<OpenTransaction> open) {
  client::TransactionFilter filter;
  for (const OpenTransaction& it : open) filter.producer_ids.insert(it.producer.id);
  if (open.empty()) co_return open;
  const std::size_t count = filter.producer_ids.size();
  const auto listed = co_await client::list_transactions(cluster, std::move(filter));
  if (!listed) {
    co_return failed_to(fmt::format("list transactions for {} producers", count), listed.error());
  }
  std::map<ProducerId, std::string> owners;
  std::map<std::string, client::DescribedTransaction> described;
  for (const client::ListedTransaction& it : *listed) {
    owners[it.producer_id] = it.transactional_id;
    auto one = co_await client::describe_transaction(cluster, it.transactional_id);
    if (one) {
      described.emplace(it.transactional_id, *std::move(one));
    } else if (one.error().code() != Errc::transactional_id_not_found) {
      co_return failed_to(fmt::format("describe {} transactions", listed->size()), one.error());
    }
  }
  co_return hanging_of(open, owners, described);
}

env::Task<Result<void>> find_hanging(ToolContext& context, client::Cluster& cluster, Given given) {
  if (!given.has("topic") && !given.has("broker-id")) {
    co_return terse(
        "The `find-hanging` command requires either --topic or --broker-id to limit the scope of "
        "the search");
  }
  if (given.has("partition") && !given.has("topic")) {
    co_return terse("The --partition argument requires --topic to be provided");
  }
  CO_TRY(std::vector<OpenTransaction> open, co_await open_for_long(context, cluster, given));
  CO_TRY(const std::vector<OpenTransaction> found, co_await hanging(cluster, std::move(open)));
  Table table{.headers = {"Topic", "Partition", "ProducerId", "ProducerEpoch", "CoordinatorEpoch",
                          "StartOffset", "LastTimestamp", "Duration(min)"},
              .rows = {}};
  const Timestamp now = context.env.clock.wall();
  for (const OpenTransaction& it : found) {
    const auto minutes =
        std::chrono::duration_cast<std::chrono::minutes>(now - it.producer.last_timestamp);
    table.rows.push_back({it.partition.topic, fmt::format("{}", it.partition.partition),
                          fmt::format("{}", it.producer.id), fmt::format("{}", it.producer.epoch),
                          fmt::format("{}", it.producer.coordinator_epoch),
                          fmt::format("{}", *it.producer.transaction_start),
                          fmt::format("{}", to_millis(it.producer.last_timestamp)),
                          fmt::format("{}", minutes.count())});
  }
  print(context, given, table);
  co_return Result<void>{};
}

env::Task<Result<void>> terminate(client::Cluster& cluster, Given given) {
  const std::string id = given.one("transactionalId");
  const auto done = co_await client::fence_producer(cluster, id);
  if (!done) {
    co_return failed_to(fmt::format("force terminate transactionalId `{}`", id), done.error());
  }
  co_return Result<void>{};
}

env::Task<Result<void>> act(ToolContext& context, client::Cluster& cluster, ChosenAction chosen) {
  if (chosen.name == "list") return list(context, cluster, std::move(chosen.given));
  if (chosen.name == "describe") return describe(context, cluster, std::move(chosen.given));
  if (chosen.name == "describe-producers") {
    return describe_producers(context, cluster, std::move(chosen.given));
  }
  if (chosen.name == "abort") return abort(cluster, std::move(chosen.given));
  if (chosen.name == "find-hanging") return find_hanging(context, cluster, std::move(chosen.given));
  return terminate(cluster, std::move(chosen.given));
}

}  // namespace

std::vector<OpenTransaction> hanging_of(
    const std::vector<OpenTransaction>& open, const std::map<ProducerId, std::string>& owners,
    const std::map<std::string, client::DescribedTransaction>& described) {
  std::vector<OpenTransaction> out;
  for (const OpenTransaction& it : open) {
    const auto owner = owners.find(it.producer.id);
    const auto known = owner == owners.end() ? described.end() : described.find(owner->second);
    // What the coordinator names still waits for its marker.
    if (known == described.end() || !known->second.partitions.contains(it.partition)) {
      out.push_back(it);
    }
  }
  return out;
}

std::string tab_table(const std::vector<std::string>& headers,
                      const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (std::size_t i = 0; i < headers.size(); ++i) {
    std::size_t& width = widths.emplace_back(headers[i].size());
    for (const auto& row : rows) width = std::max(width, row[i].size());
  }
  std::string out;
  const auto add = [&](const std::vector<std::string>& row) {
    for (std::size_t i = 0; i < row.size(); ++i) out += fmt::format("{:<{}}\t", row[i], widths[i]);
    out += '\n';
  };
  add(headers);
  for (const auto& row : rows) add(row);
  return out;
}

env::Task<int> run_transactions(ToolContext& context) {
  if (std::ranges::find(context.words, "-v") != context.words.end()) {
    context.console.out(context.version + "\n");
    co_return k_ok;
  }
  Reading read = read_action(context, k_line, k_failed);
  if (!read.chosen) co_return read.exit_code;
  auto settings = co_await cluster_settings(context, read.chosen->given);
  constexpr std::string_view k_no_file = "java.nio.file.NoSuchFileException: ";
  if (!settings && settings.error().text().starts_with(k_no_file)) {
    context.console.err(fmt::format(
        "Failed to load admin client properties: {}. Enable debug logging for additional detail.\n",
        settings.error().text().substr(k_no_file.size())));
    co_return k_failed;
  }
  if (!settings) co_return report_no_client(context, settings.error());
  client::Cluster cluster(context.env, *std::move(settings));
  const Result<void> done = co_await act(context, cluster, *std::move(read.chosen));
  co_await cluster.close();
  if (done) co_return k_ok;
  context.console.err(text_of(done.error()) + "\n");
  co_return k_failed;
}

}  // namespace moldau::cli
