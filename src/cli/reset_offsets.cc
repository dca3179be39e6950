#include "cli/reset_offsets.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "cli/console_settings.h"
#include "cli/group_text.h"
#include "cli/session.h"
#include "client/group_admin.h"
#include "client/list_offsets.h"
#include "config/value_text.h"
#include "env/disk.h"

namespace moldau::cli {
namespace {

using client::TopicPartition;
using Partitions = std::set<TopicPartition>;

constexpr std::size_t k_plan_bytes_max = 64 << 20;
constexpr std::string_view k_resetter = "org.apache.kafka.tools.OffsetsUtils";

// What the person asked for, read before anything is asked of the cluster.
struct Wanted {
  std::optional<std::int64_t> to_offset;
  std::optional<std::int64_t> shift_by;
  std::optional<Timestamp> to_time;
  std::optional<client::OffsetSpec> to_end_or_start;
  std::optional<ResetPlan> from_file;
  bool to_current = false;
};

env::Task<Result<ResetPlan>> read_file_plan(ToolContext& context, Given given) {
  const std::string path = given.one("from-file");
  const auto file = co_await env::read_file(context.env.disk, path, k_plan_bytes_max);
  if (!file) {
    co_return fail(Errc::bad_configuration, "java.io.IOException: Unable to read file {}", path);
  }
  const std::vector<std::string> groups = given.all("group");
  co_return read_plan(as_text(file->view()), groups.size() == 1 ? groups.front() : "");
}

// A number that is none is the command's failure, not one of its usage.
Result<std::int64_t> number_of(const Given& given, std::string_view option) {
  const Result<std::int64_t> number = integer_option(given, option);
  if (!number) return fail(Errc::bad_configuration, "{}", number.error().text());
  return *number;
}

env::Task<Result<Wanted>> read_wanted(ToolContext& context, Given given) {
  Wanted wanted;
  if (given.has("to-offset")) {
    CO_TRY(wanted.to_offset, number_of(given, "to-offset"));
  } else if (given.has("to-earliest")) {
    wanted.to_end_or_start = client::OffsetSpec::earliest;
  } else if (given.has("to-latest")) {
    wanted.to_end_or_start = client::OffsetSpec::latest;
  } else if (given.has("shift-by")) {
    CO_TRY(wanted.shift_by, number_of(given, "shift-by"));
  } else if (given.has("to-datetime")) {
    CO_TRY(wanted.to_time, parse_datetime(given.one("to-datetime")));
  } else if (given.has("by-duration")) {
    const auto duration = config::parse_iso_duration(given.one("by-duration"));
    if (!duration) {
      co_return fail(Errc::bad_configuration, "Text cannot be parsed to a Duration");
    }
    const auto back = static_cast<std::int64_t>(std::llround(duration->seconds * 1'000));
    wanted.to_time = context.env.clock.wall() - Milliseconds{back};
  } else if (given.has("from-file")) {
    CO_TRY(wanted.from_file, co_await read_file_plan(context, given));
  } else if (given.has("to-current")) {
    wanted.to_current = true;
  } else {
    co_return fail(Errc::invalid_request,
                   "Option '[reset-offsets]' requires one of the following scenarios: "
                   "[[to-offset], [to-earliest], [to-current], [to-latest], [by-duration], "
                   "[to-datetime], [from-file], [shift-by]]");
  }
  co_return wanted;
}

// The partitions of topics, or why there are none.
env::Task<Result<Partitions>> partitions_of(client::Cluster& cluster,
                                            std::vector<std::string> topics) {
  Partitions out;
  if (topics.empty()) co_return out;
  CO_TRY(const auto metadata, co_await cluster.refresh(std::move(topics)));
  for (const auto& topic : metadata.topics) {
    if (topic.error_code != Errc::none)
      co_return fail(Error(topic.error_code, kafkas_text(Error(topic.error_code))));
    for (const auto& it : topic.partitions) out.insert({*topic.name, it.partition_index});
  }
  co_return out;
}

env::Task<Result<void>> check_partitions(client::Cluster& cluster, Partitions partitions) {
  std::set<std::string> topics;
  for (const TopicPartition& it : partitions) topics.insert(it.topic);
  CO_TRY(const Partitions known, co_await partitions_of(cluster, {topics.begin(), topics.end()}));
  std::string missing;
  std::string leaderless;
  for (const TopicPartition& it : partitions) {
    const auto place = cluster.place_of(it.topic, it.partition);
    std::string* list = nullptr;
    if (!known.contains(it)) {
      list = &missing;
    } else if (!place || place->leader == k_no_broker) {
      list = &leaderless;
    }
    if (list != nullptr) *list += fmt::format("{}{}", list->empty() ? "" : ",", it);
  }
  if (!missing.empty()) {
    co_return fail(Errc::unknown_topic_or_partition, "The partitions \"{}\" do not exist", missing);
  }
  if (!leaderless.empty()) {
    co_return fail(Errc::leader_not_available, "The partitions \"{}\" have no leader", leaderless);
  }
  co_return Result<void>{};
}

// Offsets outside of the log are moved to its ends.
env::Task<Result<NewOffsets>> within_logs(ToolContext& context, client::Cluster& cluster,
                                          NewOffsets asked) {
  for (auto& [partition, offset] : asked) {
    CO_TRY(const auto end,
           co_await client::find_offset(cluster, partition, client::OffsetSpec::latest));
    CO_TRY(const auto start,
           co_await client::find_offset(cluster, partition, client::OffsetSpec::earliest));
    const bool high = offset > end.offset;
    if (!high && offset >= start.offset) continue;
    const Offset to = high ? end.offset : start.offset;
    log_line(
        context, "WARN",
        fmt::format("New offset ({}) is {} offset for topic partition {}. Value will be set "
                    "to {}",
                    offset, high ? "higher than latest" : "lower than earliest", partition, to),
        k_resetter);
    offset = to;
  }
  co_return asked;
}

env::Task<Result<NewOffsets>> at_ends(client::Cluster& cluster, Partitions partitions,
                                      client::OffsetSpec spec) {
  NewOffsets out;
  for (const TopicPartition& it : partitions) {
    CO_TRY(const auto found, co_await client::find_offset(cluster, it, spec));
    out[it] = found.offset;
  }
  co_return out;
}

env::Task<Result<NewOffsets>> at_time(ToolContext& context, client::Cluster& cluster,
                                      Partitions partitions, Timestamp time) {
  NewOffsets out;
  for (const TopicPartition& it : partitions) {
    CO_TRY(auto found, co_await client::find_offset_for_time(cluster, it, time));
    if (found.offset == k_no_offset) {
      context.console.out(
          fmt::format("\nWarn: Partition {} from topic {} is empty. Falling back "
                      "to latest known offset.\n",
                      it.partition, it.topic));
      CO_TRY(found, co_await client::find_offset(cluster, it, client::OffsetSpec::latest));
    }
    out[it] = found.offset;
  }
  co_return out;
}

env::Task<Result<NewOffsets>> from_committed(ToolContext& context, client::Cluster& cluster,
                                             Partitions partitions, client::GroupOffsets committed,
                                             std::optional<std::int64_t> shift_by) {
  NewOffsets out;
  for (const TopicPartition& it : partitions) {
    const auto found = committed.find(it);
    if (found != committed.end()) {
      out[it] = found->second.offset + shift_by.value_or(0);
    } else if (shift_by) {
      co_return fail(Errc::invalid_request,
                     "Cannot shift offset for partition {} since there is no current committed "
                     "offset",
                     it);
    } else {
      CO_TRY(const auto end, co_await client::find_offset(cluster, it, client::OffsetSpec::latest));
      out[it] = end.offset;
    }
  }
  if (!shift_by) co_return out;
  co_return co_await within_logs(context, cluster, std::move(out));
}

env::Task<Result<Partitions>> chosen_partitions(client::Cluster& cluster, Given given,
                                                client::GroupOffsets committed) {
  Partitions out;
  if (given.has("all-topics")) {
    for (const auto& [partition, offset] : committed) out.insert(partition);
    co_return out;
  }
  if (given.has("topic")) {
    CO_TRY(NamedTopics named, read_topics(given.all("topic")));
    CO_TRY(out, co_await partitions_of(cluster, std::move(named.whole)));
    out.merge(named.partitions);
    co_return out;
  }
  if (!given.has("from-file")) {
    co_return fail(Errc::invalid_request,
                   "One of the reset scopes should be defined: --all-topics, --topic.");
  }
  co_return out;
}

env::Task<Result<NewOffsets>> new_offsets(ToolContext& context, client::Cluster& cluster,
                                          Given given, client::CoordinatorLink& link) {
  CO_TRY(const client::GroupOffsets committed, co_await client::fetch_offsets(link, {}));
  CO_TRY(Partitions partitions, co_await chosen_partitions(cluster, given, committed));
  CO_TRY_OK(co_await check_partitions(cluster, partitions));
  CO_TRY(const Wanted wanted, co_await read_wanted(context, given));
  if (wanted.to_offset) {
    NewOffsets asked;
    for (const TopicPartition& it : partitions) asked[it] = Offset{*wanted.to_offset};
    co_return co_await within_logs(context, cluster, std::move(asked));
  }
  if (wanted.to_end_or_start) {
    co_return co_await at_ends(cluster, std::move(partitions), *wanted.to_end_or_start);
  }
  if (wanted.to_time) {
    co_return co_await at_time(context, cluster, std::move(partitions), *wanted.to_time);
  }
  if (wanted.from_file) {
    const auto found = wanted.from_file->find(link.key());
    if (found == wanted.from_file->end()) {
      context.console.out(fmt::format("\nError: No reset plan for group {} found\n", link.key()));
      co_return NewOffsets{};
    }
    co_return co_await within_logs(context, cluster, found->second);
  }
  co_return co_await from_committed(context, cluster, std::move(partitions), committed,
                                    wanted.shift_by);
}

env::Task<Result<NewOffsets>> reset_group(ToolContext& context, client::Cluster& cluster,
                                          Given given, std::string group_id) {
  const auto described = co_await client::describe_consumer_group(cluster, group_id);
  if (!described && described.error().code() != Errc::group_id_not_found) {
    co_return fail(Errc::unknown_server_error, "java.util.concurrent.ExecutionException: {}",
                   refusal_text(described.error()));
  }
  if (described && described->state != "Empty" && described->state != "Dead") {
    context.console.out(
        fmt::format("\nError: Assignments can only be reset if the group '{}' is inactive, but the "
                    "current state is {}.\n",
                    group_id, described->state));
    co_return NewOffsets{};
  }
  client::CoordinatorLink link(cluster, client::CoordinatorKind::group, std::move(group_id));
  CO_TRY(NewOffsets planned, co_await new_offsets(context, cluster, given, link));
  if (given.has("execute") && !given.has("dry-run")) {
    client::GroupOffsets offsets;
    for (const auto& [partition, offset] : planned) offsets[partition].offset = offset;
    CO_TRY_OK(co_await client::commit_offsets(link, std::nullopt, std::move(offsets)));
  }
  co_return planned;
}

}  // namespace

env::Task<Result<ResetPlan>> reset_offsets(ToolContext& context, client::Cluster& cluster,
                                           Given given, std::vector<std::string> group_ids) {
  ResetPlan plan;
  for (const std::string& group_id : group_ids) {
    CO_TRY(plan[group_id], co_await reset_group(context, cluster, given, group_id));
  }
  co_return plan;
}

std::string new_offsets_text(const ResetPlan& plan, const std::vector<std::string>& group_ids) {
  std::size_t group_width = 15;
  std::size_t topic_width = 15;
  for (const auto& [group, offsets] : plan) {
    group_width = std::max(group_width, group.size());
    for (const auto& [partition, offset] : offsets) {
      topic_width = std::max(topic_width, partition.topic.size());
    }
  }
  const auto line = [&](std::string_view a, std::string_view b, std::string_view c,
                        std::string_view d) {
    return fmt::format("\n{:{}} {:{}} {:10} {}", a, group_width, b, topic_width, c, d);
  };
  std::string out;
  if (!plan.empty()) out = line("GROUP", "TOPIC", "PARTITION", "NEW-OFFSET");
  for (const std::string& group : group_ids) {
    const auto found = plan.find(group);
    if (found == plan.end()) continue;
    for (const auto& [partition, offset] : found->second) {
      out += line(group, partition.topic, std::to_string(partition.partition.value()),
                  std::to_string(offset.value()));
    }
  }
  return out + "\n";
}

Result<NamedTopics> read_topics(const std::vector<std::string>& words) {
  NamedTopics out;
  for (const std::string& word : words) {
    const std::size_t colon = word.find(':');
    if (colon == std::string::npos) {
      out.whole.push_back(word);
      continue;
    }
    const std::string topic = word.substr(0, colon);
    const std::string list = word.substr(colon + 1);
    if (topic.empty() || list.empty() || list.find(':') != std::string::npos) {
      return fail(Errc::invalid_request,
                  "Invalid topic arg '{}', expected topic name and partitions", word);
    }
    for (const std::string& text : config::split_list(list)) {
      const auto number = config::parse_integer(text, INT32_MIN, INT32_MAX);
      if (!number) {
        return fail(Errc::invalid_request, "Invalid partition '{}' specified in topic arg '{}''",
                    text, word);
      }
      out.partitions.insert({topic, PartitionIndex{static_cast<std::int32_t>(*number)}});
    }
  }
  return out;
}

}  // namespace moldau::cli
