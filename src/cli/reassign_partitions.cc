#include "cli/reassign_partitions.h"

#include <fmt/core.h>

#include <algorithm>

#include "cli/console_settings.h"
#include "cli/joined.h"
#include "cli/reassignment_calls.h"
#include "cli/reassignment_proposal.h"
#include "cli/reassignment_throttles.h"
#include "cli/session.h"

namespace moldau::cli {
namespace {

constexpr auto k_options = std::to_array<Option>({
    {.name = "generate", .help = "Propose where partitions could go."},
    {.name = "execute", .help = "Begin to move partitions."},
    {.name = "verify", .help = "Show how far a reassignment is, and end its throttles."},
    {.name = "cancel", .help = "End a reassignment that is under way."},
    {.name = "list", .help = "List the reassignments that are under way."},
    {.name = "bootstrap-server",
     .value = "Server(s) to use for bootstrapping",
     .help = "The brokers to connect to, host:port with commas between them.",
     .value_is_optional = true},
    {.name = "bootstrap-controller",
     .value = "bootstrap controller to connect to",
     .help = "With --list and --cancel: the controllers to connect to.",
     .value_is_optional = true},
    {.name = "command-config",
     .value = "Admin client property file",
     .help = "A file of client settings."},
    {.name = "reassignment-json-file",
     .value = "manual assignment json file path",
     .help = "A file of {\"version\":1,\"partitions\":[{\"topic\":\"t\",\"partition\":0,"
             "\"replicas\":[1,2],\"log_dirs\":[\"any\",\"any\"]}]}."},
    {.name = "topics-to-move-json-file",
     .value = "topics to reassign json file path",
     .help = "With --generate: a file of {\"version\":1,\"topics\":[{\"topic\":\"t\"}]}."},
    {.name = "broker-list",
     .value = "brokerlist",
     .help = "With --generate: the brokers to use, like 0,1,2."},
    {.name = "disable-rack-aware", .help = "With --generate: do not look at racks."},
    {.name = "throttle",
     .value = "throttle",
     .type = "Long",
     .help = "Bytes a second between brokers.",
     .preset = "-1"},
    {.name = "replica-alter-log-dirs-throttle",
     .value = "replicaAlterLogDirsThrottle",
     .type = "Long",
     .help = "Bytes a second between the log directories of a broker.",
     .preset = "-1"},
    {.name = "timeout",
     .value = "timeout",
     .type = "Long",
     .help = "Milliseconds until moves between log directories must have begun.",
     .preset = "10000"},
    {.name = "additional", .help = "Even while other reassignments are under way."},
    {.name = "preserve-throttles", .help = "Leave throttles as they are."},
    {.name = "disallow-replication-factor-change",
     .help = "Refuse to give partitions more or fewer replicas."},
    k_help,
});
constexpr std::string_view k_what = "This tool helps to move topic partitions between replicas.";

using client::TopicPartition;

struct Action {
  std::string_view name;
  std::vector<std::string_view> required, allowed;
};
const std::vector<Action>& actions() {
  static const std::vector<Action> k_actions{
      {"generate",
       {"topics-to-move-json-file", "broker-list"},
       {"bootstrap-server", "command-config", "disable-rack-aware"}},
      {"execute",
       {"reassignment-json-file"},
       {"additional", "bootstrap-server", "command-config", "throttle",
        "replica-alter-log-dirs-throttle", "timeout", "disallow-replication-factor-change"}},
      {"verify",
       {"reassignment-json-file"},
       {"bootstrap-server", "command-config", "preserve-throttles"}},
      {"cancel",
       {"reassignment-json-file"},
       {"bootstrap-server", "bootstrap-controller", "command-config", "preserve-throttles",
        "timeout"}},
      {"list", {}, {"bootstrap-server", "bootstrap-controller", "command-config"}}};
  return k_actions;
}

bool contains(const std::vector<std::string_view>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

// What is wrong with the words, in Kafka's order; empty when all is well.
std::string misuse(const Given& given) {
  const Action* action = nullptr;
  int count = 0;
  for (const Action& one : actions()) {
    if (!given.has(one.name)) continue;
    action = &one;
    ++count;
  }
  if (count != 1) {
    return "Command must include exactly one action: --generate, --execute, --verify, --cancel, "
           "--list";
  }
  if (given.has("bootstrap-server") && given.has("bootstrap-controller")) {
    return "Please don't specify both --bootstrap-server and --bootstrap-controller";
  }
  if (!given.has("bootstrap-server") && !given.has("bootstrap-controller")) {
    return "Please specify either --bootstrap-server or --bootstrap-controller";
  }
  if (std::string missing = missing_argument(given, action->required); !missing.empty()) {
    return missing;
  }
  for (const std::string& name : given.names()) {
    if (name == action->name || contains(action->required, name) ||
        contains(action->allowed, name)) {
      continue;
    }
    return fmt::format("Option \"[{}]\" can't be used with action \"[{}]\"", name, action->name);
  }
  return {};
}

// The work of one run of the tool. Each step gives the exit code; a failure that is told without
// "Error:" was printed by itself.
class Work {
 public:
  Work(ToolContext& context, client::Cluster& cluster, Given given)
      : context_(context), cluster_(cluster), given_(std::move(given)) {}

  [[nodiscard]] env::Task<Result<int>> run();

 private:
  [[nodiscard]] env::Task<Result<int>> generate();
  [[nodiscard]] env::Task<Result<int>> execute();
  [[nodiscard]] env::Task<Result<int>> verify();
  [[nodiscard]] env::Task<Result<int>> cancel();
  [[nodiscard]] env::Task<Result<int>> list();

  [[nodiscard]] env::Task<Result<std::vector<Placement>>> placements();
  [[nodiscard]] env::Task<Result<LogDirs>> current_log_dirs(Assignments assignments);
  [[nodiscard]] Result<ThrottleRates> rates() const;
  [[nodiscard]] env::Task<Result<int>> move(LogDirs moves);
  [[nodiscard]] bool controllers() const { return given_.has("bootstrap-controller"); }
  int terse(std::string_view text) {
    context_.console.out(fmt::format("{}\n", text));
    return k_failed;
  }

  ToolContext& context_;
  client::Cluster& cluster_;
  Given given_;
};

env::Task<Result<std::vector<Placement>>> Work::placements() {
  CO_TRY(const std::string text,
         co_await read_text_file(context_, given_.one("reassignment-json-file")));
  co_return read_reassignment_json(text);
}

// ---- generate ----------------------------------------------------------------------------------

env::Task<Result<LogDirs>> Work::current_log_dirs(Assignments assignments) {
  std::vector<ReplicaName> replicas;
  for (const auto& [partition, ids] : assignments) {
    for (const BrokerId id : ids) replicas.emplace_back(id, partition);
  }
  CO_TRY(const auto lying, co_await lying_in(cluster_, std::move(replicas)));
  LogDirs out;
  for (const auto& [replica, where] : lying) {
    if (!where.current.empty()) out[replica] = where.current;
  }
  co_return out;
}

env::Task<Result<int>> Work::generate() {
  CO_TRY(const std::string text,
         co_await read_text_file(context_, given_.one("topics-to-move-json-file")));
  CO_TRY(const std::vector<BrokerId> brokers, read_broker_list(given_.one("broker-list")));
  CO_TRY(std::vector<std::string> topics, read_topics_to_move(text));
  CO_TRY(const Assignments current, co_await assignments_of_all(cluster_, std::move(topics)));
  CO_TRY(const LogDirs log_dirs, co_await current_log_dirs(current));
  CO_TRY(const std::vector<KnownBroker> known, co_await nodes_of(cluster_, false));
  Rng rng(context_.env.entropy.next());
  CO_TRY(const Assignments proposed,
         proposal_of(current, known, brokers, !given_.has("disable-rack-aware"), rng));
  context_.console.out(fmt::format("Current partition replica assignment\n{}\n\n",
                                   as_reassignment_json(current, log_dirs)));
  context_.console.out(fmt::format("Proposed partition reassignment configuration\n{}\n",
                                   as_reassignment_json(proposed, {})));
  co_return k_ok;
}

// ---- execute -----------------------------------------------------------------------------------

std::string lines_of(const Refusals& refusals) {
  std::string text;
  for (const auto& [partition, error] : refusals) {
    text += fmt::format("\n{}: {}", partition, text_of(error));
  }
  return text;
}

Result<ThrottleRates> Work::rates() const {
  ThrottleRates out;
  if (given_.has("throttle")) {
    TRY(out.between_brokers, integer_option(given_, "throttle"));
  }
  constexpr std::string_view k_directories = "replica-alter-log-dirs-throttle";
  if (given_.has(k_directories)) {
    TRY(out.between_directories, integer_option(given_, k_directories));
  }
  return out;
}

env::Task<Result<int>> Work::move(LogDirs moves) {
  constexpr Milliseconds k_between_tries{100};
  CO_TRY(const std::int64_t timeout,
         given_.has("timeout") ? integer_option(given_, "timeout") : Result<std::int64_t>{10'000});
  env::Env& env = context_.env;
  const Instant deadline = env.clock.now() + Milliseconds{timeout};
  while (true) {
    CO_TRY(const std::vector<ReplicaName> begun, co_await move_log_dirs(cluster_, moves));
    for (const ReplicaName& replica : begun) {
      context_.console.out(fmt::format(
          "Successfully started moving log directory to {} for replica {} with broker {} \n",
          moves[replica], replica.second, replica.first));
      moves.erase(replica);
    }
    if (moves.empty()) co_return k_ok;
    if (env.clock.now() >= deadline) break;
    co_await env::sleep_for(env, k_between_tries);
  }
  std::vector<std::string> names;
  for (const auto& [replica, directory] : moves) names.push_back(name_of(replica));
  co_return terse(fmt::format("Timed out before log directory move{} could be started for: {}",
                              names.size() == 1 ? "" : "s", joined(names, ",")));
}

env::Task<Result<int>> Work::execute() {
  CO_TRY(const std::vector<Placement> asked, co_await placements());
  CO_TRY(const Assignments proposed, checked(asked));
  const LogDirs moves = log_dirs_of(asked);
  CO_TRY(const Ongoing ongoing, co_await ongoing_in(cluster_, std::nullopt));
  if (!given_.has("additional") && !ongoing.empty()) {
    co_return terse(
        "Cannot execute because there is an existing partition assignment.  Use --additional to "
        "override this and create a new partition assignment in addition to the existing one. The "
        "--additional flag can also be used to change the throttle by resubmitting the current "
        "reassignment.");
  }
  CO_TRY(const std::vector<KnownBroker> known, co_await nodes_of(cluster_, false));
  std::set<BrokerId> brokers;
  std::vector<std::string> topics;
  for (const auto& [partition, replicas] : proposed) {
    brokers.insert(replicas.begin(), replicas.end());
    if (topics.empty() || topics.back() != partition.topic) topics.push_back(partition.topic);
  }
  for (const BrokerId id : brokers) {
    if (std::ranges::find(known, id, &KnownBroker::id) != known.end()) continue;
    co_return fail(Errc::invalid_request, "Unknown broker id {}", id);
  }
  CO_TRY(const Assignments all, co_await assignments_of_all(cluster_, std::move(topics)));
  Assignments current;
  std::map<TopicPartition, std::optional<Replicas>> wanted;
  std::vector<TopicPartition> missing;
  for (const auto& [partition, replicas] : proposed) {
    wanted[partition] = replicas;
    const auto at = all.find(partition);
    if (at == all.end()) {
      missing.push_back(partition);
    } else {
      current.insert(*at);
    }
  }
  if (!missing.empty()) {
    co_return fail(Errc::unknown_topic_or_partition, "Unable to find partition: {}",
                   joined(in_hash_order(std::move(missing)), ", "));
  }
  CO_TRY(const LogDirs log_dirs, co_await current_log_dirs(current));
  context_.console.out(
      fmt::format("Current partition replica assignment\n\n{}\n\nSave this to use as the "
                  "--reassignment-json-file option during rollback\n",
                  as_reassignment_json(current, log_dirs)));
  CO_TRY(const ThrottleRates limits, rates());
  CO_TRY_OK(co_await set_throttles(context_.console, cluster_, limits,
                                   throttled_by(ongoing, proposed, current), moves));
  const bool any_factor = !given_.has("disallow-replication-factor-change");
  CO_TRY(const Refusals refusals, co_await reassign(cluster_, std::move(wanted), any_factor));
  if (!refusals.empty()) {
    co_return terse(fmt::format("Error reassigning partition(s):{}", lines_of(refusals)));
  }
  std::vector<TopicPartition> names;
  for (const auto& [partition, replicas] : proposed) names.push_back(partition);
  context_.console.out(fmt::format("Successfully started partition reassignment{} for {}\n",
                                   names.size() == 1 ? "" : "s", joined(names, ",")));
  if (moves.empty()) co_return k_ok;
  co_return co_await move(moves);
}

// ---- verify, cancel, list ----------------------------------------------------------------------

env::Task<Result<int>> Work::verify() {
  CO_TRY(const std::vector<Placement> asked, co_await placements());
  CO_TRY(const Ongoing ongoing, co_await ongoing_in(cluster_, std::nullopt));
  std::vector<std::string> topics;
  for (const Placement& one : asked) {
    if (std::ranges::find(topics, one.partition.topic) == topics.end()) {
      topics.push_back(one.partition.topic);
    }
  }
  CO_TRY(const Assignments current, co_await assignments_of(cluster_, std::move(topics)));
  std::map<TopicPartition, Standing> standing;
  for (const Placement& one : asked) {
    Standing& stands = standing[one.partition];
    stands.target = one.replicas;
    if (const auto at = ongoing.find(one.partition); at != ongoing.end()) {
      stands.current = at->second.replicas;
      continue;
    }
    stands.done = true;
    if (const auto at = current.find(one.partition); at != current.end()) {
      stands.current = at->second;
    }
  }
  context_.console.out(standing_as_text(standing));
  const LogDirs moves = log_dirs_of(asked);
  std::vector<ReplicaName> replicas;
  for (const auto& [replica, directory] : moves) replicas.push_back(replica);
  CO_TRY(const auto lying, co_await lying_in(cluster_, std::move(replicas)));
  context_.console.out(moves_as_text(moves, lying));
  const bool moving =
      std::ranges::any_of(lying, [](const auto& one) { return !one.second.future.empty(); });
  if (ongoing.empty() && !moving && !given_.has("preserve-throttles")) {
    CO_TRY_OK(co_await clear_throttles(context_.console, cluster_, asked, controllers()));
  }
  co_return k_ok;
}

env::Task<Result<int>> Work::cancel() {
  CO_TRY(const std::vector<Placement> asked, co_await placements());
  std::vector<TopicPartition> names;
  for (const Placement& one : asked) names.push_back(one.partition);
  CO_TRY(const Ongoing ongoing, co_await ongoing_in(cluster_, std::move(names)));
  if (ongoing.empty()) {
    context_.console.out("None of the specified partition reassignments are active.\n");
  } else {
    std::map<TopicPartition, std::optional<Replicas>> wanted;
    std::vector<TopicPartition> moving;
    for (const auto& [partition, one] : ongoing) {
      wanted[partition] = std::nullopt;
      moving.push_back(partition);
    }
    CO_TRY(const Refusals refusals, co_await reassign(cluster_, std::move(wanted), true));
    if (!refusals.empty()) {
      co_return terse(fmt::format("Error cancelling partition reassignment{} for:{}",
                                  refusals.size() == 1 ? "" : "s", lines_of(refusals)));
    }
    context_.console.out(fmt::format("Successfully cancelled partition reassignment{} for: {}\n",
                                     moving.size() == 1 ? "" : "s", joined(moving, ",")));
  }
  std::vector<ReplicaName> replicas;
  for (const auto& [replica, directory] : log_dirs_of(asked)) replicas.push_back(replica);
  CO_TRY(const auto lying, co_await lying_in(cluster_, std::move(replicas)));
  LogDirs back;
  for (const auto& [replica, where] : lying) {
    if (!where.future.empty()) back[replica] = where.current;
  }
  if (back.empty()) {
    context_.console.out("None of the specified partition moves are active.");
  } else {
    CO_TRY(const int code, co_await move(std::move(back)));
    if (code != k_ok) co_return code;
  }
  if (!given_.has("preserve-throttles")) {
    CO_TRY_OK(co_await clear_throttles(context_.console, cluster_, asked, controllers()));
  }
  co_return k_ok;
}

env::Task<Result<int>> Work::list() {
  CO_TRY(const Ongoing ongoing, co_await ongoing_in(cluster_, std::nullopt));
  context_.console.out(ongoing_as_text(ongoing));
  co_return k_ok;
}

env::Task<Result<int>> Work::run() {
  CO_TRY_OK(co_await reach(context_, cluster_, "listPartitionReassignments"));
  if (given_.has("generate")) co_return co_await generate();
  if (given_.has("execute")) co_return co_await execute();
  if (given_.has("verify")) co_return co_await verify();
  if (given_.has("cancel")) co_return co_await cancel();
  co_return co_await list();
}

// Errors of numbers, which Kafka's parser of options finds.
Result<void> check_numbers(const Given& given) {
  for (const std::string_view name : {"throttle", "replica-alter-log-dirs-throttle", "timeout"}) {
    if (!given.has(name)) continue;
    if (const auto number = integer_option(given, name); !number) return fail(number.error());
  }
  return {};
}

}  // namespace

env::Task<int> run_reassign_partitions(ToolContext& context) {
  const std::optional<Given> given = read_words(context, k_what, k_options);
  if (!given) co_return k_failed;
  if (const Result<void> numbers = check_numbers(*given); !numbers) {
    co_return report(context, numbers.error());
  }
  if (const std::string wrong = misuse(*given); !wrong.empty()) {
    context.console.err(fmt::format("{}\n{}", wrong, option_table(k_options)));
    co_return k_failed;
  }
  // What goes wrong from here on is told on standard output, as Kafka's tool does it.
  auto settings = co_await cluster_settings(context, *given);
  if (!settings) {
    context.console.out(
        fmt::format("Error: {}\n", settings.error().code() == Errc::bad_configuration
                                       ? "Failed to create new KafkaAdminClient"
                                       : text_of(settings.error())));
    co_return k_failed;
  }
  client::Cluster cluster(context.env, *std::move(settings));
  Work work(context, cluster, *given);
  const Result<int> done = co_await work.run();
  co_await cluster.close();
  if (done) co_return *done;
  const bool ours = done.error().code() == Errc::invalid_request;
  context.console.out(
      fmt::format("Error: {}\n", ours ? text_of(done.error()) : with_exception(done.error())));
  co_return k_failed;
}

}  // namespace moldau::cli
