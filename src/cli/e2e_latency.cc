#include "cli/e2e_latency.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/rng.h"
#include "cli/console_settings.h"
#include "cli/java_text.h"
#include "cli/perf_text.h"
#include "cli/producer_settings.h"
#include "cli/property_warnings.h"
#include "cli/session.h"
#include "client/producer.h"
#include "client/reader.h"
#include "protocol/api/create_topics.h"

namespace moldau::cli {
namespace {

constexpr auto k_options = std::to_array<Option>({
    bootstrap_server("bootstrap-server"),
    {.name = "topic", .value = "topic-name", .help = "REQUIRED: the topic to use."},
    {.name = "num-records",
     .value = "count",
     .type = "Integer",
     .help = "REQUIRED: how many records to send."},
    {.name = "producer-acks", .value = "producer-acks", .help = "REQUIRED: 1 or all."},
    {.name = "record-size",
     .value = "bytes",
     .type = "Integer",
     .help = "REQUIRED: the size of a record's value."},
    {.name = "record-key-size",
     .value = "bytes",
     .type = "Integer",
     .help = "The size of its key.",
     .value_is_optional = true,
     .preset = "0"},
    {.name = "record-header-key-size",
     .value = "bytes",
     .type = "Integer",
     .help = "The size of the key of each of its headers.",
     .value_is_optional = true,
     .preset = "0"},
    {.name = "record-header-size",
     .value = "bytes",
     .type = "Integer",
     .help = "The size of the value of each of its headers; -1: null.",
     .value_is_optional = true,
     .preset = "0"},
    {.name = "num-headers",
     .value = "count",
     .type = "Integer",
     .help = "How many headers it has.",
     .value_is_optional = true,
     .preset = "0"},
    {.name = "command-config",
     .value = "config-file",
     .help = "A file of client settings.",
     .value_is_optional = true},
    k_help,
});
constexpr auto k_required = std::to_array<std::string_view>(
    {"bootstrap-server", "topic", "num-records", "producer-acks", "record-size"});
constexpr Milliseconds k_poll{60'000};

struct Sizes {
  std::int64_t records = 0;
  std::int64_t value = 0;
  std::int64_t key = 0;
  std::int64_t headers = 0;
  std::int64_t header_key = 0;
  std::int64_t header_value = 0;
};

// Five or six words without options are the form of older releases.
Result<std::vector<std::string>> with_names(ToolContext& context) {
  constexpr std::size_t k_least = 5;
  const std::vector<std::string>& words = context.words;
  const bool named = std::ranges::any_of(words, [](const std::string& word) {
    return word.starts_with("--") &&
           std::ranges::find(k_required, word.substr(2)) != k_required.end();
  });
  if (words.empty() || named) return words;
  if (words.size() != k_least && words.size() != k_least + 1) {
    return fail(Errc::invalid_request,
                "Invalid number of arguments. Expected 5 or 6 positional arguments, but got {}. "
                "Usage: bootstrap-server topic num-records producer-acks record-size [optional] "
                "command-config",
                words.size());
  }
  std::vector<std::string> out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    out.push_back("--" + std::string(i < k_least ? k_required[i] : "command-config"));
    out.push_back(words[i]);
  }
  context.console.out(
      "WARNING: Positional argument usage is deprecated and will be removed in Apache Kafka 5.0. "
      "Please use named arguments instead: --bootstrap-server, --topic, --num-records, "
      "--producer-acks, --record-size, --command-config\n");
  return out;
}

Result<Sizes> read_sizes(const Given& given) {
  struct Number {
    std::string_view name;
    std::int64_t Sizes::* into;
    std::int64_t least;
    std::string_view wants;
  };
  constexpr std::string_view k_not_negative = "a non-negative integer";
  constexpr auto k_numbers = std::to_array<Number>({
      {"num-records", &Sizes::records, 1, "a positive integer"},
      {"record-size", &Sizes::value, 0, k_not_negative},
      {"record-key-size", &Sizes::key, 0, k_not_negative},
      {"record-header-key-size", &Sizes::header_key, 0, k_not_negative},
      {"record-header-size", &Sizes::header_value, -1,
       "a non-negative integer or -1 for null header value"},
      {"num-headers", &Sizes::headers, 0, k_not_negative},
  });
  Sizes out;
  for (const Number& number : k_numbers) {
    if (given.one(number.name).empty()) continue;
    TRY(out.*number.into, integer_option(given, number.name));
    if (out.*number.into < number.least) {
      return fail(Errc::invalid_request, "Value for --{} must be {}.", number.name, number.wants);
    }
  }
  return out;
}

std::string misuse(const Given& given) {
  if (std::string missing = missing_argument(given, k_required); !missing.empty()) return missing;
  const std::string acks = given.one("producer-acks");
  if (acks == "1" || acks == "all") return {};
  return "Invalid value for --producer-acks. Latency testing requires synchronous acknowledgement. "
         "Please use '1' or 'all'.";
}

env::Task<Result<void>> ensure_topic(ToolContext& context, client::Cluster& cluster,
                                     std::string topic) {
  CO_TRY(const auto known, co_await cluster.refresh(std::vector<std::string>{topic}));
  if (cluster.partition_count(topic) > 0) co_return Result<void>{};
  context.console.out(
      fmt::format("Topic \"{}\" does not exist. Will create topic with 1 "
                  "partition(s) and replication factor = 1\n",
                  topic));
  protocol::CreateTopicsRequest request;
  auto& one = request.topics.emplace_back();
  one.name = topic;
  one.num_partitions = 1;
  one.replication_factor = 1;
  request.timeout_ms = cluster.settings().request_timeout;
  CO_TRY(const auto answer,
         co_await cluster.ask_any<protocol::CreateTopicsRequest, protocol::CreateTopicsResponse>(
             std::move(request)));
  for (const auto& made : answer.topics) {
    CO_TRY_OK(refused(made.error_code, made.error_message));
  }
  co_return Result<void>{};
}

std::vector<std::byte> letters(Rng& rng, std::int64_t size) {
  return std::vector<std::byte>(static_cast<std::size_t>(size),
                                static_cast<std::byte>('A' + rng.below(26)));
}

client::OutgoingRecord make_record(Rng& rng, const Sizes& sizes) {
  client::OutgoingRecord record;
  record.key = letters(rng, sizes.key);
  record.value = letters(rng, sizes.value);
  for (std::int64_t i = 0; i < sizes.headers; ++i) {
    client::Header header;
    header.key = std::string(as_text(letters(rng, sizes.header_key)));
    if (sizes.header_value >= 0) header.value = letters(rng, sizes.header_value);
    record.headers.push_back(std::move(header));
  }
  return record;
}

Result<void> check(const std::vector<client::PartitionRecords>& polled,
                   const client::OutgoingRecord& sent) {
  if (polled.empty()) {
    return fail(Errc::invalid_request, "poll() timed out before finding a result (timeout:[{}ms])",
                k_poll.count());
  }
  const client::IncomingRecord& read = polled.front().records.front();
  const std::string value(read.value ? as_text(read.value->view()) : "");
  if (value != as_text(*sent.value)) {
    return fail(Errc::invalid_request,
                "The message value read [{}] did not match the message value sent [{}]", value,
                as_text(*sent.value));
  }
  if (read.headers.size() != sent.headers.size()) {
    return fail(Errc::invalid_request, "Header count mismatch between sent and received messages");
  }
  std::size_t count = 0;
  for (const client::PartitionRecords& part : polled) count += part.records.size();
  if (count == 1) return {};
  return fail(Errc::invalid_request, "Only one result was expected during this test. We found [{}]",
              count);
}

env::Task<Result<void>> measure(ToolContext& context, client::PartitionReader& reader,
                                client::Producer& producer, std::string topic, Sizes sizes) {
  Rng rng(0);
  std::vector<std::int64_t> latencies;
  Duration sum{0};
  for (std::int64_t i = 0; i < sizes.records; ++i) {
    client::OutgoingRecord record = make_record(rng, sizes);
    const client::OutgoingRecord sent = record;
    const Instant begun = context.env.clock.now();
    CO_TRY_OK(co_await producer.send(topic, std::nullopt, std::move(record)));
    co_await producer.flush();
    CO_TRY(const auto polled, co_await reader.poll(k_poll));
    const Duration took = context.env.clock.now() - begun;
    CO_TRY_OK(check(polled, sent));
    constexpr std::int64_t k_progress = 1000;
    if (i % k_progress == 0) {
      context.console.out(fmt::format(
          "{}\t{}\n", i, java_number(static_cast<double>(took.count()) / 1000.0 / 1000.0)));
    }
    sum += took;
    latencies.push_back(std::chrono::duration_cast<Milliseconds>(took).count());
  }
  std::ranges::sort(latencies);
  context.console.out(fmt::format(
      "Avg latency: {:.4f} ms\nPercentiles: 50th = {}, 99th = {}, 99.9th = {}\n",
      static_cast<double>(sum.count()) / static_cast<double>(sizes.records) / 1000.0 / 1000.0,
      percentile(latencies, 0.5), percentile(latencies, 0.99), percentile(latencies, 0.999)));
  co_return Result<void>{};
}

env::Task<Result<void>> run_on(ToolContext& context, client::Cluster& cluster,
                               client::ProducerSettings settings, std::string topic, Sizes sizes) {
  CO_TRY_OK(co_await ensure_topic(context, cluster, topic));
  for (int i = 0; i < 100 && cluster.partition_count(topic) == 0; ++i) {
    co_await env::sleep_for(context.env, Milliseconds{100});
    CO_TRY_OK(co_await cluster.refresh(std::vector<std::string>{topic}));
  }
  // An answer comes with the first record, not later: there is no batching in time.
  client::PartitionReader reader(cluster, {.max_wait = Milliseconds{500}});
  Result<void> done;
  for (std::int32_t i = 0; i < cluster.partition_count(topic) && done; ++i) {
    const client::TopicPartition partition{topic, PartitionIndex{i}};
    const auto end = co_await client::find_offset(cluster, partition, client::OffsetSpec::latest);
    if (end) {
      reader.assign(partition, end->offset);
    } else {
      done = fail(end.error());
    }
  }
  client::Producer producer(cluster, settings, [](client::DeliveryToken, const auto&) {});
  if (done) done = co_await measure(context, reader, producer, topic, sizes);
  co_await producer.close();
  co_await reader.close();
  co_return done;
}

}  // namespace

env::Task<int> run_e2e_latency(ToolContext& context) {
  auto words = with_names(context);
  if (!words) {
    context.console.err(text_of(words.error()) + "\n");
    co_return k_failed;
  }
  context.words = *std::move(words);
  const std::optional<Given> given =
      read_words(context,
                 "This tool measures end-to-end latency in Kafka by sending messages and timing "
                 "their reception.",
                 k_options, Repeats::refused, {}, OnMistake::text_and_options);
  if (!given) co_return k_failed;
  const auto refuse = [&](std::string_view why) {
    context.console.err(fmt::format("{}\n{}", why, option_table(k_options)));
    return k_failed;
  };
  if (const std::string wrong = misuse(*given); !wrong.empty()) co_return refuse(wrong);
  const Result<Sizes> sizes = read_sizes(*given);
  if (!sizes) co_return refuse(text_of(sizes.error()));
  auto properties = co_await read_property_options(context, *given, "command-config", "");
  if (!properties) co_return report(context, properties.error());
  warn_about(context, {config::Scope::producer, config::Scope::consumer}, *properties);
  (*properties)["linger.ms"] = "0";
  (*properties)["acks"] = given->one("producer-acks");
  const auto settings = producer_settings(*properties);
  if (!settings) co_return report(context, settings.error());
  client::ClusterSettings at;
  const auto endpoints = client::parse_endpoints(given->one("bootstrap-server"));
  if (!endpoints) co_return report(context, endpoints.error());
  at.bootstrap = *endpoints;
  if (const auto applied = apply_to_cluster(at, *properties); !applied) {
    co_return report(context, applied.error());
  }
  client::Cluster cluster(context.env, at);
  const Result<void> done =
      co_await run_on(context, cluster, *settings, given->one("topic"), *sizes);
  co_await cluster.close();
  if (done) co_return k_ok;
  context.console.err(text_of(done.error()) + "\n");
  co_return k_failed;
}

}  // namespace moldau::cli
