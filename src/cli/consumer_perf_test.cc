#include "cli/consumer_perf_test.h"

#include <fmt/core.h>

#include <set>

#include "cli/console_settings.h"
#include "cli/consumer_settings.h"
#include "cli/java_text.h"
#include "cli/name_pattern.h"
#include "cli/perf_text.h"
#include "cli/property_warnings.h"
#include "cli/session.h"
#include "client/consumer.h"

namespace moldau::cli {
namespace {

constexpr auto k_options = std::to_array<Option>({
    bootstrap_server("server to connect to"),
    {.name = "broker-list", .value = "broker-list", .instead_of = "bootstrap-server"},
    {.name = "topic", .value = "topic", .help = "The topic to read."},
    {.name = "include",
     .value = "Java regex (String)",
     .help = "The topics to read, as a pattern."},
    {.name = "group",
     .value = "gid",
     .help = "The consumer group.",
     .preset = "perf-consumer-<number>"},
    {.name = "fetch-size",
     .value = "size",
     .type = "Integer",
     .help = "Bytes of one partition in one answer.",
     .preset = "1048576"},
    {.name = "command-property",
     .value = "prop1=val1",
     .help = "A setting of the consumer.",
     .repeatable = true},
    {.name = "from-latest", .help = "Begin with the next record, not with the earliest."},
    {.name = "socket-buffer-size",
     .value = "size",
     .type = "Integer",
     .help = "Taken and not used: the system chooses.",
     .preset = "2097152"},
    {.name = "consumer.config", .value = "config file", .help = "Use --command-config."},
    command_config("config file"),
    {.name = "print-metrics", .help = "Print what the consumer counted."},
    {.name = "show-detailed-stats", .help = "A line for each interval."},
    {.name = "timeout",
     .value = "milliseconds",
     .type = "Long",
     .help = "End when no record comes for so long.",
     .value_is_optional = true,
     .preset = "10000"},
    {.name = "messages", .value = "count", .type = "Long", .help = "Use --num-records."},
    {.name = "num-records",
     .value = "count",
     .type = "Long",
     .help = "REQUIRED: how many records to read."},
    {.name = "reporting-interval",
     .value = "interval_ms",
     .type = "Long",
     .help = "The interval of --show-detailed-stats.",
     .preset = "5000"},
    {.name = "date-format",
     .value = "date format",
     .help = "How times are written.",
     .preset = "yyyy-MM-dd HH:mm:ss:SSS"},
    {.name = "hide-header", .help = "Leave out the first line."},
    k_help,
});
constexpr double k_mebibyte = 1024.0 * 1024.0;

std::string misuse(const Given& given) {
  if (!given.has("bootstrap-server")) return "Missing required argument \"[bootstrap-server]\"";
  if (given.has("topic") == given.has("include")) {
    return "Exactly one of the following arguments is required: [topic], [include]";
  }
  if (given.has("messages") == given.has("num-records")) {
    return "Exactly one of the following arguments is required: [messages], [num-records]";
  }
  if (given.has("consumer.config") && given.has("command-config")) {
    return "Option \"[consumer.config]\" can't be used with option \"[command-config]\"";
  }
  return {};
}

// How long the consumer had no partitions.
class JoinTimes final : public client::RebalanceListener {
 public:
  explicit JoinTimes(env::Clock& clock) : clock_(clock), since_(clock.wall()) {}
  env::Task<void> on_assigned(std::vector<client::TopicPartition> partitions) override {
    if (assigned_.empty()) {
      total += clock_.wall() - since_;
      in_window += clock_.wall() - since_;
    }
    assigned_.insert(partitions.begin(), partitions.end());
    co_return;
  }
  env::Task<void> on_revoked(std::vector<client::TopicPartition> partitions) override {
    for (const auto& partition : partitions) assigned_.erase(partition);
    if (assigned_.empty()) since_ = clock_.wall();
    co_return;
  }
  Milliseconds total{0};
  Milliseconds in_window{0};

 private:
  env::Clock& clock_;
  Timestamp since_;
  std::set<client::TopicPartition> assigned_;
};

struct Amount {
  std::int64_t records = 0;
  std::int64_t bytes = 0;
  [[nodiscard]] double mebibytes() const { return static_cast<double>(bytes) / k_mebibyte; }
};

struct Plan {
  client::ClusterSettings cluster;
  client::ConsumerSettings consumer;
  std::int64_t records = 0;
  Milliseconds timeout{10'000};
  Milliseconds interval{5'000};
  std::string date_format;
};

env::Task<Result<Plan>> make_plan(ToolContext& context, Given given) {
  constexpr std::uint64_t k_group_numbers = 100'000;
  Plan plan;
  const std::string file = given.has("consumer.config") ? "consumer.config" : "command-config";
  CO_TRY(PropertyMap properties,
         co_await read_property_options(context, given, file, "command-property"));
  warn_about(context, {config::Scope::consumer}, properties);
  const std::uint64_t number = context.env.entropy.next() % k_group_numbers;
  properties["group.id"] = given.one("group", fmt::format("perf-consumer-{}", number));
  properties["max.partition.fetch.bytes"] = given.one("fetch-size", "1048576");
  properties["auto.offset.reset"] = given.has("from-latest") ? "latest" : "earliest";
  properties["check.crcs"] = "false";
  properties.try_emplace("client.id", "perf-consumer-client");
  CO_TRY(plan.cluster.bootstrap, client::parse_endpoints(given.one("bootstrap-server")));
  CO_TRY(plan.consumer, consumer_settings(properties));
  CO_TRY_OK(apply_to_cluster(plan.cluster, properties));
  CO_TRY(plan.records, integer_option(given, given.has("messages") ? "messages" : "num-records"));
  if (!given.one("timeout").empty()) {
    CO_TRY(const std::int64_t timeout, integer_option(given, "timeout"));
    plan.timeout = Milliseconds{timeout};
  }
  if (given.has("reporting-interval")) {
    CO_TRY(const std::int64_t interval, integer_option(given, "reporting-interval"));
    if (interval <= 0) {
      co_return fail(Errc::invalid_request, "Reporting interval must be greater than 0.");
    }
    plan.interval = Milliseconds{interval};
  }
  plan.date_format = given.one("date-format", "yyyy-MM-dd HH:mm:ss:SSS");
  co_return plan;
}

double seconds(Milliseconds time) { return static_cast<double>(time.count()) / 1000.0; }

std::string window_text(const Plan& plan, Amount all, Amount before, Timestamp from, Timestamp to,
                        Milliseconds joining) {
  const Amount part{all.records - before.records, all.bytes - before.bytes};
  const Milliseconds fetching = to - from - joining;
  const double fetched = fetching.count() <= 0 ? 0.0 : 1.0 / seconds(fetching);
  return fmt::format("{}, 0, {}, {}, {}, {}, {}, {}, {}, {}\n", format_date(to, plan.date_format),
                     java_fixed(all.mebibytes()), java_fixed(part.mebibytes() / seconds(to - from)),
                     all.records,
                     java_fixed(static_cast<double>(part.records) / seconds(to - from)),
                     joining.count(), fetching.count(), java_fixed(part.mebibytes() * fetched),
                     java_fixed(static_cast<double>(part.records) * fetched));
}

std::string total_text(const Plan& plan, Amount all, Timestamp from, Timestamp to,
                       Milliseconds joining) {
  const Milliseconds fetching = to - from - joining;
  const auto records = static_cast<double>(all.records);
  return fmt::format("{}, {}, {}, {}, {}, {}, {}, {}, {}, {}\n",
                     format_date(from, plan.date_format), format_date(to, plan.date_format),
                     java_fixed(all.mebibytes()), java_fixed(all.mebibytes() / seconds(to - from)),
                     all.records, java_fixed(records / seconds(to - from)), joining.count(),
                     fetching.count(), java_fixed(all.mebibytes() / seconds(fetching)),
                     java_fixed(records / seconds(fetching)));
}

env::Task<Result<Amount>> consume(ToolContext& context, client::Consumer& consumer, Plan plan,
                                  JoinTimes& joins, bool detailed) {
  constexpr Milliseconds k_poll{100};
  env::Clock& clock = context.env.clock;
  Amount all;
  Amount reported;
  Timestamp reported_at = clock.wall();
  Timestamp last_at = reported_at;
  Timestamp now = reported_at;
  while (all.records < plan.records && now - last_at <= plan.timeout) {
    if (context.console.interrupted()) break;
    CO_TRY(const auto polled, co_await consumer.poll(k_poll));
    now = clock.wall();
    if (!polled.empty()) last_at = now;
    for (const client::PartitionRecords& part : polled) {
      for (const client::IncomingRecord& record : part.records) {
        ++all.records;
        if (record.key) all.bytes += std::ssize(record.key->view());
        if (record.value) all.bytes += std::ssize(record.value->view());
        if (now - reported_at < plan.interval) continue;
        if (detailed) {
          context.console.out(window_text(plan, all, reported, reported_at, now, joins.in_window));
        }
        joins.in_window = Milliseconds{0};
        reported_at = now;
        reported = all;
      }
    }
  }
  if (all.records < plan.records) {
    context.console.out(fmt::format(
        "WARNING: Exiting before consuming the expected number of records: timeout ({} ms) "
        "exceeded. You can use the --timeout option to increase the timeout.\n",
        plan.timeout.count()));
  }
  co_return all;
}

env::Task<Result<void>> measure(ToolContext& context, client::Cluster& cluster, Plan plan,
                                Given given) {
  CO_TRY(const std::unique_ptr<client::Consumer> consumer,
         client::Consumer::make(cluster, plan.consumer));
  JoinTimes joins(context.env.clock);
  const Timestamp begun = context.env.clock.wall();
  Result<NamePattern> pattern = NamePattern::read(given.one("include"));
  if (given.has("topic")) {
    consumer->subscribe({given.one("topic")}, &joins);
  } else if (pattern) {
    consumer->subscribe_matching(
        [it = *pattern](std::string_view name) { return it.matches(name); }, &joins);
  }
  const bool detailed = given.has("show-detailed-stats");
  const auto read = co_await consume(context, *consumer, plan, joins, detailed);
  const Timestamp ended = context.env.clock.wall();
  if (read && !detailed) {
    context.console.out(total_text(plan, *read, begun, ended, joins.total));
  }
  if (read && given.has("print-metrics")) {
    const auto name = [&](std::string_view metric) {
      return fmt::format("consumer-fetch-manager-metrics:{}:{{client-id={}}}", metric,
                         plan.cluster.client_id);
    };
    context.console.out(
        metrics_table({{name("bytes-consumed-total"), static_cast<double>(read->bytes)},
                       {name("records-consumed-total"), static_cast<double>(read->records)}}));
  }
  co_await consumer->close();
  if (!read) co_return fail(read.error());
  co_return Result<void>{};
}

}  // namespace

env::Task<int> run_consumer_perf_test(ToolContext& context) {
  const std::optional<Given> given =
      read_words(context, "This tool is used to verify the consumer performance.", k_options,
                 Repeats::refused, {}, OnMistake::text_and_options);
  if (!given) co_return k_failed;
  if (const std::string wrong = misuse(*given); !wrong.empty()) {
    context.console.err(fmt::format("{}\n{}", wrong, option_table(k_options)));
    co_return k_failed;
  }
  if (given->has("messages")) {
    context.console.out("Warning: --messages is deprecated. Use --num-records instead.\n");
  }
  if (given->has("consumer.config")) {
    context.console.out(
        "Warning: --consumer.config is deprecated. Use --command-config instead.\n");
  }
  if (!given->has("hide-header")) {
    context.console.out(
        fmt::format("{}, data.consumed.in.MB, MB.sec, data.consumed.in.nMsg, nMsg.sec, "
                    "rebalance.time.ms, fetch.time.ms, fetch.MB.sec, fetch.nMsg.sec\n",
                    given->has("show-detailed-stats") ? "time, threadId" : "start.time, end.time"));
  }
  const Result<Plan> plan = co_await make_plan(context, *given);
  if (!plan) {
    context.console.err(text_of(plan.error()) + "\n");
    co_return k_failed;
  }
  client::Cluster cluster(context.env, plan->cluster);
  const Result<void> done = co_await measure(context, cluster, *plan, *given);
  co_await cluster.close();
  context.console.flush();
  if (done) co_return k_ok;
  context.console.err(text_of(done.error()) + "\n");
  co_return k_failed;
}

}  // namespace moldau::cli
