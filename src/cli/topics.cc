#include "cli/topics.h"

#include <algorithm>
#include <charconv>

#include "cli/console_settings.h"
#include "cli/controller_file.h"
#include "cli/java_text.h"
#include "cli/name_pattern.h"
#include "cli/reassignment_calls.h"
#include "cli/session.h"
#include "cli/topics_text.h"
#include "config/value_text.h"
#include "protocol/api/create_partitions.h"
#include "protocol/api/create_topics.h"
#include "protocol/api/delete_topics.h"
#include "protocol/api/describe_configs.h"
#include "protocol/api/describe_topic_partitions.h"
#include "protocol/api/metadata.h"

namespace moldau::cli {
namespace {

constexpr auto k_options = std::to_array<Option>({
    bootstrap_server("server to connect to"),
    {.name = "create", .help = "Create a topic."},
    {.name = "list", .help = "List the topics."},
    {.name = "describe", .help = "Show partitions, replicas and settings of topics."},
    {.name = "alter", .help = "Give topics more partitions."},
    {.name = "delete", .help = "Delete topics."},
    {.name = "topic", .value = "topic", .help = "The topic; a pattern, but for --create."},
    {.name = "topic-id", .value = "topic-id", .help = "With --describe: the topic of this id."},
    {.name = "partitions",
     .value = "# of partitions",
     .type = "Integer",
     .help = "Partitions of the topic."},
    {.name = "replication-factor",
     .value = "replication factor",
     .type = "Integer",
     .help = "Replicas of each partition."},
    {.name = "replica-assignment",
     .value = "broker_id_for_part1_replica1 : broker_id_for_part1_replica2 , "
              "broker_id_for_part2_replica1 : broker_id_for_part2_replica2 , ...",
     .help = "The brokers of each partition, by hand."},
    {.name = "config",
     .value = "name=value",
     .help = "A setting of a new topic.",
     .repeatable = true},
    {.name = "delete-config",
     .value = "name",
     .help = "Has no effect, in Kafka neither.",
     .repeatable = true},
    {.name = "if-exists", .help = "No error when there is no such topic."},
    {.name = "if-not-exists", .help = "No error when the topic is there already."},
    {.name = "exclude-internal", .help = "Leave out the topics of Kafka's own."},
    {.name = "topics-with-overrides", .help = "Only topics with settings of their own."},
    {.name = "under-replicated-partitions", .help = "Only partitions that lack a replica."},
    {.name = "unavailable-partitions", .help = "Only partitions without a leader."},
    {.name = "under-min-isr-partitions", .help = "Only partitions below min.insync.replicas."},
    {.name = "at-min-isr-partitions", .help = "Only partitions at min.insync.replicas."},
    {.name = "partition-size-limit-per-response",
     .value = "maximum number of partitions per response",
     .type = "Integer",
     .help = "Partitions asked for at a time."},
    command_config("command config property file"),
    k_json,
    k_help,
});

using protocol::CreateTopicsRequest;

Result<int> number_of(const Given& given, std::string_view option) {
  const std::string text = given.one(option);
  int value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc{} || end != text.data() + text.size()) {
    return fail(Errc::invalid_request, "Cannot parse argument '{}' of option {}", text, option);
  }
  return value;
}

// "1:2,2:3": the brokers of partition 0, then those of partition 1.
Result<std::vector<std::vector<BrokerId>>> read_assignment(std::string_view text) {
  std::vector<std::vector<BrokerId>> partitions;
  for (const std::string_view partition : split_at(text, ',')) {
    std::vector<BrokerId> brokers;
    for (const std::string_view broker : split_at(partition, ':')) {
      TRY(const std::int32_t id, read_java_int(broker));
      if (std::ranges::find(brokers, BrokerId{id}) != brokers.end()) {
        return fail(Errc::invalid_request,
                    "Partition replica lists may not contain duplicate entries: {}", id);
      }
      brokers.emplace_back(id);
    }
    if (!partitions.empty() && partitions.front().size() != brokers.size()) {
      return fail(Errc::invalid_request, "Partition {} has different replication factor: {}",
                  partitions.size(), partition);
    }
    partitions.push_back(std::move(brokers));
  }
  return partitions;
}

// An option, and the options beside which it means nothing.
struct Conflict {
  std::string_view option;
  std::vector<std::string_view> others;
};
std::vector<Conflict> conflicts(const Given& given) {
  std::vector<Conflict> out{
      {"config", {"describe", "list", "delete"}},
      {"partitions", {"describe", "list", "delete"}},
      {"replication-factor", {"alter", "describe", "list", "delete"}},
      {"replica-assignment", {"describe", "list", "delete"}},
  };
  if (given.has("create")) {
    out.push_back({"replica-assignment", {"partitions", "replication-factor"}});
  }
  constexpr auto k_reports =
      std::to_array<std::string_view>({"under-replicated-partitions", "under-min-isr-partitions",
                                       "at-min-isr-partitions", "unavailable-partitions"});
  for (const std::string_view report : k_reports) {
    out.push_back({report, {"alter", "create", "list", "delete", "topics-with-overrides"}});
  }
  out.push_back({"topics-with-overrides", {"alter", "create", "list", "delete"}});
  out.back().others.insert(out.back().others.end(), k_reports.begin(), k_reports.end());
  out.push_back({"if-exists", {"create", "list"}});
  out.push_back({"if-not-exists", {"alter", "describe", "list", "delete"}});
  out.push_back({"exclude-internal", {"alter", "create", "delete"}});
  return out;
}

// Kafka's checks of what fits together, in its order and its words; empty when all is well.
std::string misuse(const Given& given) {
  if (given.has("describe") && given.has("if-exists") && !given.has("topic") &&
      !given.has("topic-id")) {
    return "--topic or --topic-id is required to describe a topic";
  }
  if (!given.has("list") && !given.has("describe") && !given.has("topic")) {
    return "Missing required argument \"[topic]\"";
  }
  if (given.has("alter") && given.has("config")) {
    return "Option combination \"[[bootstrap-server], [config]]\" can't be used with option "
           "\"[alter]\" (To alter topic configurations, the kafka-configs tool can be used.)";
  }
  if (given.has("alter") && !given.has("partitions")) {
    return "Missing required argument \"[partitions]\"";
  }
  for (const Conflict& conflict : conflicts(given)) {
    if (!given.has(conflict.option)) continue;
    for (const std::string_view other : conflict.others) {
      if (!given.has(other)) continue;
      return fmt::format("Option \"[{}]\" can't be used with option \"[{}]\"", conflict.option,
                         other);
    }
  }
  return {};
}

Result<CreateTopicsRequest::CreatableTopic> new_topic(const Given& given) {
  CreateTopicsRequest::CreatableTopic topic;
  topic.name = given.one("topic");
  topic.num_partitions = -1;
  topic.replication_factor = -1;
  if (given.has("partitions")) {
    TRY(topic.num_partitions, number_of(given, "partitions"));
    if (topic.num_partitions < 1) {
      return fail(Errc::invalid_request, "The partitions must be greater than 0");
    }
  }
  if (given.has("replication-factor")) {
    TRY(const int factor, number_of(given, "replication-factor"));
    if (factor < 1 || factor > 32767) {
      return fail(Errc::invalid_request,
                  "The replication factor must be between 1 and 32767 inclusive");
    }
    topic.replication_factor = static_cast<std::int16_t>(factor);
  }
  if (!given.one("replica-assignment").empty()) {
    TRY(const auto partitions, read_assignment(given.one("replica-assignment")));
    for (std::size_t i = 0; i < partitions.size(); ++i) {
      auto& assignment = topic.assignments.emplace_back();
      assignment.partition_index = PartitionIndex{static_cast<std::int32_t>(i)};
      assignment.broker_ids = partitions[i];
    }
  }
  for (const std::string& text : given.all("config")) {
    // Empty parts at the end do not count, nor do spaces.
    std::vector<std::string_view> parts = split_at(text, '=');
    while (!parts.empty() && config::java_trim(parts.back()).empty()) parts.pop_back();
    if (parts.size() != 2) {
      return fail(
          Errc::invalid_request,
          "requirement failed: Invalid topic config: all configs to be added must be in the "
          "format \"key=val\".");
    }
    auto& config = topic.configs.emplace_back();
    config.name = config::java_trim(parts[0]);
    config.value = config::java_trim(parts[1]);
  }
  return topic;
}

env::Task<Result<void>> create(ToolContext& context, client::Cluster& cluster, Given given) {
  const std::string name = given.one("topic");
  if (name.find_first_of("._") != std::string::npos) {
    context.console.out(
        "WARNING: Due to limitations in metric names, topics with a period ('.') or underscore "
        "('_') could collide. To avoid issues it is best to use either, but not both.\n");
  }
  CO_TRY(CreateTopicsRequest::CreatableTopic topic, new_topic(given));
  CreateTopicsRequest request;
  request.topics.push_back(std::move(topic));
  CO_TRY(const protocol::CreateTopicsResponse answer,
         co_await cluster.ask_any<CreateTopicsRequest, protocol::CreateTopicsResponse>(
             std::move(request)));
  for (const auto& result : answer.topics) {
    if (result.error_code == Errc::topic_already_exists && given.has("if-not-exists")) {
      co_return Result<void>{};
    }
    CO_TRY_OK(refused(result.error_code, result.error_message));
  }
  context.console.out(fmt::format("Created topic {}.\n", name));
  co_return Result<void>{};
}

// Names of the topics that --topic means. Errors: invalid_request when none is there.
env::Task<Result<std::vector<std::string>>> chosen_topics(client::Cluster& cluster, Given given) {
  CO_TRY(const protocol::MetadataResponse metadata, co_await cluster.refresh(std::nullopt));
  std::vector<std::string> names;
  std::optional<NamePattern> pattern;
  if (given.has("topic")) {
    // The empty name is that of no topic, and nothing is missed when there is none.
    if (given.one("topic").empty()) co_return names;
    CO_TRY(pattern, NamePattern::read(given.one("topic")));
  }
  for (const auto& topic : metadata.topics) {
    if (!topic.name || (given.has("exclude-internal") && topic.is_internal)) continue;
    if (!pattern || pattern->matches(*topic.name)) names.push_back(*topic.name);
  }
  std::ranges::sort(names);
  if (pattern && names.empty() && !given.has("list") && !given.has("if-exists")) {
    co_return fail(Errc::invalid_request, "Topic '{}' does not exist as expected",
                   given.one("topic"));
  }
  co_return names;
}

env::Task<Result<void>> list(ToolContext& context, client::Cluster& cluster, Given given) {
  CO_TRY(const std::vector<std::string> names, co_await chosen_topics(cluster, given));
  const bool none_asked = given.has("topic") && given.one("topic").empty();
  context.console.out(given.has("json") ? names_as_json(names)
                      : none_asked      ? "\n"
                                        : names_as_lines(names));
  co_return Result<void>{};
}

env::Task<Result<std::vector<TopicDescription>>> partitions_of(client::Cluster& cluster,
                                                               std::vector<std::string> names,
                                                               int limit) {
  std::vector<TopicDescription> out;
  protocol::DescribeTopicPartitionsRequest request;
  request.response_partition_limit = limit;
  for (std::string& name : names) request.topics.emplace_back().name = std::move(name);
  while (true) {
    CO_TRY(protocol::DescribeTopicPartitionsResponse answer,
           co_await cluster.ask_any<protocol::DescribeTopicPartitionsRequest,
                                    protocol::DescribeTopicPartitionsResponse>(request));
    for (auto& topic : answer.topics) {
      if (topic.error_code != Errc::none) continue;
      // A topic that did not fit goes on in the next answer.
      if (!out.empty() && out.back().topic.name == topic.name) {
        std::ranges::move(topic.partitions, std::back_inserter(out.back().topic.partitions));
      } else {
        out.push_back({std::move(topic), {}});
      }
    }
    if (!answer.next_cursor) co_return out;
    request.cursor.emplace();
    request.cursor->topic_name = answer.next_cursor->topic_name;
    request.cursor->partition_index = answer.next_cursor->partition_index;
    std::erase_if(request.topics,
                  [&](const auto& topic) { return topic.name < answer.next_cursor->topic_name; });
  }
}

env::Task<Result<void>> add_configs(client::Cluster& cluster,
                                    std::vector<TopicDescription>& topics) {
  constexpr std::int8_t k_topic_resource = 2;
  protocol::DescribeConfigsRequest request;
  for (const TopicDescription& description : topics) {
    auto& resource = request.resources.emplace_back();
    resource.resource_type = k_topic_resource;
    resource.resource_name = description.topic.name.value_or("");
    resource.configuration_keys.reset();
  }
  CO_TRY(
      protocol::DescribeConfigsResponse answer,
      co_await cluster.ask_any<protocol::DescribeConfigsRequest, protocol::DescribeConfigsResponse>(
          std::move(request)));
  for (auto& result : answer.results) {
    for (TopicDescription& description : topics) {
      if (description.topic.name == result.resource_name) {
        description.configs = std::move(result.configs);
        break;
      }
    }
  }
  co_return Result<void>{};
}

env::Task<Result<void>> add_reassignments(client::Cluster& cluster,
                                          std::vector<TopicDescription>& topics) {
  const Result<Ongoing> ongoing = co_await ongoing_in(cluster, std::nullopt);
  if (!ongoing) {
    // Topics can be described without them, as by Kafka's tool.
    const Errc code = ongoing.error().code();
    const bool needless =
        code == Errc::unsupported_version || code == Errc::cluster_authorization_failed;
    if (needless) co_return Result<void>{};
    co_return fail(ongoing.error());
  }
  for (const auto& [partition, moving] : *ongoing) {
    const auto found = std::ranges::find(
        topics, partition.topic,
        [](const TopicDescription& description) { return description.topic.name.value_or(""); });
    if (found != topics.end()) found->reassignments[partition.partition] = moving;
  }
  co_return Result<void>{};
}

env::Task<Result<void>> describe(ToolContext& context, client::Cluster& cluster, Given given) {
  std::vector<std::string> names;
  if (given.has("topic-id")) {
    CO_TRY(const Uuid id, read_uuid(given.one("topic-id")));
    CO_TRY(const protocol::MetadataResponse all, co_await cluster.refresh(std::nullopt));
    for (const auto& topic : all.topics) {
      if (topic.topic_id == id && topic.name) names.push_back(*topic.name);
    }
    if (names.empty() && !given.has("if-exists")) {
      co_return fail(Errc::invalid_request, "TopicId '{}' does not exist as expected",
                     given.one("topic-id"));
    }
  } else {
    CO_TRY(names, co_await chosen_topics(cluster, given));
  }
  if (names.empty()) co_return Result<void>{};
  int limit = 2000;
  if (given.has("partition-size-limit-per-response")) {
    CO_TRY(limit, number_of(given, "partition-size-limit-per-response"));
  }
  CO_TRY(std::vector<TopicDescription> topics,
         co_await partitions_of(cluster, std::move(names), limit));
  CO_TRY_OK(co_await add_configs(cluster, topics));
  CO_TRY_OK(co_await add_reassignments(cluster, topics));
  const TopicFilter filter{.overrides = given.has("topics-with-overrides"),
                           .under_replicated = given.has("under-replicated-partitions"),
                           .unavailable = given.has("unavailable-partitions"),
                           .under_min_isr = given.has("under-min-isr-partitions"),
                           .at_min_isr = given.has("at-min-isr-partitions"),
                           .elr_known = !given.has("topic-id")};
  context.console.out(given.has("json") ? topics_as_json(topics) : topics_as_text(topics, filter));
  co_return Result<void>{};
}

env::Task<Result<void>> alter(client::Cluster& cluster, Given given) {
  CO_TRY(const std::vector<std::string> names, co_await chosen_topics(cluster, given));
  if (names.empty()) co_return Result<void>{};
  protocol::CreatePartitionsRequest request;
  request.timeout_ms = cluster.settings().request_timeout;
  for (const std::string& name : names) {
    auto& topic = request.topics.emplace_back();
    topic.name = name;
    CO_TRY(topic.count, number_of(given, "partitions"));
    topic.assignments.reset();
    if (given.one("replica-assignment").empty()) continue;
    CO_TRY(const auto partitions, read_assignment(given.one("replica-assignment")));
    // Kafka's tool takes the list from partition 0 on and sends what is new.
    const auto old = static_cast<std::size_t>(cluster.partition_count(name));
    topic.assignments.emplace();
    for (std::size_t i = old; i < partitions.size(); ++i) {
      topic.assignments->emplace_back().broker_ids = partitions[i];
    }
  }
  CO_TRY(const protocol::CreatePartitionsResponse answer,
         co_await cluster.ask_any<protocol::CreatePartitionsRequest,
                                  protocol::CreatePartitionsResponse>(std::move(request)));
  for (const auto& result : answer.results) {
    CO_TRY_OK(refused(result.error_code, result.error_message));
  }
  co_return Result<void>{};
}

env::Task<Result<void>> remove(client::Cluster& cluster, Given given) {
  CO_TRY(const std::vector<std::string> names, co_await chosen_topics(cluster, given));
  if (names.empty()) co_return Result<void>{};
  CO_TRY(const auto connection, co_await cluster.any());
  CO_TRY(const ApiVersion version, connection->version_of(protocol::ApiKey::delete_topics));
  constexpr ApiVersion k_first_with_states{6};
  protocol::DeleteTopicsRequest request;
  request.timeout_ms = cluster.settings().request_timeout;
  if (version >= k_first_with_states) {
    for (const std::string& name : names) request.topics.emplace_back().name = name;
  } else {
    request.topic_names = names;
  }
  CO_TRY(
      const protocol::DeleteTopicsResponse answer,
      co_await connection->request<protocol::DeleteTopicsRequest, protocol::DeleteTopicsResponse>(
          std::move(request), version));
  for (const auto& result : answer.responses) {
    CO_TRY_OK(refused(result.error_code, result.error_message));
  }
  co_return Result<void>{};
}

env::Task<Result<void>> act(ToolContext& context, client::Cluster& cluster, Given given) {
  if (given.has("create")) co_return co_await create(context, cluster, std::move(given));
  if (given.has("list")) co_return co_await list(context, cluster, std::move(given));
  if (given.has("describe")) co_return co_await describe(context, cluster, std::move(given));
  if (given.has("alter")) co_return co_await alter(cluster, std::move(given));
  co_return co_await remove(cluster, std::move(given));
}

// What Kafka's client asks first.
std::string call_of(const Given& given) {
  if (given.has("create")) return "createTopics";
  return given.has("topic-id") ? "describeTopics" : "listTopics";
}

}  // namespace

env::Task<int> run_topics(ToolContext& context) {
  constexpr std::string_view k_what = "Creates, lists, describes, changes and deletes topics.";
  const std::optional<Given> given = read_words(context, k_what, k_options, Repeats::kept);
  if (!given) co_return k_failed;
  const auto refuse = [&](std::string_view why) {
    context.console.err(fmt::format("{}\n{}", why, option_table(k_options)));
    return k_failed;
  };
  const int actions = given->has("create") + given->has("list") + given->has("describe") +
                      given->has("alter") + given->has("delete");
  if (actions != 1) {
    co_return refuse(
        "Command must include exactly one action: --list, --describe, --create, --alter or "
        "--delete");
  }
  if (given->has("delete-config")) {
    context.console.err(
        "delete-config option is no longer supported and deprecated since version 4.0. The config "
        "will be fully removed in future releases.\n");
  }
  if (!given->has("bootstrap-server")) {
    context.console.err("--bootstrap-server must be specified\n");
    co_return k_failed;
  }
  if (const std::string wrong = misuse(*given); !wrong.empty()) co_return refuse(wrong);
  if (given->all("bootstrap-server").size() > 1) {  // found before the tool does anything
    context.console.err(given->repeated() + "\n");
    co_return k_failed;
  }
  auto settings = co_await cluster_settings(context, *given);
  if (!settings) co_return report_no_client(context, settings.error());
  client::Cluster cluster(context.env, *std::move(settings));
  Result<void> done = co_await reach(context, cluster, call_of(*given));
  if (!done && done.error().code() == Errc::bad_configuration) {
    co_await cluster.close();
    co_return report_no_client(context, done.error());
  }
  if (!given->repeated().empty()) done = fail(Errc::invalid_request, "{}", given->repeated());
  if (done) done = co_await act(context, cluster, *given);
  co_await cluster.close();
  if (done) co_return k_ok;
  context.console.out(
      fmt::format("Error while executing topic command : {}\n", text_of(done.error())));
  log_line(context, "ERROR", with_exception(done.error()) + "\n",
           "org.apache.kafka.tools.TopicCommand");
  co_return k_failed;
}

}  // namespace moldau::cli
