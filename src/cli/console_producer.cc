#include "cli/console_producer.h"

#include <fmt/core.h>

#include <map>

#include "cli/console_lines.h"
#include "cli/console_settings.h"
#include "cli/producer_settings.h"
#include "cli/property_warnings.h"
#include "cli/session.h"
#include "client/producer.h"

namespace moldau::cli {
namespace {

constexpr auto k_options = std::to_array<Option>({
    bootstrap_server("server to connect to"),
    {.name = "broker-list", .value = "broker-list", .instead_of = "bootstrap-server"},
    {.name = "topic", .value = "topic", .help = "REQUIRED: the topic to send to."},
    {.name = "sync", .help = "Wait for each record to be stored before the next."},
    {.name = "compression-codec",
     .value = "compression-codec",
     .help = "none, gzip, snappy, lz4 or zstd; gzip without a value.",
     .value_is_optional = true},
    {.name = "batch-size",
     .value = "size",
     .type = "Integer",
     .help = "Bytes of a batch.",
     .preset = "16384"},
    {.name = "message-send-max-retries",
     .type = "Integer",
     .help = "Tries of a batch.",
     .preset = "3"},
    {.name = "retry-backoff-ms",
     .type = "Long",
     .help = "Wait before another try.",
     .preset = "100"},
    {.name = "timeout",
     .value = "timeout_ms",
     .type = "Long",
     .help = "How long a batch may wait to fill.",
     .preset = "1000"},
    {.name = "request-required-acks",
     .value = "request required acks",
     .help = "all, -1, 0 or 1.",
     .preset = "-1"},
    {.name = "request-timeout-ms",
     .value = "request timeout ms",
     .type = "Integer",
     .help = "Wait for an answer.",
     .preset = "1500"},
    {.name = "metadata-expiry-ms",
     .value = "metadata expiration interval",
     .type = "Long",
     .help = "Age of metadata.",
     .preset = "300000"},
    {.name = "max-block-ms",
     .value = "max block on send",
     .type = "Long",
     .help = "How long a send may wait.",
     .preset = "60000"},
    {.name = "max-memory-bytes",
     .value = "total memory in bytes",
     .type = "Long",
     .help = "Bytes of waiting records.",
     .preset = "33554432"},
    {.name = "max-partition-memory-bytes",
     .value = "memory in bytes per partition",
     .type = "Integer",
     .help = "Use --batch-size.",
     .preset = "16384"},
    {.name = "socket-buffer-size",
     .value = "size",
     .type = "Integer",
     .help = "Read and not used.",
     .preset = "102400"},
    {.name = "line-reader",
     .value = "reader_class",
     .help = "Only Kafka's LineMessageReader.",
     .preset = "org.apache.kafka.tools.LineMessageReader"},
    {.name = "reader-property",
     .value = "prop",
     .help = "parse.key, key.separator, parse.headers, headers.*, null.marker, ignore.error.",
     .repeatable = true},
    {.name = "reader-config", .value = "config file", .help = "Properties for reading lines."},
    {.name = "property", .value = "prop", .help = "Use --reader-property.", .repeatable = true},
    {.name = "command-property",
     .value = "producer_prop",
     .help = "A setting of the producer.",
     .repeatable = true},
    {.name = "producer-property",
     .value = "producer_prop",
     .help = "Use --command-property.",
     .repeatable = true},
    {.name = "producer.config", .value = "config file", .help = "Use --command-config."},
    command_config("config file"),
    k_help,
});

constexpr std::string_view k_what =
    "This tool reads lines from standard input and sends each as a record.";
constexpr std::string_view k_reader_class = "org.apache.kafka.tools.LineMessageReader";

struct OldOption {
  std::string_view old_name, new_name;
};
constexpr auto k_old_options = std::to_array<OldOption>({
    {"producer.config", "command-config"},
    {"producer-property", "command-property"},
    {"property", "reader-property"},
});

// Kafka's checks of what fits together, and its words; empty when all is well.
std::string misuse(const Given& given) {
  if (!given.has("topic")) return "Missing required argument \"[topic]\"";
  for (const OldOption& option : k_old_options) {
    if (given.has(option.old_name) && given.has(option.new_name)) {
      return fmt::format("Options --{} and --{} cannot be specified together.", option.new_name,
                         option.old_name);
    }
  }
  if (!given.has("bootstrap-server")) return "Error while validating the bootstrap address\n";
  if (!client::parse_endpoints(given.one("bootstrap-server"))) {
    return "Please provide valid host:port like host1:9091,host2:9092\n";
  }
  return {};
}

// A number that is none; empty when all are good.
std::string bad_number(const Given& given) {
  for (const std::string_view name :
       {"batch-size", "message-send-max-retries", "retry-backoff-ms", "timeout",
        "request-timeout-ms", "metadata-expiry-ms", "max-block-ms", "max-memory-bytes",
        "max-partition-memory-bytes", "socket-buffer-size"}) {
    if (!given.has(name)) continue;
    if (const auto number = integer_option(given, name); !number) return text_of(number.error());
  }
  return {};
}

struct FromOption {
  std::string_view option, key, preset;
};
constexpr auto k_from_options = std::to_array<FromOption>({
    {"timeout", "linger.ms", "1000"},
    {"request-required-acks", "acks", "-1"},
    {"request-timeout-ms", "request.timeout.ms", "1500"},
    {"message-send-max-retries", "retries", "3"},
    {"retry-backoff-ms", "retry.backoff.ms", "100"},
    {"max-memory-bytes", "buffer.memory", "33554432"},
    {"metadata-expiry-ms", "metadata.max.age.ms", "300000"},
    {"max-block-ms", "max.block.ms", "60000"},
});

// The producer's settings: an option that was given, else a property, else the tool's default.
void add_options(PropertyMap& properties, const Given& given) {
  for (const FromOption& from : k_from_options) {
    if (given.has(from.option)) {
      properties[std::string(from.key)] = given.one(from.option);
    } else {
      properties.try_emplace(std::string(from.key), from.preset);
    }
  }
  if (given.has("batch-size")) {
    properties["batch.size"] = given.one("batch-size");
  } else if (given.has("max-partition-memory-bytes")) {
    properties["batch.size"] = given.one("max-partition-memory-bytes");
  } else {
    properties.try_emplace("batch.size", "16384");
  }
  properties.try_emplace("client.id", "console-producer");
  // The option decides, even when it is missing: so does Kafka's tool.
  std::string codec = "none";
  if (given.has("compression-codec")) codec = given.one("compression-codec");
  properties["compression.type"] = codec.empty() ? "gzip" : codec;
}

// Sizes of what is on its way, for the message when it does not arrive.
class Deliveries {
 public:
  Deliveries(ToolContext& context, std::string topic)
      : context_(context), topic_(std::move(topic)) {}

  static std::string sizes(const client::OutgoingRecord& record) {
    const auto size = [](const auto& bytes) {
      return bytes ? fmt::format("{} bytes", bytes->size()) : std::string("null");
    };
    return fmt::format("key: {}, value: {}", size(record.key), size(record.value));
  }
  void sent(client::DeliveryToken token, std::string sizes) {
    sizes_.emplace(token.value(), std::move(sizes));
  }
  void report(client::DeliveryToken token, const Result<client::Delivery>& result) {
    const auto found = sizes_.find(token.value());
    if (!result) {
      last_error_ = result.error();
      if (!quiet_) failed(found == sizes_.end() ? "" : found->second, result.error());
    }
    if (found != sizes_.end()) sizes_.erase(found);
  }
  void failed(std::string_view sizes, const Error& error) {
    log_line(
        context_, "ERROR",
        fmt::format("Error when sending message to topic {} with {} with error:", topic_, sizes),
        "org.apache.kafka.clients.producer.internals.ErrorLoggingCallback");
    context_.console.err(fmt::format("org.apache.kafka.common.errors.{}: {}\n",
                                     exception_name(error.code()), text_of(error)));
  }
  void be_quiet() { quiet_ = true; }
  [[nodiscard]] const std::optional<Error>& last_error() const { return last_error_; }

 private:
  ToolContext& context_;
  std::string topic_;
  std::map<std::uint64_t, std::string> sizes_;
  std::optional<Error> last_error_;
  bool quiet_ = false;
};

// What ends the tool: the class of Kafka's exception and its text.
struct Ended {
  std::string java_class;
  std::string text;
};

env::Task<std::optional<Ended>> send_lines(ToolContext& context, client::Producer& producer,
                                           Deliveries& deliveries, LineReader reader,
                                           std::string topic, bool sync) {
  std::string line;
  while (true) {
    if (context.console.is_terminal()) {
      context.console.out(">");
      context.console.flush();
    }
    if (!co_await context.console.read_line(line)) co_return std::nullopt;
    Result<client::OutgoingRecord> record = reader.read(line);
    if (!record) {
      co_return Ended{"org.apache.kafka.common.KafkaException", text_of(record.error())};
    }
    std::string sizes = Deliveries::sizes(*record);
    const Result<client::DeliveryToken> token =
        co_await producer.send(topic, std::nullopt, *std::move(record));
    std::optional<Error> error;
    if (!token) {
      error = token.error();
    } else if (sync) {
      co_await producer.flush();
      error = deliveries.last_error();
    } else {
      deliveries.sent(*token, std::move(sizes));
      continue;
    }
    if (!error) continue;
    if (error->code() == Errc::invalid_txn_state) {  // a transactional.id, and no transaction
      co_return Ended{"java.lang.IllegalStateException", text_of(*error)};
    }
    if (sync) {
      const std::string name = "org.apache.kafka.common.errors." + exception_name(error->code());
      co_return Ended{"java.util.concurrent.ExecutionException",
                      fmt::format("{}: {}", name, text_of(*error))};
    }
    deliveries.failed(sizes, *error);
  }
}

std::nullopt_t ended(ToolContext& context, const Ended& why) {
  context.console.err(fmt::format("{}: {}\n", why.java_class, why.text));
  return std::nullopt;
}

struct Ready {
  client::ClusterSettings cluster;
  client::ProducerSettings producer;
  LineReader reader;
};

// nullopt: it was said what is wrong.
env::Task<std::optional<Ready>> prepare(ToolContext& context, Given given) {
  const std::string reader_class = given.one("line-reader", k_reader_class);
  if (reader_class != k_reader_class) {
    co_return ended(context, {"java.lang.ClassNotFoundException", reader_class});
  }
  const bool old_file = given.has("producer.config");
  const bool old_property = given.has("producer-property");
  auto properties = co_await read_property_options(
      context, given, old_file ? "producer.config" : "command-config",
      old_property ? "producer-property" : "command-property");
  auto reader_properties = co_await read_property_options(
      context, given, "reader-config", given.has("property") ? "property" : "reader-property");
  for (const auto* read : {&properties, &reader_properties}) {
    if (*read) continue;
    context.console.err(text_of(read->error()) + "\n");
    co_return std::nullopt;
  }
  warn_about(context, {config::Scope::producer}, *properties);
  add_options(*properties, given);
  Result<LineReader> reader = LineReader::from(*reader_properties);
  if (!reader) {
    co_return ended(context, {"org.apache.kafka.common.KafkaException", text_of(reader.error())});
  }
  client::ClusterSettings cluster;
  const auto wrong = [&](const Error& error) {
    return ended(context, {"org.apache.kafka.common.config.ConfigException", text_of(error)});
  };
  auto endpoints = client::parse_endpoints(given.one("bootstrap-server"));
  if (!endpoints) co_return wrong(endpoints.error());
  cluster.bootstrap = *std::move(endpoints);
  Result<client::ProducerSettings> producer = producer_settings(*properties);
  if (!producer) co_return wrong(producer.error());
  if (const auto applied = apply_to_cluster(cluster, *properties); !applied) {
    co_return wrong(applied.error());
  }
  co_return Ready{std::move(cluster), *std::move(producer), *std::move(reader)};
}

}  // namespace

env::Task<int> run_console_producer(ToolContext& context) {
  const std::optional<Given> given =
      read_words(context, k_what, k_options, Repeats::refused, {}, OnMistake::text_and_options);
  if (!given) co_return k_failed;
  if (const std::string wrong = misuse(*given); !wrong.empty()) {
    context.console.err(fmt::format("{}\n{}", wrong, option_table(k_options)));
    co_return k_failed;
  }
  for (const OldOption& option : k_old_options) {
    if (!given->has(option.old_name)) continue;
    context.console.out(fmt::format(
        "Warning: --{} is deprecated and will be removed in a future version. Use --{} instead.\n",
        option.old_name, option.new_name));
  }
  if (given->has("max-partition-memory-bytes")) {
    context.console.out(
        "Warning: --max-partition-memory-bytes is deprecated and will be removed in Apache Kafka "
        "5.0. Use --batch-size instead.\n");
  }
  if (const std::string wrong = bad_number(*given); !wrong.empty()) {
    context.console.err(wrong + "\n");
    co_return k_failed;
  }
  std::optional<Ready> ready = co_await prepare(context, *given);
  if (!ready) co_return k_failed;
  const std::string topic = given->one("topic");
  const bool sync = given->has("sync");
  client::Cluster cluster(context.env, std::move(ready->cluster));
  Deliveries deliveries(context, topic);
  if (sync) deliveries.be_quiet();
  client::Producer producer(
      cluster, ready->producer,
      [&](client::DeliveryToken token, const Result<client::Delivery>& result) {
        deliveries.report(token, result);
      });
  const std::optional<Ended> why =
      co_await send_lines(context, producer, deliveries, std::move(ready->reader), topic, sync);
  co_await producer.close();
  co_await cluster.close();
  if (!why) co_return k_ok;
  ended(context, *why);
  co_return k_failed;
}

}  // namespace moldau::cli
