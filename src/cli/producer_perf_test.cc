#include "cli/producer_perf_test.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <map>

#include "base/rng.h"
#include "cli/console_settings.h"
#include "cli/perf_text.h"
#include "cli/producer_settings.h"
#include "cli/property_warnings.h"
#include "cli/session.h"
#include "cli/subcommands.h"
#include "client/producer.h"
#include "env/disk.h"

namespace moldau::cli {
namespace {

constexpr auto k_arguments = std::to_array<Argument>({
    {.name = "bootstrap-server",
     .takes_value = true,
     .metavar = "BOOTSTRAP-SERVER",
     .help = "The brokers to connect to; counts more than bootstrap.servers of the settings."},
    {.name = "topic", .takes_value = true, .required = true, .help = "The topic to send to."},
    {.name = "num-records",
     .takes_value = true,
     .required = true,
     .kind = Argument::Kind::long_integer,
     .metavar = "NUM-RECORDS",
     .help = "How many records to send."},
    {.name = "payload-delimiter",
     .takes_value = true,
     .metavar = "PAYLOAD-DELIMITER",
     .help = "What separates the values in the file. (default: \\n)"},
    {.name = "throughput",
     .takes_value = true,
     .required = true,
     .kind = Argument::Kind::real,
     .help = "About so many records a second; -1: as many as go."},
    {.name = "producer-props",
     .takes_value = true,
     .many = true,
     .metavar = "PROP-NAME=PROP-VALUE",
     .help = "Use --command-property."},
    {.name = "command-property",
     .takes_value = true,
     .many = true,
     .metavar = "PROP-NAME=PROP-VALUE",
     .help = "Settings of the producer."},
    {.name = "producer.config",
     .takes_value = true,
     .metavar = "CONFIG-FILE",
     .help = "Use --command-config."},
    {.name = "command-config",
     .takes_value = true,
     .metavar = "CONFIG-FILE",
     .help = "A file of settings."},
    {.name = "print-metrics", .help = "Print what the producer counted."},
    {.name = "transactional-id",
     .takes_value = true,
     .metavar = "TRANSACTIONAL-ID",
     .help =
         "Sends in transactions of this id; counts more than transactional.id of the settings."},
    {.name = "transaction-duration-ms",
     .takes_value = true,
     .kind = Argument::Kind::long_integer,
     .metavar = "TRANSACTION-DURATION",
     .help = "Commits after so many milliseconds; without an id, one is made. (default: 3000)"},
    {.name = "warmup-records",
     .takes_value = true,
     .kind = Argument::Kind::long_integer,
     .metavar = "WARMUP-RECORDS",
     .help = "So many first records do not count for the second summary. (default: 0)"},
    {.name = "reporting-interval",
     .takes_value = true,
     .kind = Argument::Kind::long_integer,
     .metavar = "INTERVAL-MS",
     .help = "A line each so many milliseconds. (default: 5000)"},
    {.name = "record-key-range",
     .takes_value = true,
     .kind = Argument::Kind::integer,
     .metavar = "KEY-RANGE",
     .help = "Keys are numbers below this, with --key-distribution range or random."},
    {.name = "key-distribution",
     .takes_value = true,
     .metavar = "KEY-DISTRIBUTION",
     .choices = "none,range,random",
     .help = "No keys, one after the other, or at random. (default: none)"},
    {.name = "random-seed",
     .takes_value = true,
     .kind = Argument::Kind::long_integer,
     .metavar = "RANDOM-SEED",
     .help = "The seed of random keys and values. (default: 0)"},
    {.name = "record-size",
     .takes_value = true,
     .kind = Argument::Kind::integer,
     .metavar = "RECORD-SIZE",
     .group = 1,
     .help = "Bytes of a record's value."},
    {.name = "payload-file",
     .takes_value = true,
     .metavar = "PAYLOAD-FILE",
     .group = 1,
     .help = "A text file with values, of which each record has one."},
    {.name = "payload-monotonic", .group = 1, .help = "The values are 0, 1, 2, ..."},
});
constexpr auto k_actions =
    std::to_array<Action>({{.name = "", .help = "", .arguments = k_arguments}});
constexpr CommandLine k_line{.program = "kafka-producer-perf-test",
                             .description = "This tool is used to verify the producer performance.",
                             .shared = {},
                             .one_of_each = true,
                             .single = true,
                             .actions = k_actions};
constexpr std::size_t k_payload_bytes_max = 1 << 30;

std::int64_t number(const Given& given, std::string_view name, std::int64_t otherwise) {
  const std::string text = given.one(name);
  std::int64_t value = otherwise;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// Kafka's checks of what fits together, and its words; empty when all is well.
std::string misuse(const Given& given) {
  const std::int64_t records = number(given, "num-records", 0);
  if (records <= 0) return "--num-records should be greater than zero.";
  if (number(given, "warmup-records", 0) >= records) {
    return "The value for --warmup-records must be strictly fewer than the number of records in "
           "the test, --num-records.";
  }
  if (number(given, "record-size", 1) <= 0) return "--record-size should be greater than zero.";
  if (!given.has("bootstrap-server") && !given.has("command-property") &&
      !given.has("producer-props") && !given.has("producer.config") &&
      !given.has("command-config")) {
    return "At least one of --bootstrap-server, --command-property, --producer-props, "
           "--producer.config or --command-config must be specified.";
  }
  if (given.has("command-property") && given.has("producer-props")) {
    return "--command-property and --producer-props cannot be specified together.";
  }
  if (given.has("command-config") && given.has("producer.config")) {
    return "--command-config and --producer.config cannot be specified together.";
  }
  if (number(given, "transaction-duration-ms", 1) <= 0) {
    return "--transaction-duration-ms should be greater than zero.";
  }
  if (number(given, "reporting-interval", 1) <= 0) {
    return "--reporting-interval should be greater than zero.";
  }
  if (number(given, "record-key-range", 1) <= 0) {
    return "--record-key-range should be greater than zero.";
  }
  const bool keys = given.one("key-distribution", "none") != "none";
  if (keys && !given.has("record-key-range")) {
    return "--record-key-range is required when --key-distribution is 'range' or 'random'.";
  }
  if (!keys && given.has("record-key-range")) {
    return "--key-distribution must be 'range' or 'random' when --record-key-range is specified.";
  }
  return {};
}

struct Plan {
  client::ClusterSettings cluster;
  client::ProducerSettings producer;
  std::vector<std::string> payloads;
  double throughput = -1;
};

env::Task<Result<std::vector<std::string>>> read_payloads(ToolContext& context, Given given) {
  std::vector<std::string> out;
  if (!given.has("payload-file")) co_return out;
  const std::string path = given.one("payload-file");
  context.console.out(fmt::format("Reading payloads from: {}\n", path));
  const auto file = co_await env::read_file(context.env.disk, path, k_payload_bytes_max);
  if (!file || file->empty()) {
    co_return fail(Errc::invalid_request,
                   "java.lang.IllegalArgumentException: File does not exist or empty file "
                   "provided.");
  }
  std::string delimiter = given.one("payload-delimiter", "\\n");
  if (delimiter == "\\n") delimiter = "\n";
  std::string_view left = as_text(file->view());
  while (!left.empty()) {
    const std::size_t end = std::min(left.find(delimiter), left.size());
    out.emplace_back(left.substr(0, end));
    left.remove_prefix(std::min(left.size(), end + delimiter.size()));
  }
  context.console.out(fmt::format("Number of records read: {}\n", out.size()));
  co_return out;
}

env::Task<Result<Plan>> make_plan(ToolContext& context, Given given) {
  Plan plan;
  CO_TRY(plan.payloads, co_await read_payloads(context, given));
  const bool old_file = given.has("producer.config");
  const bool old_property = given.has("producer-props");
  if (old_property) say_deprecated(context, "producer-props", "command-property");
  if (old_file) say_deprecated(context, "producer.config", "command-config");
  const std::string pairs = old_property ? "producer-props" : "command-property";
  for (const std::string& pair : given.all(pairs)) {
    if (std::ranges::count(pair, '=') == 1 && !pair.ends_with('=')) continue;
    co_return fail(Errc::invalid_request,
                   "java.lang.IllegalArgumentException: Invalid property: {}", pair);
  }
  CO_TRY(PropertyMap properties,
         co_await read_property_options(context, given,
                                        old_file ? "producer.config" : "command-config", pairs));
  warn_about(context, {config::Scope::producer}, properties);
  if (given.has("bootstrap-server")) {
    properties["bootstrap.servers"] = given.one("bootstrap-server");
  }
  properties.try_emplace("client.id", "perf-producer-client");
  if (given.has("transactional-id")) {
    properties["transactional.id"] = given.one("transactional-id");
  } else if (given.has("transaction-duration-ms")) {
    properties.try_emplace("transactional.id", fmt::format("performance-producer-{}",
                                                           Uuid{context.env.entropy.next(),
                                                                context.env.entropy.next()}));
  }
  CO_TRY(plan.cluster.bootstrap, client::parse_endpoints(properties["bootstrap.servers"]));
  CO_TRY(plan.producer, producer_settings(properties));
  CO_TRY_OK(apply_to_cluster(plan.cluster, properties));
  plan.throughput = std::strtod(given.one("throughput").c_str(), nullptr);
  co_return plan;
}

// Makes the records one after the other.
class Records {
 public:
  Records(const Given& given, std::vector<std::string> payloads)
      : rng_(static_cast<std::uint64_t>(number(given, "random-seed", 0))),
        payloads_(std::move(payloads)),
        size_(given.has("record-size") ? number(given, "record-size", 0) : -1),
        key_range_(number(given, "record-key-range", 0)),
        keys_(given.one("key-distribution", "none")) {}

  client::OutgoingRecord next() {
    client::OutgoingRecord record;
    if (!payloads_.empty()) {
      record.value = bytes_of(payloads_[rng_.below(payloads_.size())]);
    } else if (size_ >= 0) {
      record.value.emplace(static_cast<std::size_t>(size_));
      for (std::byte& byte : *record.value) byte = static_cast<std::byte>('A' + rng_.below(26));
    } else {
      record.value = bytes_of(std::to_string(index_));
    }
    if (keys_ == "range") record.key = bytes_of(std::to_string(index_ % key_range_));
    if (keys_ == "random") {
      record.key = bytes_of(std::to_string(rng_.below(static_cast<std::uint64_t>(key_range_))));
    }
    ++index_;
    return record;
  }

 private:
  static std::vector<std::byte> bytes_of(const std::string& text) {
    const Bytes bytes = as_bytes(text);
    return {bytes.begin(), bytes.end()};
  }
  Rng rng_;
  std::vector<std::string> payloads_;
  std::int64_t size_;
  std::int64_t key_range_;
  std::string keys_;
  std::int64_t index_ = 0;
};

// Times of records on their way, and the figures made of them.
class Measure {
 public:
  Measure(ToolContext& context, const Given& given)
      : context_(context),
        records_(number(given, "num-records", 0)),
        warmup_(std::max<std::int64_t>(number(given, "warmup-records", 0), 0)),
        interval_(number(given, "reporting-interval", 5'000)),
        all_(records_, interval_, false, context.env.clock.wall()) {}

  void sending(std::int64_t index, std::size_t bytes) {
    next_ = {context_.env.clock.wall(), bytes};
    if (warmup_ == 0 || index != warmup_) return;
    steady_.emplace(records_ - warmup_, interval_, true, next_.at);
    all_.be_quiet();
  }
  void sent(client::DeliveryToken token) { on_way_.emplace(token.value(), next_); }
  void report(client::DeliveryToken token, const Result<client::Delivery>& result) {
    const auto found = on_way_.find(token.value());
    const Sent sent = found == on_way_.end() ? next_ : found->second;
    if (found != on_way_.end()) on_way_.erase(found);
    if (!result) {
      ++errors_;
      return context_.console.err(with_exception(result.error()) + "\n");
    }
    ++delivered_;
    const Timestamp now = context_.env.clock.wall();
    context_.console.out(all_.record(now - sent.at, sent.bytes, now));
    if (steady_) context_.console.out(steady_->record(now - sent.at, sent.bytes, now));
    context_.console.flush();
  }
  void metrics(const client::ProducerSettings& settings, const std::string& client_id) {
    const auto name = [&](std::string_view metric) {
      return fmt::format("producer-metrics:{}:{{client-id={}}}", metric, client_id);
    };
    const auto memory = static_cast<double>(settings.accumulator.memory_bytes);
    context_.console.out(
        metrics_table({{name("buffer-available-bytes"), memory},
                       {name("buffer-total-bytes"), memory},
                       {name("record-error-total"), static_cast<double>(errors_)},
                       {name("record-send-total"), static_cast<double>(delivered_ + errors_)}}));
  }
  void total() {
    const Timestamp now = context_.env.clock.wall();
    context_.console.out(all_.total(now));
    if (steady_) context_.console.out(steady_->total(now));
  }

 private:
  struct Sent {
    Timestamp at;
    std::size_t bytes = 0;
  };
  ToolContext& context_;
  std::int64_t records_;
  std::int64_t warmup_;
  Milliseconds interval_;
  SendStats all_;
  std::optional<SendStats> steady_;
  Sent next_;
  std::int64_t delivered_ = 0;
  std::int64_t errors_ = 0;
  std::map<std::uint64_t, Sent> on_way_;
};

// Waits when more was sent than the person wants.
env::Task<void> throttle(env::Env& env, double per_second, std::int64_t sent, Instant begun) {
  if (per_second <= 0) co_return;
  const double due = static_cast<double>(sent) / per_second;
  const Instant at =
      begun + std::chrono::duration_cast<Duration>(std::chrono::duration<double>(due));
  if (at > env.clock.now()) co_await env::sleep_until(env, at);
}

// Sends in transactions of some time each, when the producer is transactional.
class Transactions {
 public:
  Transactions(env::Env& env, client::Producer& producer, bool enabled, Milliseconds duration)
      : env_(env), producer_(producer), enabled_(enabled), duration_(duration) {}
  [[nodiscard]] env::Task<Result<void>> prepare() {
    if (enabled_) CO_TRY_OK(co_await producer_.init_transactions());
    co_return Result<void>{};
  }
  [[nodiscard]] Result<void> before_send() {
    if (!enabled_ || open_) return {};
    TRY_OK(producer_.begin_transaction());
    open_ = true;
    begun_ = env_.clock.wall();
    return {};
  }
  // `sent`: when the last record was.
  [[nodiscard]] env::Task<Result<void>> after_send(Timestamp sent) {
    if (open_ && sent - begun_ >= duration_) co_return co_await finish();
    co_return Result<void>{};
  }
  [[nodiscard]] env::Task<Result<void>> finish() {
    if (!std::exchange(open_, false)) co_return Result<void>{};
    co_return co_await producer_.commit_transaction();
  }

 private:
  env::Env& env_;
  client::Producer& producer_;
  bool enabled_;
  Milliseconds duration_;
  bool open_ = false;
  Timestamp begun_{};
};

env::Task<Result<void>> send_all(ToolContext& context, client::Producer& producer, Given given,
                                 Plan plan, Measure& measure) {
  constexpr std::int64_t k_transaction_ms = 3'000;
  Records records(given, std::move(plan.payloads));
  Transactions transactions(
      context.env, producer, plan.producer.transactions.has_value(),
      Milliseconds{number(given, "transaction-duration-ms", k_transaction_ms)});
  CO_TRY_OK(co_await transactions.prepare());
  const std::int64_t count = number(given, "num-records", 0);
  const std::string topic = given.one("topic");
  const Instant begun = context.env.clock.now();
  if (number(given, "warmup-records", 0) > 0) {
    context.console.out(fmt::format(
        "Warmup first {} records. Steady state results will print after the complete test "
        "summary.\n",
        given.one("warmup-records")));
  }
  for (std::int64_t i = 0; i < count && !context.console.interrupted(); ++i) {
    client::OutgoingRecord record = records.next();
    CO_TRY_OK(transactions.before_send());
    const Timestamp now = context.env.clock.wall();
    measure.sending(i, record.value->size());
    CO_TRY(const client::DeliveryToken token,
           co_await producer.send(topic, std::nullopt, std::move(record)));
    measure.sent(token);
    CO_TRY_OK(co_await transactions.after_send(now));
    co_await throttle(context.env, plan.throughput, i + 1, begun);
  }
  co_return co_await transactions.finish();
}

}  // namespace

env::Task<int> run_producer_perf_test(ToolContext& context) {
  if (context.words.empty()) {
    context.console.out(help_of(k_line, &k_actions.front()));
    co_return k_ok;
  }
  const Reading reading = read_action(context, k_line, k_failed);
  if (!reading.chosen) co_return reading.exit_code;
  const Given& given = reading.chosen->given;
  if (const std::string wrong = misuse(given); !wrong.empty()) {
    context.console.err(error_of(k_line, &k_actions.front(), wrong));
    co_return k_failed;
  }
  const Result<Plan> plan = co_await make_plan(context, given);
  if (!plan) {
    context.console.err("Exception in thread \"main\" " + text_of(plan.error()) + "\n");
    co_return k_failed;
  }
  client::Cluster cluster(context.env, plan->cluster);
  Measure measure(context, given);
  client::Producer producer(
      cluster, plan->producer,
      [&](client::DeliveryToken token, const Result<client::Delivery>& result) {
        measure.report(token, result);
      });
  const Result<void> done = co_await send_all(context, producer, given, *plan, measure);
  co_await producer.close();
  co_await cluster.close();
  if (done) measure.total();
  if (done && given.has("print-metrics")) {
    measure.metrics(plan->producer, plan->cluster.client_id);
  }
  context.console.flush();
  if (done) co_return k_ok;
  context.console.err(with_exception(done.error()) + "\n");
  co_return k_failed;
}

}  // namespace moldau::cli
