#include "cli/get_offsets.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <nlohmann/json.hpp>

#include "cli/group_text.h"
#include "cli/name_pattern.h"
#include "cli/session.h"
#include "client/reader.h"
#include "config/value_text.h"
#include "protojson/json_text.h"

namespace moldau::cli {
namespace {

constexpr auto k_options = std::to_array<Option>({
    bootstrap_server("HOST1:PORT1,...,HOST3:PORT3"),
    {.name = "broker-list", .value = "host:port,...", .instead_of = "bootstrap-server"},
    {.name = "topic", .value = "topic", .help = "Topics; all when it is not given."},
    {.name = "partitions",
     .value = "partition ids",
     .help = "Partitions; all when it is not given."},
    {.name = "topic-partitions",
     .value = "topic1:1,topic2:0-3,topic3,topic4:5-,topic5:-3",
     .help = "Patterns of topics, each with a partition, a range or nothing."},
    {.name = "time",
     .value = "<timestamp> / -1 or latest / -2 or earliest / -3 or max-timestamp / -4 or "
              "earliest-local / -5 or latest-tiered / -6 or earliest-pending-upload",
     .help = "A time, or latest, earliest, max-timestamp, earliest-local, latest-tiered, "
             "earliest-pending-upload.",
     .preset = "latest"},
    {.name = "exclude-internal-topics", .help = "Leave out the topics of Kafka's own."},
    command_config("config file"),
    k_json,
    k_help,
});

// "pattern[:partitions]": partitions are N, N-M (M not included), N- or -M.
struct Rule {
  NamePattern topic;
  std::int64_t first = 0;
  std::int64_t end = std::numeric_limits<std::int32_t>::max();
  [[nodiscard]] bool matches(const std::string& name, std::int32_t partition) const {
    return partition >= first && partition < end && topic.matches(name);
  }
};

bool read_number(std::string_view text, std::int64_t& value) {
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  return problem == std::errc{} && end == text.data() + text.size();
}

// A number of a partition or of an end of a range; `otherwise` when there is none.
// Errors: invalid_request, in the words of Java's Integer.
Result<std::int64_t> read_index(std::string_view digits, std::int64_t otherwise) {
  if (digits.empty()) return otherwise;
  std::int64_t value = 0;
  if (read_number(digits, value) && value == static_cast<std::int32_t>(value)) return value;
  return fail(Errc::invalid_request, "For input string: \"{}\"", digits);
}

Result<Rule> read_rule(std::string_view text) {
  const std::size_t colon = std::min(text.find(':'), text.size());
  const std::string_view range = text.substr(std::min(colon + 1, text.size()));
  const std::size_t dash = range.find('-');
  const std::string_view low = range.substr(0, dash);
  const std::string_view high =
      dash == std::string_view::npos ? std::string_view{} : range.substr(dash + 1);
  const auto all_digits = [](std::string_view part) {
    return std::ranges::all_of(part, [](char c) { return c >= '0' && c <= '9'; });
  };
  if (!all_digits(low) || !all_digits(high)) {
    return fail(Errc::invalid_request,
                "org.apache.kafka.tools.TerseException: Invalid rule specification: {}", text);
  }
  const std::string_view topic = text.substr(0, colon);
  TRY(NamePattern pattern, NamePattern::read(topic.empty() ? ".*" : topic));
  Rule rule{std::move(pattern)};
  TRY(rule.first, read_index(low, 0));
  TRY(rule.end, read_index(high, rule.end));
  if (dash == std::string_view::npos && !low.empty()) rule.end = rule.first + 1;
  return rule;
}

Result<std::vector<Rule>> read_rules(const Given& given) {
  std::vector<Rule> rules;
  if (given.has("topic-partitions")) {
    if (given.has("topic") || given.has("partitions")) {
      return fail(Errc::invalid_request,
                  "--topic-partitions cannot be used with --topic or --partitions");
    }
    const std::string text = given.one("topic-partitions");
    for (const std::string_view part : config::java_split(text)) {
      TRY(Rule rule, read_rule(part));
      rules.push_back(std::move(rule));
    }
    return rules;
  }
  TRY(const NamePattern pattern, NamePattern::read(given.one("topic", ".*")));
  const std::string partitions = given.one("partitions");
  const std::vector<std::string_view> parts = config::java_split(partitions);
  if (partitions.empty() || parts.empty()) return std::vector<Rule>{Rule{pattern}};
  for (const std::string_view part : parts) {
    const Result<std::int64_t> number = read_index(part, -1);
    if (part.empty() || !number) {
      return fail(Errc::invalid_request,
                  "--partitions expects a comma separated list of numeric partition ids, but "
                  "received: {}",
                  partitions);
    }
    rules.push_back({pattern, *number, *number + 1});
  }
  return rules;
}

Result<std::int64_t> read_time(const std::string& text) {
  constexpr auto k_names =
      std::to_array<std::pair<std::string_view, std::int64_t>>({{"latest", -1},
                                                                {"earliest", -2},
                                                                {"max-timestamp", -3},
                                                                {"earliest-local", -4},
                                                                {"latest-tiered", -5},
                                                                {"earliest-pending-upload", -6}});
  for (const auto& [name, value] : k_names) {
    if (text == name) return value;
  }
  std::int64_t value = 0;
  if (read_number(text, value)) return value;
  return fail(Errc::invalid_request,
              "Malformed time argument {}. Please use -1 or latest / -2 or earliest / -3 or "
              "max-timestamp / -4 or earliest-local / -5 or latest-tiered / -6 or "
              "earliest-pending-upload, or a specified long format timestamp",
              text);
}

env::Task<Result<void>> act(ToolContext& context, client::Cluster& cluster, Given given) {
  CO_TRY(const std::vector<Rule> rules, read_rules(given));
  CO_TRY(const std::int64_t time, read_time(given.one("time", "latest")));
  CO_TRY(const protocol::MetadataResponse metadata, co_await cluster.refresh(std::nullopt));
  std::vector<client::TopicPartition> wanted;
  for (const auto& topic : metadata.topics) {
    if (!topic.name || (topic.is_internal && given.has("exclude-internal-topics"))) continue;
    for (const auto& partition : topic.partitions) {
      if (std::ranges::any_of(rules, [&](const Rule& rule) {
            return rule.matches(*topic.name, partition.partition_index.value());
          })) {
        wanted.push_back({*topic.name, partition.partition_index});
      }
    }
  }
  if (wanted.empty()) {
    co_return fail(Errc::invalid_request,
                   "Could not match any topic-partitions with the specified filters");
  }
  // Partitions in the order of their names, as Kafka's tool prints them: 0, 1, 10, 11, 2.
  std::ranges::sort(wanted, {}, [](const client::TopicPartition& partition) {
    return std::pair(partition.topic, std::to_string(partition.partition.value()));
  });
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const client::TopicPartition& partition : wanted) {
    const auto found =
        time < 0 ? co_await client::find_offset(cluster, partition,
                                                static_cast<client::OffsetSpec>(time))
                 : co_await client::find_offset_for_time(cluster, partition, timestamp_of(time));
    if (!found) {
      context.console.err(
          fmt::format("Skip getting offsets for topic-partition {} due to error: "
                      "{}\n",
                      partition, refusal_text(found.error())));
      continue;
    }
    if (found->offset == k_no_offset) continue;
    if (given.has("json")) {
      list.push_back({{"topic", partition.topic},
                      {"partition", partition.partition.value()},
                      {"offset", found->offset.value()}});
      continue;
    }
    context.console.out(
        fmt::format("{}:{}:{}\n", partition.topic, partition.partition, found->offset));
  }
  if (given.has("json")) context.console.out(protojson::json_lines(list) + "\n");
  co_return Result<void>{};
}

}  // namespace

env::Task<int> run_get_offsets(ToolContext& context) {
  constexpr std::string_view k_error = "Error occurred: ";
  const std::optional<Given> given =
      read_words(context, "Prints where partitions begin and end, and where times are in them.",
                 k_options, Repeats::refused, k_error);
  if (!given) co_return k_failed;
  const auto refuse = [&](std::string_view why) {
    context.console.err(fmt::format("{}\n{}", why, option_table(k_options)));
    return k_failed;
  };
  if (!given->has("bootstrap-server")) {
    co_return refuse("Missing required argument \"[bootstrap-server]\"");
  }
  if (!client::parse_endpoints(given->one("bootstrap-server"))) {
    co_return refuse("Please provide valid host:port like host1:9091,host2:9092\n");
  }
  auto settings = co_await cluster_settings(context, *given);
  if (!settings) {
    context.console.err(k_error);
    constexpr std::string_view k_no_file = "java.nio.file.NoSuchFileException: ";
    if (settings.error().text().starts_with(k_no_file)) {
      context.console.err(fmt::format("{}\n", settings.error().text().substr(k_no_file.size())));
      co_return k_failed;
    }
    co_return report_no_client(context, settings.error());
  }
  client::Cluster cluster(context.env, *std::move(settings));
  Result<void> done = co_await reach(context, cluster, "listTopics");
  if (done) done = co_await act(context, cluster, *given);
  co_await cluster.close();
  if (done) co_return k_ok;
  context.console.err(fmt::format("{}{}\n", k_error, text_of(done.error())));
  co_return k_failed;
}

}  // namespace moldau::cli
