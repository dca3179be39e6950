#include "cli/streams_application_reset.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "cli/console_settings.h"
#include "cli/joined.h"
#include "cli/partition_file.h"
#include "cli/reset_plan.h"
#include "cli/session.h"
#include "client/group_admin.h"
#include "client/group_offsets.h"
#include "client/list_offsets.h"
#include "config/value_text.h"
#include "env/disk.h"
#include "protocol/api/delete_topics.h"

namespace moldau::cli {
namespace {

using client::TopicPartition;

constexpr auto k_options = std::to_array<Option>({
    {.name = "application-id",
     .value = "id",
     .type = "String",
     .help = "REQUIRED: the application's id (application.id)."},
    {.name = "bootstrap-server",
     .value = "server to connect to",
     .type = "String",
     .help = "The brokers to connect to, host:port with commas between them (localhost:9092)."},
    {.name = "input-topics",
     .value = "list",
     .type = "String",
     .help = "Topics whose offsets begin anew, with commas between them.",
     .repeatable = true},
    {.name = "intermediate-topics",
     .value = "list",
     .type = "String",
     .help = "Deprecated: topics whose offsets go to the end.",
     .repeatable = true},
    {.name = "internal-topics",
     .value = "list",
     .type = "String",
     .help = "Of the internal topics, delete these and not all.",
     .repeatable = true},
    {.name = "to-offset", .type = "Long", .help = "Offsets go to this one."},
    {.name = "to-datetime",
     .type = "String",
     .help = "Offsets go to this time, YYYY-MM-DDThh:mm:ss.sss."},
    {.name = "by-duration", .type = "String", .help = "Offsets go so far back, PnDTnHnMnS."},
    {.name = "to-earliest", .help = "Offsets go to the beginning."},
    {.name = "to-latest", .help = "Offsets go to the end."},
    {.name = "from-file", .type = "String", .help = "Offsets are lines topic,partition,offset."},
    {.name = "shift-by",
     .value = "number-of-offsets",
     .type = "Long",
     .help = "Offsets move by so many, forward or back."},
    {.name = "config-file",
     .value = "file name",
     .type = "String",
     .help = "Use --command-config."},
    {.name = "command-config",
     .value = "file name",
     .type = "String",
     .help = "A file of client settings."},
    {.name = "force", .help = "Remove members that are still in the group."},
    {.name = "dry-run", .help = "Say what would be done, and do nothing."},
    k_help,
});
constexpr std::string_view k_what =
    "Lets an application of Kafka Streams begin anew: offsets of its input topics go to the\n"
    "beginning, or where you say, and its internal topics are deleted. Its local state and its\n"
    "output topics are yours to clean. Try it with --dry-run first.";
constexpr auto k_scenarios =
    std::to_array<std::string_view>({"to-offset", "to-datetime", "by-duration", "to-earliest",
                                     "to-latest", "from-file", "shift-by"});

// Kafka's checks of what fits together, and its words; empty when all is well.
std::string misuse(const Given& given) {
  if (!given.has("application-id")) return "Missing required option(s) [application-id]";
  for (const std::string_view one : k_scenarios) {
    for (const std::string_view other : k_scenarios) {
      if (one == other || !given.has(one) || !given.has(other)) continue;
      return fmt::format("Option \"[{}]\" can't be used with option \"[{}]\"", one, other);
    }
  }
  if (given.has("config-file") && given.has("command-config")) {
    return "Option \"[config-file]\" can't be used with option \"[command-config]\"";
  }
  return {};
}

std::string list_text(const std::vector<std::string>& names) {
  return fmt::format("[{}]", joined(names, ", "));
}

std::vector<std::string> names_of(const Given& given, std::string_view option) {
  std::vector<std::string> out;
  for (const std::string& text : given.all(option)) {
    for (std::string& name : config::split_list(text)) out.push_back(std::move(name));
  }
  return out;
}

bool has(const std::vector<std::string>& names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

class Reset {
 public:
  Reset(ToolContext& context, client::Cluster& cluster, Given given)
      : context_(context),
        cluster_(cluster),
        given_(std::move(given)),
        application_(given_.one("application-id")),
        input_(names_of(given_, "input-topics")),
        intermediate_(names_of(given_, "intermediate-topics")) {}

  env::Task<Result<int>> run() {
    CO_TRY_OK(co_await reach(context_, cluster_, "describeConsumerGroups(api=FIND_COORDINATOR)"));
    CO_TRY_OK(co_await remove_members());
    CO_TRY_OK(co_await list_topics());
    if (given_.has("dry-run")) {
      say("----Dry run displays the actions which will be performed when running Streams Reset "
          "Tool----");
    }
    auto code = co_await reset_offsets();
    if (!code) co_return code;
    CO_TRY_OK(co_await delete_internal());
    co_return *code;
  }

 private:
  void say(std::string_view line) { context_.console.out(fmt::format("{}\n", line)); }

  env::Task<Result<void>> remove_members() {
    const auto group = co_await client::describe_consumer_group(cluster_, application_);
    if (!group && group.error().code() == Errc::group_id_not_found) co_return Result<void>{};
    if (!group) co_return fail(Error(group.error()));
    if (group->members.empty()) co_return Result<void>{};
    if (given_.has("force")) {
      say("Force deleting all active members in the group: " + application_);
      co_return co_await client::remove_members(cluster_, application_, group->members);
    }
    std::vector<std::string> members;
    for (const client::DescribedMember& it : group->members) {
      members.push_back(fmt::format(
          "(memberId={}, groupInstanceId={}, rackId=null, clientId={}, host={}, "
          "assignment=(topicPartitions={}), targetAssignment=Optional.empty, memberEpoch=null, "
          "upgraded=null)",
          it.member_id, it.instance_id.value_or("null"), it.client_id, it.host,
          joined(it.assigned, ",")));
    }
    co_return thrown_as("java.lang.IllegalStateException",
                        fmt::format("Consumer group '{}' is still active and has following "
                                    "members: {}. Make sure to stop all running application "
                                    "instances before running the reset tool. You can use option "
                                    "'--force' to remove active members from the group.",
                                    application_, list_text(members)));
  }

  static std::unexpected<Error> thrown_as(std::string_view java_class, std::string_view text) {
    return fail(Errc::invalid_request, "{}: {}", java_class, text);
  }

  env::Task<Result<void>> list_topics() {
    CO_TRY(const auto metadata, co_await cluster_.refresh(std::nullopt));
    for (const auto& topic : metadata.topics) {
      if (topic.is_internal || !topic.name) continue;
      topics_.push_back(*topic.name);
      for (const auto& it : topic.partitions) {
        partitions_.push_back({*topic.name, it.partition_index});
      }
    }
    topics_ = in_hash_order(std::move(topics_));
    partitions_ = in_hash_order(std::move(partitions_));
    co_return Result<void>{};
  }

  // Whether all are there; says which are not.
  bool say_missing(const std::vector<std::string>& wanted, std::string_view kind,
                   std::string_view prefix) {
    std::vector<std::string> missing;
    for (const std::string& name : wanted) {
      if (!has(topics_, name)) missing.push_back(name);
    }
    if (missing.empty()) return false;
    say(fmt::format("Following {} topics are not found, skipping them", kind));
    for (const std::string& name : missing) say(fmt::format("{}{}", prefix, name));
    return true;
  }

  env::Task<Result<int>> reset_offsets() {
    if (given_.has("intermediate-topics")) {
      say("WARN: `--intermediate-topics` is deprecated and will be removed in a future release");
    }
    if (input_.empty() && intermediate_.empty()) {
      say("No input or intermediate topics specified. Skipping seek.");
      co_return k_ok;
    }
    if (!input_.empty()) say("Reset-offsets for input topics " + list_text(input_));
    if (!intermediate_.empty()) {
      say("Seek-to-end for intermediate topics " + list_text(intermediate_));
    }
    bool missing = say_missing(input_, "input", "Topic: ");
    missing |= say_missing(intermediate_, "intermediate", "Topic:");
    client::GroupOffsets offsets;
    std::vector<TopicPartition> input;
    std::vector<TopicPartition> intermediate;
    for (const TopicPartition& it : partitions_) {
      if (has(input_, it.topic)) {
        input.push_back(it);
      } else if (has(intermediate_, it.topic)) {
        intermediate.push_back(it);
      }
    }
    if (input.empty() && intermediate.empty()) co_return missing ? k_failed : k_ok;
    CO_TRY_OK(co_await place_input(std::move(input), offsets));
    CO_TRY_OK(co_await place_intermediate(std::move(intermediate), offsets));
    if (!given_.has("dry-run")) {
      client::CoordinatorLink link(cluster_, client::CoordinatorKind::group, application_);
      CO_TRY_OK(co_await client::commit_offsets(link, std::nullopt, std::move(offsets)));
    }
    say("Done.");
    co_return missing ? k_failed : k_ok;
  }

  env::Task<Result<void>> place_intermediate(std::vector<TopicPartition> partitions,
                                             client::GroupOffsets& offsets) {
    if (partitions.empty()) co_return Result<void>{};
    say(fmt::format(
        "Following intermediate topics offsets will be reset to end (for consumer group {})",
        application_));
    for (const TopicPartition& it : partitions) {
      say("Topic: " + it.topic);
      CO_TRY(const auto end,
             co_await client::find_offset(cluster_, it, client::OffsetSpec::latest));
      offsets[it].offset = end.offset;
    }
    co_return Result<void>{};
  }

  env::Task<Result<void>> place_input(std::vector<TopicPartition> partitions,
                                      client::GroupOffsets& offsets) {
    if (partitions.empty()) co_return Result<void>{};
    say(fmt::format("Following input topics offsets will be reset to (for consumer group {})",
                    application_));
    const Result<void> read = co_await read_scenario(partitions);
    if (!read) {
      context_.console.err("ERROR: Resetting offsets failed.\n");
      co_return read;
    }
    for (const TopicPartition& it : partitions) {
      CO_TRY(offsets[it].offset, co_await new_offset(it));
    }
    for (const TopicPartition& it : partitions) {
      say(fmt::format("Topic: {} Partition: {} Offset: {}", it.topic, it.partition,
                      offsets[it].offset));
    }
    co_return Result<void>{};
  }

  env::Task<Result<void>> read_scenario(std::vector<TopicPartition> partitions) {
    if (given_.has("to-datetime")) {
      CO_TRY(time_, parse_datetime(given_.one("to-datetime")));
    } else if (given_.has("by-duration")) {
      const auto duration = config::parse_iso_duration(given_.one("by-duration"));
      if (!duration) {
        co_return thrown_as("java.time.format.DateTimeParseException",
                            "Text cannot be parsed to a Duration");
      }
      const auto back = static_cast<std::int64_t>(std::llround(duration->seconds * 1'000));
      time_ = context_.env.clock.wall() - Milliseconds{back};
    } else if (given_.has("from-file")) {
      CO_TRY_OK(co_await read_file(given_.one("from-file")));
      for (const TopicPartition& it : partitions) {
        if (!from_file_.contains(it)) co_return fail(Errc::invalid_request, k_not_in_file);
      }
    } else if (given_.has("shift-by")) {
      client::CoordinatorLink link(cluster_, client::CoordinatorKind::group, application_);
      CO_TRY(committed_,
             co_await client::fetch_offsets(link, {.as = std::nullopt,
                                                   .partitions = std::set<TopicPartition>(
                                                       partitions.begin(), partitions.end())}));
    }
    co_return Result<void>{};
  }

  env::Task<Result<void>> read_file(std::string path) {
    constexpr std::size_t k_bytes_max = 64 << 20;
    const auto file = co_await env::read_file(context_.env.disk, path, k_bytes_max);
    if (!file) co_return thrown_as("java.io.IOException", "Unable to read file " + path);
    constexpr std::string_view k_parse = "java.text.ParseException";
    if (file->empty()) {
      co_return thrown_as(k_parse, "Error parsing reset plan CSV file. It is empty,");
    }
    auto plan = read_plan(as_text(file->view()), application_);
    if (!plan) {
      co_return thrown_as(
          k_parse, "Reset plan CSV file is not following the format `TOPIC,PARTITION,OFFSET`.");
    }
    from_file_ = std::move((*plan)[application_]);
    co_return Result<void>{};
  }

  env::Task<Result<Offset>> new_offset(TopicPartition partition) {
    using client::OffsetSpec;
    if (given_.has("to-offset")) {
      CO_TRY(const std::int64_t offset, integer_option(given_, "to-offset"));
      co_return co_await in_range(partition, Offset{offset});
    }
    if (given_.has("shift-by")) {
      CO_TRY(const std::int64_t by, integer_option(given_, "shift-by"));
      CO_TRY(const Offset now, co_await position(partition));
      co_return co_await in_range(partition, now + by);
    }
    if (given_.has("from-file")) co_return co_await in_range(partition, from_file_.at(partition));
    if (time_) {
      CO_TRY(const auto found, co_await client::find_offset_for_time(cluster_, partition, *time_));
      if (found.offset != k_no_offset) co_return found.offset;
      say(
          fmt::format("Partition {} from topic {} is empty, without a committed record. Falling "
                      "back to latest known offset.",
                      partition.partition, partition.topic));
    }
    const bool to_end = time_ || given_.has("to-latest");
    CO_TRY(const auto found,
           co_await client::find_offset(cluster_, partition,
                                        to_end ? OffsetSpec::latest : OffsetSpec::earliest));
    co_return found.offset;
  }

  // Where the group is, or where a consumer begins.
  env::Task<Result<Offset>> position(TopicPartition partition) {
    const auto found = committed_.find(partition);
    if (found != committed_.end()) co_return found->second.offset;
    CO_TRY(const auto end,
           co_await client::find_offset(cluster_, partition, client::OffsetSpec::latest));
    co_return end.offset;
  }

  env::Task<Result<Offset>> in_range(TopicPartition partition, Offset offset) {
    CO_TRY(const auto end,
           co_await client::find_offset(cluster_, partition, client::OffsetSpec::latest));
    CO_TRY(const auto begin,
           co_await client::find_offset(cluster_, partition, client::OffsetSpec::earliest));
    if (offset >= end.offset) {
      say(fmt::format("New offset ({}) is higher than latest offset. Value will be set to {}",
                      offset, end.offset));
      co_return end.offset;
    }
    if (offset > begin.offset) co_return offset;
    say(fmt::format("New offset ({}) is lower than earliest offset. Value will be set to {}",
                    offset, begin.offset));
    co_return begin.offset;
  }

  env::Task<Result<void>> delete_internal() {
    std::vector<std::string> inferred;
    for (const std::string& name : topics_) {
      if (has(input_, name) || has(intermediate_, name)) continue;
      if (name.starts_with(application_ + "-") && is_streams_internal_name(name)) {
        inferred.push_back(name);
      }
    }
    std::vector<std::string> doomed = names_of(given_, "internal-topics");
    if (doomed.empty()) {
      doomed = std::move(inferred);
      say("Deleting inferred internal topics " + list_text(doomed));
    } else {
      for (const std::string& name : doomed) {
        if (has(inferred, name)) continue;
        co_return thrown_as(
            "java.lang.IllegalArgumentException",
            "Invalid topic specified in the --internal-topics option. Ensure that the topics "
            "specified are all internal topics. Do a dry run without the --internal-topics option "
            "to see the list of all internal topics that can be deleted.");
      }
      say("Deleting specified internal topics " + list_text(doomed));
    }
    if (!given_.has("dry-run")) CO_TRY_OK(co_await remove(std::move(doomed)));
    say("Done.");
    co_return Result<void>{};
  }

  env::Task<Result<void>> remove(std::vector<std::string> names) {
    if (names.empty()) co_return Result<void>{};
    CO_TRY(const auto connection, co_await cluster_.any());
    CO_TRY(const ApiVersion version, connection->version_of(protocol::ApiKey::delete_topics));
    constexpr ApiVersion k_first_with_states{6};
    protocol::DeleteTopicsRequest request;
    request.timeout_ms = cluster_.settings().request_timeout;
    if (version >= k_first_with_states) {
      for (const std::string& name : names) request.topics.emplace_back().name = name;
    } else {
      request.topic_names = names;
    }
    CO_TRY(const auto answer,
           (co_await connection
                ->request<protocol::DeleteTopicsRequest, protocol::DeleteTopicsResponse>(
                    std::move(request), version)));
    bool refused = false;
    for (const auto& it : answer.responses) {
      if (it.error_code == Errc::none) continue;
      refused = true;
      context_.console.err(
          fmt::format("ERROR: deleting topic {}\n{}\n", it.name.value_or(""),
                      with_exception(Error(it.error_code, it.error_message.value_or("")))));
    }
    if (refused) {
      co_return thrown_as("java.lang.RuntimeException",
                          "Encountered an error deleting one or more topics");
    }
    co_return Result<void>{};
  }

  static constexpr std::string_view k_not_in_file = "java.lang.NullPointerException";
  ToolContext& context_;
  client::Cluster& cluster_;
  Given given_;
  std::string application_;
  std::vector<std::string> input_;
  std::vector<std::string> intermediate_;
  std::vector<std::string> topics_;  // that are there
  std::vector<TopicPartition> partitions_;
  std::optional<Timestamp> time_;
  NewOffsets from_file_;
  client::GroupOffsets committed_;
};

// nullopt: it was said what is wrong.
env::Task<std::optional<client::ClusterSettings>> settings_of(ToolContext& context, Given given) {
  Given asked;
  for (const std::string& name : given.names()) asked.add(name, given.one(name));
  if (given.has("config-file")) {
    say_deprecated(context, "config-file", "command-config");
    asked.add("command-config", given.one("config-file"));
  }
  if (!given.has("bootstrap-server")) asked.add("bootstrap-server", "localhost:9092");
  auto settings = co_await cluster_settings(context, std::move(asked));
  if (settings) co_return *std::move(settings);
  context.console.err("ERROR: " + text_of(settings.error()) + "\n");
  co_return std::nullopt;
}

}  // namespace

bool is_streams_internal_name(std::string_view topic) {
  for (const std::string_view end :
       {"-changelog", "-repartition", "-subscription-registration-topic",
        "-subscription-response-topic"}) {
    if (topic.ends_with(end)) return true;
  }
  if (!topic.ends_with("-topic")) return false;
  topic.remove_suffix(std::string_view("-topic").size());
  const std::size_t digits = topic.find_last_not_of("0123456789");
  if (digits == std::string_view::npos || digits + 1 == topic.size()) return false;
  topic = topic.substr(0, digits + 1);
  for (const std::string_view end :
       {"-KTABLE-FK-JOIN-SUBSCRIPTION-REGISTRATION-", "-KTABLE-FK-JOIN-SUBSCRIPTION-RESPONSE-"}) {
    if (topic.ends_with(end) && topic.size() > end.size()) return true;
  }
  return false;
}

env::Task<int> run_streams_application_reset(ToolContext& context) {
  const std::optional<Given> given =
      read_words(context, k_what, k_options, Repeats::refused, {}, OnMistake::text_and_options);
  if (!given) co_return k_failed;
  if (const std::string wrong = misuse(*given); !wrong.empty()) {
    context.console.err(fmt::format("{}\n{}", wrong, option_table(k_options)));
    co_return k_failed;
  }
  auto settings = co_await settings_of(context, *given);
  if (!settings) co_return k_failed;
  client::Cluster cluster(context.env, *std::move(settings));
  Reset reset(context, cluster, *given);
  const Result<int> code = co_await reset.run();
  co_await cluster.close();
  if (code) co_return *code;
  const bool ours = code.error().code() == Errc::invalid_request;
  context.console.err(
      fmt::format("ERROR: {}\n", ours ? text_of(code.error()) : with_exception(code.error())));
  co_return k_failed;
}

}  // namespace moldau::cli
