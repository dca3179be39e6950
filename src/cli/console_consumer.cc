#include "cli/console_consumer.h"

#include <fmt/core.h>

#include <algorithm>
#include <limits>

#include "cli/console_format.h"
#include "cli/console_settings.h"
#include "cli/console_source.h"
#include "cli/consumer_settings.h"
#include "cli/group_text.h"
#include "cli/name_pattern.h"
#include "cli/property_warnings.h"
#include "cli/session.h"
#include "config/value_text.h"

namespace moldau::cli {
namespace {

constexpr auto k_options = std::to_array<Option>({
    bootstrap_server("server to connect to"),
    {.name = "topic", .value = "topic", .help = "The topic to read."},
    {.name = "include",
     .value = "Java regex (String)",
     .help = "The topics to read, as a pattern."},
    {.name = "whitelist", .value = "Java regex (String)", .instead_of = "include"},
    {.name = "partition",
     .value = "partition",
     .type = "Integer",
     .help = "Only this partition of the topic."},
    {.name = "offset",
     .value = "consume offset",
     .help = "Where to begin in the partition: a number, earliest or latest.",
     .preset = "latest"},
    {.name = "from-beginning", .help = "Begin with the earliest record, not with the next."},
    {.name = "max-messages",
     .value = "num_messages",
     .type = "Integer",
     .help = "End after so many records."},
    {.name = "timeout-ms",
     .value = "timeout_ms",
     .type = "Long",
     .help = "End when no record comes for so long."},
    {.name = "formatter",
     .value = "class",
     .help = "How records are written.",
     .preset = "org.apache.kafka.tools.consumer.DefaultMessageFormatter"},
    {.name = "formatter-property",
     .value = "prop",
     .help = "print.key, print.offset, key.separator, null.literal, ...",
     .repeatable = true},
    {.name = "formatter-config", .value = "config file", .help = "Properties for the formatter."},
    {.name = "property", .value = "prop", .help = "Use --formatter-property.", .repeatable = true},
    {.name = "key-deserializer", .value = "deserializer for keys", .help = "How keys are read."},
    {.name = "value-deserializer",
     .value = "deserializer for values",
     .help = "How values are read."},
    {.name = "skip-message-on-error", .help = "Go on when a record cannot be written."},
    {.name = "enable-systest-events", .help = "Print shutdown_complete at the end."},
    {.name = "isolation-level",
     .type = "String",
     .help = "read_committed or read_uncommitted.",
     .preset = "read_uncommitted"},
    {.name = "group",
     .value = "consumer group id",
     .help = "The consumer group to read in; one for this run when it is not given."},
    {.name = "command-property",
     .value = "consumer_prop",
     .help = "A setting of the consumer.",
     .repeatable = true},
    {.name = "consumer-property",
     .value = "consumer_prop",
     .help = "Use --command-property.",
     .repeatable = true},
    {.name = "consumer.config", .value = "config file", .help = "Use --command-config."},
    command_config("config file"),
    k_help,
});
constexpr std::string_view k_what =
    "This tool reads records from topics and writes them to standard output.";
constexpr std::string_view k_tool_class = "org.apache.kafka.tools.consumer.ConsoleConsumer";
constexpr Milliseconds k_for_ever{std::numeric_limits<std::int32_t>::max()};

struct OldOption {
  std::string_view old_name, new_name;
};
constexpr auto k_old_options = std::to_array<OldOption>({
    {"consumer-property", "command-property"},
    {"consumer.config", "command-config"},
    {"property", "formatter-property"},
});

// earliest and latest as ListOffsets numbers them. nullopt: not an offset.
std::optional<std::int64_t> start_of(const Given& given) {
  if (!given.has("offset")) {
    return static_cast<std::int64_t>(given.has("from-beginning") ? client::OffsetSpec::earliest
                                                                 : client::OffsetSpec::latest);
  }
  const std::string text = config::lower(given.one("offset"));
  if (text == "earliest") return static_cast<std::int64_t>(client::OffsetSpec::earliest);
  if (text == "latest") return static_cast<std::int64_t>(client::OffsetSpec::latest);
  const Result<std::int64_t> number = integer_option(given, "offset");
  if (!number || *number < 0) return std::nullopt;
  return *number;
}

// Kafka's checks of what fits together, and its words; empty when all is well.
std::string misuse(const Given& given) {
  if (!given.has("bootstrap-server")) return "Missing required argument \"[bootstrap-server]\"";
  for (const OldOption& option : k_old_options) {
    if (!given.has(option.old_name) || !given.has(option.new_name)) continue;
    return fmt::format("Options --{} and --{} cannot be specified together.", option.old_name,
                       option.new_name);
  }
  if (given.has("topic") == given.has("include")) {
    return "Exactly one of the following arguments is required: [topic], [include]";
  }
  if (given.has("partition")) {
    if (!given.has("topic")) return "The topic is required when partition is specified.";
    if (given.has("from-beginning") && given.has("offset")) {
      return "Options from-beginning and offset cannot be specified together.";
    }
    if (given.has("group")) return "Options group and partition cannot be specified together.";
  } else if (given.has("offset")) {
    return "The partition is required when offset is specified.";
  }
  if (!start_of(given)) {
    return fmt::format(
        "The provided offset value '{}' is incorrect. Valid values are 'earliest', 'latest', or a "
        "non-negative long.",
        given.one("offset"));
  }
  return {};
}

constexpr std::string_view k_unknown_error = "Unknown error when running consumer: ";

void say_error(ToolContext& context, std::string_view text, std::string_view java_class,
               std::string_view reason) {
  context.console.flush();
  log_line(context, "ERROR", text, k_tool_class);
  context.console.err(fmt::format("{}: {}\n", java_class, reason));
}

// Why a record could not be written.
std::string_view class_of(const Error& error) {
  return error.code() == Errc::invalid_request
             ? "java.lang.IllegalArgumentException"
             : "org.apache.kafka.common.errors.SerializationException";
}

struct Plan {
  client::ClusterSettings cluster;
  ConsoleSource::Wanted wanted;
  MessageFormatter formatter;
  std::int64_t messages_max = -1;
  Milliseconds timeout = k_for_ever;
  bool skip_bad = false;
};

// What a record's failure was, when it ends the tool.
struct Progress {
  std::int64_t count = 0;
  std::optional<Error> failed;
  [[nodiscard]] bool over(const Plan& plan) const {
    return failed || (plan.messages_max >= 0 && count >= plan.messages_max);
  }
};

void print(ToolContext& context, const Plan& plan,
           const std::vector<client::PartitionRecords>& polled, ConsoleSource& source,
           Progress& progress) {
  std::string text;
  for (const client::PartitionRecords& part : polled) {
    for (const client::IncomingRecord& record : part.records) {
      if (progress.over(plan)) {
        source.give_back(part.partition, record.offset);
        break;
      }
      ++progress.count;
      text.clear();
      const auto written = plan.formatter.write(record, part.partition.partition, text);
      context.console.out(text);
      if (written) continue;
      if (plan.skip_bad) {
        say_error(context,
                  "Error processing message, skipping this message: ", class_of(written.error()),
                  text_of(written.error()));
      } else {
        progress.failed = written.error();
      }
    }
  }
  context.console.flush();
}

env::Task<Progress> consume(ToolContext& context, Plan plan, ConsoleSource& source) {
  constexpr std::string_view k_text = "Error processing message, terminating consumer process: ";
  Progress progress;
  while (!progress.over(plan)) {
    const auto polled = co_await source.poll(context.env.clock.now() + plan.timeout);
    if (context.console.interrupted()) break;
    const bool late = !polled && (polled.error().code() == Errc::timed_out ||
                                  polled.error().code() == Errc::leader_not_available);
    if (!polled && !late) {
      const std::string name = exception_name(polled.error().code());
      say_error(context, k_text, "org.apache.kafka.common.errors." + name,
                kafkas_text(polled.error()));
      break;
    }
    if (!polled || polled->empty()) {
      say_error(context, k_text, "org.apache.kafka.common.errors.TimeoutException", "null");
      break;
    }
    print(context, plan, *polled, source, progress);
  }
  co_return progress;
}

// The group that was named, in one way or in several that agree; else one for this run alone.
// Errors: invalid_request.
Result<ConsoleSource::Wanted> wanted(ToolContext& context, const Given& given,
                                     PropertyMap properties) {
  constexpr std::uint64_t k_group_numbers = 100'000;
  ConsoleSource::Wanted out;
  std::vector<std::string> groups;
  if (given.has("group")) groups.push_back(given.one("group"));
  if (const auto found = properties.find("group.id"); found != properties.end()) {
    if (groups.empty() || groups.front() != found->second) groups.push_back(found->second);
  }
  if (groups.size() > 1) {
    return fail(Errc::invalid_request,
                "The group ids provided in different places (directly using '--group', via "
                "'--consumer-property', or via '--consumer.config') do not match. Detected group "
                "ids: '{}', '{}'",
                groups[0], groups[1]);
  }
  if (!groups.empty() && given.has("partition")) {
    return fail(Errc::invalid_request, "Options group and partition cannot be specified together.");
  }
  const std::uint64_t number = context.env.entropy.next() % k_group_numbers;
  properties["group.id"] =
      groups.empty() ? fmt::format("console-consumer-{}", number) : groups.front();
  if (groups.empty()) properties.try_emplace("enable.auto.commit", "false");
  properties.try_emplace("auto.offset.reset", given.has("from-beginning") ? "earliest" : "latest");
  if (given.has("isolation-level")) properties["isolation.level"] = given.one("isolation-level");
  TRY(out.settings, consumer_settings(properties));
  if (given.has("topic")) out.topic = given.one("topic");
  if (given.has("include")) {
    TRY(out.include, NamePattern::read(given.one("include")));
  }
  if (given.has("partition")) {
    TRY(const std::int64_t partition, integer_option(given, "partition"));
    out.partition = PartitionIndex{static_cast<std::int32_t>(partition)};
    out.start = start_of(given).value_or(0);
  }
  return out;
}

env::Task<Result<Plan>> make_plan(ToolContext& context, Given given) {
  Plan plan;
  const std::string file = given.has("consumer.config") ? "consumer.config" : "command-config";
  const std::string pairs =
      given.has("consumer-property") ? "consumer-property" : "command-property";
  CO_TRY(PropertyMap properties, co_await read_property_options(context, given, file, pairs));
  warn_about(context, {config::Scope::consumer}, properties);
  properties.try_emplace("client.id", "console-consumer");
  const auto reset = properties.find("auto.offset.reset");
  if (given.has("from-beginning") && reset != properties.end() && reset->second != "earliest") {
    co_return fail(Errc::invalid_request,
                   "Can't simultaneously specify --from-beginning and 'auto.offset.reset={}', "
                   "please remove one option",
                   reset->second);
  }
  CO_TRY(plan.cluster.bootstrap, client::parse_endpoints(given.one("bootstrap-server")));
  CO_TRY(plan.wanted, wanted(context, given, properties));
  CO_TRY_OK(apply_to_cluster(plan.cluster, properties));
  CO_TRY(PropertyMap format,
         co_await read_property_options(context, given, "formatter-config",
                                        given.has("property") ? "property" : "formatter-property"));
  for (const std::string_view name : {"key", "value", "headers"}) {
    const std::string option = fmt::format("{}-deserializer", name);
    const std::string key = fmt::format("{}.deserializer", name);
    if (given.has(option)) format[key] = given.one(option);
    const auto found = format.find(key);
    if (found == format.end() || is_deserializer(found->second)) continue;
    log_line(context, "ERROR",
             fmt::format("Unable to instantiate a deserializer from {}", found->second),
             "org.apache.kafka.tools.consumer.DefaultMessageFormatter");
    context.console.err(fmt::format("java.lang.ClassNotFoundException: {}\n", found->second));
    format.erase(found);
  }
  CO_TRY(plan.formatter,
         MessageFormatter::from(
             given.one("formatter", "org.apache.kafka.tools.consumer.DefaultMessageFormatter"),
             format));
  if (given.has("max-messages")) {
    CO_TRY(plan.messages_max, integer_option(given, "max-messages"));
  }
  if (given.has("timeout-ms")) {
    CO_TRY(const std::int64_t timeout, integer_option(given, "timeout-ms"));
    if (timeout >= 0) plan.timeout = std::min(Milliseconds{timeout}, k_for_ever);
    // No look-up of an offset waits longer than the person wants to.
    plan.cluster.api_timeout = std::min(plan.cluster.api_timeout, plan.timeout);
  }
  plan.skip_bad = given.has("skip-message-on-error");
  co_return plan;
}

// A number that is none, or none of Java's type; empty when all are good. Kafka's tool looks at the
// number of messages late.
std::string bad_number(ToolContext& context, const Given& given) {
  for (const std::string_view name : {"partition", "timeout-ms", "max-messages"}) {
    if (!given.has(name)) continue;
    const auto number = integer_option(given, name);
    const bool is_int = number && *number == static_cast<std::int32_t>(*number);
    if (number && (is_int || name == "timeout-ms")) continue;
    if (name == "max-messages") {
      context.console.err("Processed a total of 0 messages\n");
      log_line(context, "ERROR", k_unknown_error, k_tool_class);
    }
    return fmt::format("Cannot parse argument '{}' of option {}", given.one(name), name);
  }
  return {};
}

// A topic that is nothing but blanks; empty when it has a name.
std::string_view nameless(const Given& given) {
  if (!given.has("topic") || !config::java_trim(given.one("topic")).empty()) return {};
  return given.has("partition")
             ? "Topic partitions to assign to cannot have null or empty topic"
             : "Topic collection to subscribe to cannot contain null or empty topic";
}

int no_plan(ToolContext& context, const Given& given, const Error& error) {
  if (error.code() == Errc::invalid_request) {
    const std::string formatter = given.one("formatter");
    const bool of_group = error.text().starts_with("The group ids provided") ||
                          error.text().starts_with("Options group");
    const bool table = of_group || (!formatter.empty() && error.text() == formatter);
    context.console.err(
        fmt::format("{}\n{}", text_of(error), table ? option_table(k_options) : ""));
    return k_failed;
  }
  if (error.code() == Errc::not_found) {
    context.console.err(text_of(error) + "\n");
    return k_failed;
  }
  log_line(context, "ERROR", k_unknown_error, k_tool_class);
  const bool of_setting = error.text().starts_with("Invalid value ");
  constexpr std::string_view k_no_consumer =
      "org.apache.kafka.common.KafkaException: Failed to construct kafka consumer\nCaused by: ";
  const std::string cause = error.code() == Errc::invalid_session_timeout
                                ? "java.lang.IllegalArgumentException: " + text_of(error)
                                : with_exception(error);
  context.console.err(fmt::format("{}{}\n", of_setting ? "" : k_no_consumer, cause));
  return k_failed;
}

// Kafka's consumer is not even made when no name of a server has an address; one that has one and
// does not answer may do so later.
env::Task<bool> has_address(ToolContext& context, client::ClusterSettings settings) {
  const std::vector<env::Endpoint> endpoints = std::move(settings.bootstrap);
  for (const env::Endpoint& endpoint : endpoints) {
    settings.bootstrap = {endpoint};
    client::Cluster alone(context.env, settings);
    const auto opened = co_await alone.any();
    co_await alone.close();
    if (opened || opened.error().code() != Errc::bad_configuration) co_return true;
  }
  co_return false;
}

}  // namespace

env::Task<int> run_console_consumer(ToolContext& context) {
  const std::optional<Given> given =
      read_words(context, k_what, k_options, Repeats::refused, {}, OnMistake::text_and_options);
  if (!given) co_return k_failed;
  const auto refuse = [&](std::string_view why) {
    context.console.err(fmt::format("{}\n{}", why, option_table(k_options)));
    return k_failed;
  };
  if (const std::string wrong = misuse(*given); !wrong.empty()) co_return refuse(wrong);
  for (const OldOption& option : k_old_options) {
    if (!given->has(option.old_name)) continue;
    context.console.out(fmt::format(
        "Option --{} is deprecated and will be removed in a future version. Use --{} instead.\n",
        option.old_name, option.new_name));
  }
  if (const std::string wrong = bad_number(context, *given); !wrong.empty()) {
    context.console.err(wrong + "\n");
    co_return k_failed;
  }
  const Result<Plan> plan = co_await make_plan(context, *given);
  if (!plan) co_return no_plan(context, *given, plan.error());
  if (const std::string_view wrong = nameless(*given); !wrong.empty()) {
    say_error(context, k_unknown_error, "java.lang.IllegalArgumentException", wrong);
    co_return k_failed;
  }
  client::Cluster cluster(context.env, plan->cluster);
  const auto opened = co_await cluster.any();
  if (!opened && opened.error().code() == Errc::bad_configuration &&
      !co_await has_address(context, plan->cluster)) {
    co_await cluster.close();
    co_return no_plan(
        context, *given,
        Error(Errc::bad_configuration, "No resolvable bootstrap urls given in bootstrap.servers"));
  }
  Progress progress;
  {
    ConsoleSource source(cluster, plan->wanted, context.console);
    progress = co_await consume(context, *plan, source);
    co_await source.close();
  }
  co_await cluster.close();
  context.console.err(fmt::format("Processed a total of {} messages\n", progress.count));
  if (progress.failed) {
    say_error(context, k_unknown_error, class_of(*progress.failed), text_of(*progress.failed));
  }
  if (given->has("enable-systest-events")) context.console.out("shutdown_complete\n");
  context.console.flush();
  co_return progress.failed ? k_failed : k_ok;
}

}  // namespace moldau::cli
