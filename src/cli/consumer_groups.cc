#include "cli/consumer_groups.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "cli/console_settings.h"
#include "cli/group_text.h"
#include "cli/regex_text.h"
#include "cli/reset_offsets.h"
#include "cli/session.h"
#include "client/group_admin.h"
#include "client/list_offsets.h"
#include "config/value_text.h"
#include "protojson/json_text.h"

namespace moldau::cli {
namespace {

constexpr auto k_options = std::to_array<Option>({
    bootstrap_server("server to connect to"),
    {.name = "group",
     .value = "consumer group",
     .help = "The consumer group; may be given more than once.",
     .repeatable = true},
    {.name = "topic",
     .value = "topic",
     .help = "With --reset-offsets and --delete-offsets: a topic, or topic:0,1 for some of its "
             "partitions; may be given more than once.",
     .repeatable = true},
    {.name = "all-topics", .help = "With --reset-offsets: all topics that have a commit."},
    {.name = "list", .help = "List the consumer groups."},
    {.name = "describe", .help = "Show a group: its offsets and lag, members, or state."},
    {.name = "all-groups", .help = "All consumer groups."},
    {.name = "delete", .help = "Delete groups with their offsets."},
    {.name = "timeout",
     .value = "timeout (ms)",
     .type = "Long",
     .help = "How long to wait for the answers.",
     .preset = "30000"},
    command_config("command config property file"),
    {.name = "reset-offsets",
     .help = "Give a group without members other offsets; only planned without --execute."},
    {.name = "delete-offsets", .help = "Delete the offsets of a group for topics."},
    {.name = "dry-run", .help = "With --reset-offsets: only show what would be."},
    {.name = "execute", .help = "With --reset-offsets: do it."},
    {.name = "export", .help = "With --reset-offsets: print the plan as CSV."},
    {.name = "to-offset", .value = "offset", .type = "Long", .help = "This offset."},
    {.name = "from-file", .value = "path to CSV file", .help = "The offsets of this file."},
    {.name = "to-datetime",
     .value = "datetime",
     .help = "The first record at or after this time: YYYY-MM-DDThh:mm:ss.sss"},
    {.name = "by-duration", .value = "duration", .help = "So long ago: PnDTnHnMnS"},
    {.name = "to-earliest", .help = "The earliest offset."},
    {.name = "to-latest", .help = "The latest offset."},
    {.name = "to-current", .help = "The committed offset."},
    {.name = "shift-by",
     .value = "number-of-offsets",
     .type = "Long",
     .help = "So many further, or back when negative."},
    {.name = "members", .help = "With --describe: the members."},
    {.name = "verbose", .help = "With --describe: more columns."},
    {.name = "offsets", .help = "With --describe: offsets and lag; what it shows by itself."},
    {.name = "state",
     .type = "String",
     .help = "With --describe: the state. With --list: the states, or only groups in these.",
     .value_is_optional = true},
    {.name = "type",
     .type = "String",
     .help = "With --list: the types, or only groups of these.",
     .value_is_optional = true},
    {.name = "validate-regex", .value = "regex", .help = "Say whether RE2 takes the pattern."},
    k_json,
    k_help,
});
constexpr auto k_actions = std::to_array<std::string_view>(
    {"list", "describe", "delete", "reset-offsets", "delete-offsets", "validate-regex"});
constexpr auto k_scenarios =
    std::to_array<std::string_view>({"to-offset", "to-datetime", "by-duration", "to-earliest",
                                     "to-latest", "to-current", "shift-by", "from-file"});

std::string excludes(const Given& given, std::string_view option,
                     std::span<const std::string_view> others) {
  if (!given.has(option)) return {};
  for (const std::string_view other : others) {
    if (other == option || !given.has(other)) continue;
    return fmt::format("Option \"[{}]\" can't be used with option \"[{}]\"", option, other);
  }
  return {};
}

std::string misuse_of_describe(const Given& given) {
  if (!given.has("describe")) return {};
  if (!given.has("group") && !given.has("all-groups")) {
    return "Option [describe] takes one of these options: [group], [all-groups]";
  }
  if (given.has("members") + given.has("offsets") + given.has("state") > 1) {
    return "Option [describe] takes at most one of these options: [members], [offsets], [state]";
  }
  if (given.has("state") && !given.one("state").empty()) {
    return "Option [describe] does not take a value for [state]";
  }
  return {};
}

std::string misuse_of_deletes(const Given& given) {
  if (given.has("delete")) {
    if (!given.has("group") && !given.has("all-groups")) {
      return "Option [delete] takes one of these options: [group], [all-groups]";
    }
    if (given.has("topic")) {
      return "The consumer does not support topic-specific offset deletion from a consumer group.";
    }
  }
  if (given.has("delete-offsets") && (!given.has("group") || !given.has("topic"))) {
    return "Option [delete-offsets] takes the following options: [group], [topic]";
  }
  return {};
}

std::string misuse_of_reset(ToolContext& context, const Given& given) {
  if (!given.has("reset-offsets")) return {};
  if (given.has("dry-run") && given.has("execute")) {
    return "Option [reset-offsets] only accepts one of [execute] and [dry-run]";
  }
  if (!given.has("dry-run") && !given.has("execute")) {
    context.console.err(
        "WARN: No action will be performed as the --execute option is missing. In version 5.0, "
        "this command will require either --dry-run or --execute to be specified. You should add "
        "the --dry-run option explicitly if you are scripting this command and want to keep the "
        "current default behavior without prompting.\n");
  }
  if (!given.has("group") && !given.has("all-groups")) {
    return "Option [reset-offsets] takes one of these options: [group], [all-groups]";
  }
  for (const std::string_view scenario : k_scenarios) {
    if (std::string wrong = excludes(given, scenario, k_scenarios); !wrong.empty()) return wrong;
  }
  return {};
}

// Options that exist only beside others, as the option parser has it.
std::string misplaced(const Given& given) {
  struct Place {
    std::string_view option, first, second;
  };
  constexpr auto k_places = std::to_array<Place>({{"members", "describe", "describe"},
                                                  {"verbose", "describe", "describe"},
                                                  {"offsets", "describe", "describe"},
                                                  {"state", "describe", "list"},
                                                  {"type", "list", "list"}});
  for (const Place& place : k_places) {
    if (given.has(place.option) && !given.has(place.first) && !given.has(place.second)) {
      return fmt::format("Option(s) [{}] are unavailable given other options on the command line",
                         place.option);
    }
  }
  return {};
}

// Kafka's checks of what fits together, and its words; empty when all is well.
std::string misuse(ToolContext& context, const Given& given) {
  if (!given.has("validate-regex") && !given.has("bootstrap-server")) {
    return "Missing required argument \"[bootstrap-server]\"";
  }
  constexpr auto k_all_groups = std::to_array<std::string_view>({"all-groups"});
  constexpr auto k_list = std::to_array<std::string_view>({"list"});
  constexpr auto k_no_topics = std::to_array<std::string_view>({"list", "describe"});
  for (const std::string& wrong :
       {misuse_of_describe(given), misuse_of_deletes(given), misuse_of_reset(context, given),
        excludes(given, "group", k_all_groups), excludes(given, "group", k_list),
        excludes(given, "topic", k_no_topics)}) {
    if (!wrong.empty()) return wrong;
  }
  const auto actions =
      std::ranges::count_if(k_actions, [&](const auto action) { return given.has(action); });
  if (actions == 1) return {};
  std::string all;
  for (const std::string_view action : k_actions) {
    all += fmt::format("{}--{}", all.empty() ? "" : ", ", action);
  }
  return "Command must include exactly one action: " + all;
}

// ---- list

Result<std::vector<std::string>> choices(const std::string& text,
                                         std::span<const std::string_view> known,
                                         std::string_view what, std::string_view valid) {
  std::vector<std::string> out;
  for (const std::string& word : config::split_list(text)) {
    const auto found = std::ranges::find_if(known, [&](const std::string_view one) {
      return config::lower(one) == config::lower(word);
    });
    if (found == known.end()) {
      return fail(Errc::invalid_request, "Invalid {} list '{}'. Valid {} are: {}", what, text,
                  what == "state" ? "states" : what, valid);
    }
    out.emplace_back(*found);
  }
  return out;
}

env::Task<Result<std::vector<client::ListedGroup>>> consumer_groups(client::Cluster& cluster,
                                                                    client::GroupFilter filter) {
  CO_TRY(std::vector<client::ListedGroup> groups,
         co_await client::list_groups(cluster, std::move(filter)));
  std::erase_if(groups, [](const auto& group) {
    return !group.protocol.empty() && group.protocol != "consumer";
  });
  co_return in_listed_order(std::move(groups));
}

env::Task<Result<void>> list(ToolContext& context, client::Cluster& cluster, Given given) {
  constexpr auto k_states =
      std::to_array<std::string_view>({"Reconciling", "Assigning", "Empty", "PreparingRebalance",
                                       "CompletingRebalance", "Dead", "Stable"});
  constexpr auto k_types = std::to_array<std::string_view>({"Classic", "Consumer"});
  client::GroupFilter filter;
  CO_TRY(filter.states, choices(given.one("state"), k_states, "state",
                                "Reconciling, Assigning, Empty, PreparingRebalance, "
                                "CompletingRebalance, Dead, Stable"));
  CO_TRY(filter.types, choices(given.one("type"), k_types, "types", "Classic, Consumer"));
  CO_TRY(const std::vector<client::ListedGroup> groups,
         co_await consumer_groups(cluster, std::move(filter)));
  if (given.has("json")) {
    nlohmann::ordered_json all = nlohmann::ordered_json::array();
    for (const client::ListedGroup& group : groups) {
      all.push_back({{"group", group.group_id}, {"type", group.type}, {"state", group.state}});
    }
    context.console.out(protojson::json_lines(all) + "\n");
  } else if (given.has("type") || given.has("state")) {
    context.console.out(listed_text(groups, given.has("type"), given.has("state")));
  } else {
    for (const client::ListedGroup& group : groups) context.console.out(group.group_id + "\n");
  }
  co_return Result<void>{};
}

env::Task<Result<std::vector<std::string>>> named_groups(client::Cluster& cluster, Given given) {
  if (!given.has("all-groups")) co_return given.all("group");
  CO_TRY(const std::vector<client::ListedGroup> groups, co_await consumer_groups(cluster, {}));
  std::vector<std::string> ids;
  for (const client::ListedGroup& group : groups) ids.push_back(group.group_id);
  co_return ids;
}

// ---- describe

env::Task<Result<std::vector<OffsetRow>>> rows_of(client::Cluster& cluster,
                                                  client::DescribedGroup& group) {
  client::CoordinatorLink link(cluster, client::CoordinatorKind::group, group.group_id);
  CO_TRY(const client::GroupOffsets committed, co_await client::fetch_offsets(link, {}));
  std::set<client::TopicPartition> partitions;
  for (const auto& [partition, offset] : committed) partitions.insert(partition);
  for (const client::DescribedMember& member : group.members) {
    partitions.insert(member.assigned.begin(), member.assigned.end());
  }
  EndOffsets ends;
  for (const client::TopicPartition& partition : partitions) {
    const auto end = co_await client::find_offset(cluster, partition, client::OffsetSpec::latest);
    if (end) ends[partition] = end->offset;
  }
  co_return offset_rows(group, committed, ends);
}

env::Task<Result<void>> describe(ToolContext& context, client::Cluster& cluster, Given given) {
  CO_TRY(std::vector<std::string> ids, co_await named_groups(cluster, given));
  std::ranges::sort(ids);
  std::vector<client::DescribedGroup> groups;
  for (const std::string& id : ids) {
    auto group = co_await client::describe_consumer_group(cluster, id);
    if (!group) co_return fail(Errc::unknown_server_error, "{}", refusal_text(group.error()));
    groups.push_back(*std::move(group));
  }
  const bool verbose = given.has("verbose");
  for (client::DescribedGroup& group : groups) {
    std::string table;
    std::size_t rows = 1;
    if (given.has("members")) {
      rows = group.members.size();
      table = members_text(group, verbose);
    } else if (given.has("state")) {
      table = state_text(group, verbose);
    } else {
      CO_TRY(const std::vector<OffsetRow> offsets, co_await rows_of(cluster, group));
      rows = offsets.size();
      table = offsets_text(group.group_id, offsets, verbose);
    }
    const GroupNote note = note_of(group, rows);
    if (!note.text.empty()) context.console.err(note.text);
    // Kafka's tool prints the header of the members' table even when there are none.
    if (note.has_table || given.has("members")) context.console.out(table);
  }
  co_return Result<void>{};
}

// ---- delete

env::Task<Result<void>> delete_groups(ToolContext& context, client::Cluster& cluster, Given given) {
  CO_TRY(const std::vector<std::string> ids, co_await named_groups(cluster, given));
  std::vector<std::string> deleted;
  std::string failed;
  for (const std::string& id : in_listed_order(ids)) {
    const auto done = co_await client::delete_group(cluster, id);
    if (done) {
      deleted.push_back("'" + id + "'");
    } else {
      failed += fmt::format("* Group '{}' could not be deleted due to: {}\n", id,
                            refusal_text(done.error()));
    }
  }
  const std::string all = config::joined(deleted, ", ");
  if (failed.empty()) {
    context.console.out(
        fmt::format("Deletion of requested consumer groups ({}) was successful.\n", all));
    co_return Result<void>{};
  }
  context.console.out("\nError: Deletion of some consumer groups failed:\n" + failed);
  if (!deleted.empty()) {
    context.console.out(
        fmt::format("\nThese consumer groups were deleted successfully: {}\n", all));
  }
  co_return Result<void>{};
}

struct Fate {
  client::TopicPartition partition;
  std::optional<Error> error;
};

std::string fates_text(std::vector<Fate> fates) {
  std::size_t width = 15;
  for (const Fate& fate : fates) width = std::max(width, fate.partition.topic.size());
  std::ranges::sort(fates, {}, [](const Fate& fate) {
    return fmt::format("{}{}", fate.partition.topic, fate.partition.partition);
  });
  std::string out = fmt::format("\n{:{}} {:10} {:15}", "TOPIC", width, "PARTITION", "STATUS");
  for (const Fate& fate : fates) {
    const std::int32_t index = fate.partition.partition.value();
    out += fmt::format("\n{:{}} {:10} {:15}", fate.partition.topic, width,
                       index < 0 ? "-" : std::to_string(index),
                       fate.error ? "Error: " + refusal_text(*fate.error) : "Successful");
  }
  return out + "\n";
}

std::string outcome_text(Errc worst, const std::string& group) {
  switch (worst) {
    case Errc::none:
      return fmt::format("Request succeeded for deleting offsets from group {}.\n", group);
    case Errc::invalid_group_id:
    case Errc::group_id_not_found:
    case Errc::group_authorization_failed:
    case Errc::non_empty_group:
      return fmt::format("\nError: {}\n", kafkas_text(Error(worst)));
    case Errc::group_subscribed_to_topic:
    case Errc::topic_authorization_failed:
    case Errc::unknown_topic_or_partition:
      return "\nError: Encountered some partition-level error, see the follow-up details.\n";
    default:
      return fmt::format("\nError: Encountered some unknown error: {}\n", name_of(worst));
  }
}

env::Task<Result<void>> delete_offsets(ToolContext& context, client::Cluster& cluster,
                                       Given given) {
  if (given.all("group").size() > 1) {
    co_return fail(Errc::unknown_server_error,
                   "Found multiple arguments for option group, but you asked for only one");
  }
  const std::string group = given.one("group");
  CO_TRY(NamedTopics named, read_topics(given.all("topic")));
  std::vector<Fate> fates;
  if (!named.whole.empty()) {
    CO_TRY(const auto metadata, co_await cluster.refresh(named.whole));
    for (const auto& topic : metadata.topics) {
      const std::string name = topic.name.value_or("");
      if (topic.error_code != Errc::none) {
        fates.push_back({{name, PartitionIndex{-1}}, Error(topic.error_code)});
      }
      for (const auto& it : topic.partitions) named.partitions.insert({name, it.partition_index});
    }
  }
  const auto told = co_await client::delete_offsets(cluster, group, named.partitions);
  Errc worst = told ? Errc::none : told.error().code();
  for (const client::TopicPartition& partition : named.partitions) {
    Fate fate{partition, std::nullopt};
    if (!told) {
      fate.error = told.error();
    } else if (const auto found = told->find(partition);
               found != told->end() && found->second != Errc::none) {
      fate.error = Error(found->second);
      worst = found->second;
    }
    fates.push_back(std::move(fate));
  }
  context.console.out(outcome_text(worst, group));
  context.console.out(fates_text(std::move(fates)));
  co_return Result<void>{};
}

env::Task<Result<void>> reset(ToolContext& context, client::Cluster& cluster, Given given) {
  CO_TRY(std::vector<std::string> ids, co_await named_groups(cluster, given));
  ids = in_listed_order(std::move(ids));
  CO_TRY(const ResetPlan plan, co_await reset_offsets(context, cluster, given, ids));
  if (given.has("export")) {
    context.console.out(plan_text(plan, given.all("group").size() != 1) + "\n");
  } else {
    context.console.out(new_offsets_text(plan, ids));
  }
  co_return Result<void>{};
}

env::Task<Result<void>> act(ToolContext& context, client::Cluster& cluster, Given given) {
  if (given.has("list")) return list(context, cluster, std::move(given));
  if (given.has("describe")) return describe(context, cluster, std::move(given));
  if (given.has("delete")) return delete_groups(context, cluster, std::move(given));
  if (given.has("delete-offsets")) return delete_offsets(context, cluster, std::move(given));
  return reset(context, cluster, std::move(given));
}

int validate_regex(ToolContext& context, const std::string& pattern) {
  const auto problem = problem_of_pattern(pattern);
  context.console.out(
      problem ? fmt::format("The regular expression `{}` is invalid: {}.\n", pattern, *problem)
              : fmt::format("The regular expression `{}` is valid.\n", pattern));
  return k_ok;
}

// Kafka's tool says so and ends as if all were well.
int command_failed(ToolContext& context, std::string_view text, std::string_view whole) {
  context.console.out(
      fmt::format("\nError: Executing consumer group command failed due to {}\n", text));
  context.console.err(fmt::format("{}\n", whole));
  return k_ok;
}

}  // namespace

env::Task<int> run_consumer_groups(ToolContext& context) {
  const std::optional<Given> given =
      read_words(context,
                 "This tool lists, describes and deletes consumer groups, and moves "
                 "their offsets.",
                 k_options);
  if (!given) co_return k_failed;
  const auto refuse = [&](std::string_view why) {
    context.console.err(fmt::format("{}\n{}", why, option_table(k_options)));
    return k_failed;
  };
  if (const std::string wrong = misplaced(*given); !wrong.empty()) {
    context.console.err(wrong + "\n");
    co_return k_failed;
  }
  if (const std::string wrong = misuse(context, *given); !wrong.empty()) co_return refuse(wrong);
  if (given->has("validate-regex")) co_return validate_regex(context, given->one("validate-regex"));
  auto settings = co_await cluster_settings(context, *given);
  if (!settings) co_return report_no_client(context, settings.error());
  if (given->has("timeout")) {
    const auto timeout = integer_option(*given, "timeout");
    if (!timeout) co_return command_failed(context, timeout.error().text(), timeout.error().text());
    settings->api_timeout = Milliseconds{*timeout};
  } else {
    settings->api_timeout = std::chrono::seconds{30};
  }
  client::Cluster cluster(context.env, *std::move(settings));
  Result<void> done = co_await reach(context, cluster, "listGroups");
  if (done) done = co_await act(context, cluster, *given);
  co_await cluster.close();
  if (done) co_return k_ok;
  if (done.error().code() == Errc::invalid_request) co_return refuse(text_of(done.error()));
  const bool whole = done.error().code() == Errc::unknown_server_error ||
                     done.error().code() == Errc::bad_configuration;
  const std::string text = text_of(done.error());
  co_return command_failed(context, text, whole ? text : with_exception(done.error()));
}

}  // namespace moldau::cli
