#include "cli/verifiable_producer.h"

#include <fmt/core.h>

#include <map>
#include <nlohmann/json.hpp>

#include "cli/console_settings.h"
#include "cli/producer_settings.h"
#include "cli/property_warnings.h"
#include "cli/session.h"
#include "cli/subcommands.h"
#include "cli/verifiable_text.h"
#include "client/producer.h"

namespace moldau::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr auto k_arguments = std::to_array<Argument>({
    {.name = "topic", .takes_value = true, .required = true, .help = "The topic to send to."},
    {.name = "max-messages",
     .takes_value = true,
     .kind = Argument::Kind::integer,
     .metavar = "MAX-MESSAGES",
     .help = "Send so many; -1: until it is ended. (default: -1)"},
    {.name = "throughput",
     .takes_value = true,
     .kind = Argument::Kind::integer,
     .help = "About so many a second; -1: as many as go. (default: -1)"},
    {.name = "acks",
     .takes_value = true,
     .kind = Argument::Kind::integer,
     .metavar = "ACKS",
     .choices = "0,1,-1",
     .help = "Acknowledgements to wait for. (default: -1)"},
    {.name = "producer.config",
     .takes_value = true,
     .metavar = "CONFIG-FILE",
     .help = "Use --command-config."},
    {.name = "message-create-time",
     .takes_value = true,
     .kind = Argument::Kind::long_integer,
     .metavar = "CREATE-TIME",
     .help = "The time of the first record. (default: -1)"},
    {.name = "value-prefix",
     .takes_value = true,
     .kind = Argument::Kind::integer,
     .metavar = "VALUE-PREFIX",
     .help = "A number and a dot before each value."},
    {.name = "repeating-keys",
     .takes_value = true,
     .kind = Argument::Kind::integer,
     .metavar = "REPEATING-KEYS",
     .help = "Keys 0 to one below this, again and again."},
    {.name = "command-config",
     .takes_value = true,
     .metavar = "CONFIG-FILE",
     .help = "A file of settings."},
    {.name = "bootstrap-server",
     .takes_value = true,
     .metavar = "HOST1:PORT1[,HOST2:PORT2[...]]",
     .group = 1,
     .help = "The brokers to connect to."},
});
constexpr auto k_actions =
    std::to_array<Action>({{.name = "", .help = "", .arguments = k_arguments}});
constexpr CommandLine k_line{
    .program = "verifiable-producer",
    .description =
        "This tool produces increasing integers to the specified topic and prints JSON "
        "metadata to stdout on each \"send\" request, making externally visible which "
        "messages have been acked and which have not.",
    .shared = {},
    .one_of_each = true,
    .single = true,
    .actions = k_actions};

struct Plan {
  client::ClusterSettings cluster;
  client::ProducerSettings producer;
  std::int64_t messages_max = -1;
  std::int64_t throughput = -1;
  std::optional<std::int64_t> create_time;
  std::optional<std::int64_t> prefix;
  std::int64_t keys = 0;  // 0: no keys
};

env::Task<Result<Plan>> make_plan(ToolContext& context, Given given) {
  CO_TRY(const std::string file, config_option(context, given, "producer.config"));
  CO_TRY(PropertyMap properties, co_await read_property_options(context, given, file, ""));
  properties.try_emplace("acks", given.one("acks", "-1"));
  properties.try_emplace("retries", "0");
  Plan plan;
  CO_TRY(plan.cluster.bootstrap, client::parse_endpoints(given.one("bootstrap-server")));
  warn_about(context, {config::Scope::producer}, properties);
  CO_TRY(plan.producer, producer_settings(properties));
  CO_TRY_OK(apply_to_cluster(plan.cluster, properties));
  const auto number = [&](std::string_view name) -> Result<std::int64_t> {
    return given.has(name) ? integer_option(given, name) : Result<std::int64_t>(-1);
  };
  CO_TRY(plan.messages_max, number("max-messages"));
  CO_TRY(plan.throughput, number("throughput"));
  CO_TRY(const std::int64_t time, number("message-create-time"));
  if (time != -1) plan.create_time = time;
  if (given.has("value-prefix")) {
    CO_TRY(plan.prefix, integer_option(given, "value-prefix"));
  }
  if (given.has("repeating-keys")) {
    CO_TRY(plan.keys, integer_option(given, "repeating-keys"));
  }
  co_return plan;
}

// What was sent and what became of it, told line by line.
class Events {
 public:
  Events(ToolContext& context, std::string topic)
      : context_(context), topic_(std::move(topic)), begun_(context.env.clock.wall()) {}

  void sent(client::DeliveryToken token, Json record) {
    ++sent_;
    on_way_[token.value()] = std::move(record);
  }
  void report(client::DeliveryToken token, const Result<client::Delivery>& result) {
    Json record = std::move(on_way_[token.value()]);
    on_way_.erase(token.value());
    if (!result) return refused(std::move(record), result.error());
    ++acked_;
    record.update({{"offset", result->offset.value()},
                   {"topic", topic_},
                   {"partition", result->partition.partition.value()}});
    say_event(context_, "producer_send_success", record);
  }
  void refused(Json record, const Error& error) {
    record.update(
        {{"exception", with_exception(error)}, {"message", text_of(error)}, {"topic", topic_}});
    say_event(context_, "producer_send_error", record);
  }
  void total(std::int64_t throughput) {
    const Milliseconds took = context_.env.clock.wall() - begun_;
    say_event(context_, "tool_data",
              {{"sent", sent_},
               {"acked", acked_},
               {"target_throughput", throughput},
               {"avg_throughput",
                1000.0 * static_cast<double>(acked_) / static_cast<double>(took.count())}});
  }

 private:
  ToolContext& context_;
  std::string topic_;
  Timestamp begun_;
  std::map<std::uint64_t, Json> on_way_;
  std::int64_t sent_ = 0;
  std::int64_t acked_ = 0;
};

std::vector<std::byte> bytes_of(const std::string& text) {
  const Bytes bytes = as_bytes(text);
  return {bytes.begin(), bytes.end()};
}

env::Task<void> send_all(ToolContext& context, client::Producer& producer, Events& events,
                         Plan plan, std::string topic) {
  const Instant begun = context.env.clock.now();
  const Timestamp begun_at = context.env.clock.wall();
  for (std::int64_t i = 0; plan.messages_max < 0 || i < plan.messages_max; ++i) {
    if (context.console.interrupted()) co_return;
    const std::string value =
        plan.prefix ? fmt::format("{}.{}", *plan.prefix, i) : std::to_string(i);
    Json shown{{"key", nullptr}, {"value", value}};
    client::OutgoingRecord record;
    record.value = bytes_of(value);
    if (plan.keys > 0) {
      shown["key"] = std::to_string(i % plan.keys);
      record.key = bytes_of(std::to_string(i % plan.keys));
    }
    if (plan.create_time) {
      record.timestamp = timestamp_of(*plan.create_time);
      *plan.create_time += (context.env.clock.wall() - begun_at).count();
    }
    const auto token = co_await producer.send(topic, std::nullopt, std::move(record));
    if (token) {
      events.sent(*token, std::move(shown));
    } else {
      events.refused(std::move(shown), token.error());
    }
    if (plan.throughput <= 0) continue;
    const double due = static_cast<double>(i + 1) / static_cast<double>(plan.throughput);
    const Instant at =
        begun + std::chrono::duration_cast<Duration>(std::chrono::duration<double>(due));
    if (at > context.env.clock.now()) co_await env::sleep_until(context.env, at);
  }
}

}  // namespace

env::Task<int> run_verifiable_producer(ToolContext& context) {
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
  const std::string topic = given.one("topic");
  Events events(context, topic);
  client::Cluster cluster(context.env, plan->cluster);
  client::Producer producer(
      cluster, plan->producer,
      [&](client::DeliveryToken token, const Result<client::Delivery>& result) {
        events.report(token, result);
      });
  say_event(context, "startup_complete");
  co_await send_all(context, producer, events, *plan, topic);
  co_await producer.close();
  co_await cluster.close();
  say_event(context, "shutdown_complete");
  events.total(plan->throughput);
  co_return k_ok;
}

}  // namespace moldau::cli
