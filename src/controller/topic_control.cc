#include "controller/topic_control.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/topic_name.h"
#include "controller/config_control.h"
#include "controller/topic_names.h"

namespace moldau::controller {
namespace {

constexpr std::int64_t k_partitions_per_request_max = 10'000;  // MAX_PARTITIONS_PER_BATCH
constexpr std::int32_t k_default = -1;

std::optional<std::string> text_of(const Error& error) {
  if (error.text().empty()) return std::nullopt;
  return std::string(error.text());
}

// The names that occur more than once.
template <class Items, class Name>
std::set<std::string, std::less<>> duplicates(const Items& items, const Name& name) {
  std::set<std::string, std::less<>> seen;
  std::set<std::string, std::less<>> twice;
  for (const auto& item : items) {
    if (!seen.insert(name(item)).second) twice.insert(name(item));
  }
  return twice;
}

Result<void> check_record_count(const Records& records) {
  if (records.size() <= k_records_per_request_max) return {};
  return fail(Errc::policy_violation, "Unable to perform excessively large batch operation.");
}

}  // namespace

bool TopicControl::may(const Call& call, security::Operation operation,
                       std::string_view topic) const {
  return call.authorizer.allows(call.principal, call.host, operation, security::ResourceType::topic,
                                topic);
}

Result<void> TopicControl::check_name(const CreatableTopic& topic) const {
  TRY_OK(check_topic_name(topic.name));
  if (view_.image().topics.find(topic.name) != nullptr) {
    return fail(Errc::topic_already_exists, "Topic '{}' already exists.", topic.name);
  }
  if (const Topic* other = colliding_topic(view_.image().topics, topic.name)) {
    return fail(Errc::invalid_topic_exception, "Topic '{}' collides with existing topic: {}",
                topic.name, other->name);
  }
  return {};
}

Result<Records> TopicControl::manual_partitions(const CreatableTopic& topic, const Uuid& id) const {
  if (topic.replication_factor != k_default) {
    return fail(Errc::invalid_request,
                "A manual partition assignment was specified, but replication factor was not set "
                "to -1.");
  }
  if (topic.num_partitions != k_default) {
    return fail(Errc::invalid_request,
                "A manual partition assignment was specified, but numPartitions was not set to "
                "-1.");
  }
  const Assignment assignment(view_);
  std::map<PartitionIndex, MetadataRecord> partitions;
  std::optional<std::size_t> replication_factor;
  for (const auto& asked : topic.assignments) {
    if (partitions.contains(asked.partition_index)) {
      return fail(Errc::invalid_replica_assignment,
                  "Found multiple manual partition assignments for partition {}",
                  asked.partition_index);
    }
    TRY_OK(assignment.check_manual(asked.broker_ids, replication_factor));
    replication_factor = asked.broker_ids.size();
    auto record = assignment.partition(id, asked.partition_index, asked.broker_ids);
    if (!record) {
      return fail(Errc::invalid_replica_assignment,
                  "All brokers specified in the manual partition assignment for partition {} are "
                  "fenced or in controlled shutdown.",
                  asked.partition_index);
    }
    partitions.emplace(asked.partition_index, std::move(*record));
  }
  Records records;
  for (auto& [index, record] : partitions) {
    if (index.value() != std::ssize(records)) {
      return fail(Errc::invalid_replica_assignment,
                  "partitions should be a consecutive 0-based integer sequence");
    }
    records.push_back(std::move(record));
  }
  return records;
}

Result<Records> TopicControl::partitions_of(const CreatableTopic& topic, const Uuid& id,
                                            Rng& rng) const {
  if (!topic.assignments.empty()) return manual_partitions(topic, id);
  if (topic.replication_factor < k_default || topic.replication_factor == 0) {
    return fail(Errc::invalid_replication_factor,
                "Replication factor must be larger than 0, or -1 to use the default value.");
  }
  if (topic.num_partitions < k_default || topic.num_partitions == 0) {
    return fail(Errc::invalid_partitions,
                "Number of partitions was set to an invalid non-positive value.");
  }
  const int partitions =
      topic.num_partitions == k_default ? view_.settings().num_partitions : topic.num_partitions;
  const int replicas = topic.replication_factor == k_default
                           ? view_.settings().default_replication_factor
                           : topic.replication_factor;
  const auto cannot = [replicas](std::string_view why) {
    return fail(Errc::invalid_replication_factor,
                "Unable to replicate the partition {} time(s): {}", replicas, why);
  };
  const Assignment assignment(view_);
  const auto placed = assignment.place(partitions, replicas, rng);
  if (!placed) return cannot(placed.error().text());
  Records records;
  for (const std::vector<BrokerId>& brokers : *placed) {
    const PartitionIndex index{static_cast<std::int32_t>(records.size())};
    auto record = assignment.partition(id, index, brokers);
    if (!record) return cannot("All brokers are currently fenced or in controlled shutdown.");
    records.push_back(std::move(*record));
  }
  return records;
}

Result<Records> TopicControl::config_records(const CreatableTopic& topic, const Call& call) const {
  std::vector<Alteration> alterations;
  std::string without_value;
  for (const auto& config : topic.configs) {
    if (!config.value) without_value += (without_value.empty() ? "" : ",") + config.name;
    alterations.push_back({.key = config.name, .value = config.value});
  }
  if (!without_value.empty()) {
    return fail(Errc::invalid_config, "Null value not supported for topic configs: {}",
                without_value);
  }
  if (alterations.empty()) return Records{};
  return ConfigControl(view_).new_topic(topic.name, alterations, call);
}

void TopicControl::describe_configs(const CreatableTopic& topic, const Call& call,
                                    TopicResult& result) const {
  result.configs.emplace();
  if (!may(call, security::Operation::describe_configs, topic.name)) {
    result.topic_config_error_code = Errc::topic_authorization_failed;
    result.num_partitions = k_default;
    result.replication_factor = static_cast<std::int16_t>(k_default);
    return;
  }
  metadata::ConfigMap configs;
  for (const auto& config : topic.configs) configs[config.name] = config.value.value_or("");
  const metadata::Configs& all = view_.image().configs;
  const std::string node = fmt::format("{}", view_.settings().node_id);
  for (EffectiveConfig& config :
       view_.rules().effective_topic(configs, all.of({metadata::ConfigType::broker, node}),
                                     all.of({metadata::ConfigType::broker, ""}))) {
    auto& to = result.configs->emplace_back();
    to.name = std::move(config.name);
    to.value = config.sensitive ? std::nullopt : std::move(config.value);
    to.read_only = config.read_only;
    to.config_source = static_cast<std::int8_t>(config.source);
    to.is_sensitive = config.sensitive;
  }
}

Result<TopicControl::TopicResult> TopicControl::create_one(const CreatableTopic& topic,
                                                           const Call& call,
                                                           Records& records) const {
  TRY_OK(check_name(topic));
  TRY(Records configs, config_records(topic, call));
  Uuid id;
  do {
    id = Uuid::from_random_bits(call.rng.next(), call.rng.next());
  } while (!id.usable_as_new());
  TRY(Records partitions, partitions_of(topic, id, call.rng));
  TopicResult result{.name = topic.name, .topic_id = id};
  result.error_message.reset();
  result.num_partitions = static_cast<std::int32_t>(partitions.size());
  const auto& first = std::get<protocol::PartitionRecord>(partitions.front().data);
  result.replication_factor = static_cast<std::int16_t>(first.replicas.size());
  describe_configs(topic, call, result);
  records.push_back({protocol::TopicRecord{.name = topic.name, .topic_id = id}, ApiVersion{0}});
  for (Records* part : {&configs, &partitions}) {
    std::ranges::move(*part, std::back_inserter(records));
  }
  return result;
}

Result<Decision<protocol::CreateTopicsResponse>> TopicControl::create(
    const Call& call, const protocol::CreateTopicsRequest& request) const {
  const bool all =
      call.authorizer.allows(call.principal, call.host, security::Operation::create,
                             security::ResourceType::cluster, security::k_cluster_name);
  const auto twice = duplicates(request.topics, [](const auto& t) { return t.name; });
  std::int64_t total = 0;
  for (const CreatableTopic& topic : request.topics) {
    if (twice.contains(topic.name)) continue;
    if (!topic.assignments.empty()) {
      total += std::ssize(topic.assignments);
    } else if (topic.num_partitions > 0) {
      total += topic.num_partitions;
    } else if (topic.num_partitions == k_default) {
      total += view_.settings().num_partitions;
    }
    if (total > k_partitions_per_request_max) {
      return fail(Errc::policy_violation, "Excessively large number of partitions per request.");
    }
  }
  Decision<protocol::CreateTopicsResponse> decision;
  std::vector<TopicResult> refused;  // Kafka lists these behind the others
  const auto result_of = [](const std::string& name, Errc code, std::optional<std::string> text) {
    TopicResult result{.name = name, .error_code = code};
    result.error_message = std::move(text);
    return result;
  };
  for (const std::string& name : twice) {
    refused.push_back(result_of(name, Errc::invalid_request, "Duplicate topic name."));
  }
  for (const CreatableTopic& topic : request.topics) {
    if (twice.contains(topic.name)) continue;
    if (topic.name == k_metadata_topic) {
      refused.push_back(result_of(topic.name, Errc::invalid_request,
                                  "Creation of internal topic __cluster_metadata is prohibited."));
    } else if (!all && !may(call, security::Operation::create, topic.name)) {
      refused.push_back(
          result_of(topic.name, Errc::topic_authorization_failed, "Authorization failed."));
    } else if (auto created = create_one(topic, call, decision.records)) {
      decision.response.topics.push_back(std::move(*created));
    } else {
      decision.response.topics.push_back(
          result_of(topic.name, created.error().code(), text_of(created.error())));
    }
  }
  TRY_OK(check_record_count(decision.records));
  std::ranges::move(refused, std::back_inserter(decision.response.topics));
  if (request.validate_only) decision.records.clear();
  return decision;
}

Result<void> TopicControl::grow_one(
    const protocol::CreatePartitionsRequest::CreatePartitionsTopic& asked, Rng& rng,
    Records& records) const {
  const Topic* topic = view_.image().topics.find(asked.name);
  if (topic == nullptr || topic->partitions.empty()) {
    return fail(Errc::unknown_topic_or_partition);
  }
  const auto before = static_cast<std::int32_t>(topic->partitions.size());
  if (asked.count == before) {
    return fail(Errc::invalid_partitions, "Topic already has {} partition(s).", before);
  }
  if (asked.count < before) {
    return fail(Errc::invalid_partitions,
                "The topic {} currently has {} partition(s); {} would not be an increase.",
                asked.name, before, asked.count);
  }
  const std::int32_t additional = asked.count - before;
  const std::size_t replication_factor = topic->partitions.front()->replicas.size();
  const Assignment assignment(view_);
  std::vector<std::vector<BrokerId>> placed;
  if (asked.assignments) {
    if (std::ssize(*asked.assignments) != additional) {
      return fail(Errc::invalid_replica_assignment,
                  "Attempted to add {} additional partition(s), but only {} assignment(s) were "
                  "specified.",
                  additional, asked.assignments->size());
    }
    for (const auto& one : *asked.assignments) {
      TRY_OK(assignment.check_manual(one.broker_ids, replication_factor));
      placed.push_back(one.broker_ids);
    }
  } else {
    TRY(placed, assignment.place(additional, static_cast<int>(replication_factor), rng));
  }
  Records added;
  for (const std::vector<BrokerId>& replicas : placed) {
    const PartitionIndex index{before + static_cast<std::int32_t>(added.size())};
    auto record = assignment.partition(topic->id, index, replicas);
    if (!record && asked.assignments) {
      return fail(Errc::invalid_replica_assignment,
                  "All brokers specified in the manual partition assignment for partition {} are "
                  "fenced or in controlled shutdown.",
                  index);
    }
    if (!record) {
      return fail(Errc::invalid_replication_factor,
                  "Unable to replicate the partition {} time(s): All brokers are currently fenced "
                  "or in controlled shutdown.",
                  replication_factor);
    }
    added.push_back(std::move(*record));
  }
  std::ranges::move(added, std::back_inserter(records));
  return {};
}

Result<Decision<protocol::CreatePartitionsResponse>> TopicControl::grow(
    const Call& call, const protocol::CreatePartitionsRequest& request) const {
  Decision<protocol::CreatePartitionsResponse> decision;
  const auto twice = duplicates(request.topics, [](const auto& t) { return t.name; });
  std::int64_t additional = 0;
  for (const auto& asked : request.topics) {
    const Topic* topic = view_.image().topics.find(asked.name);
    if (topic != nullptr && !twice.contains(asked.name)) {
      additional += std::max<std::int64_t>(0, asked.count - std::ssize(topic->partitions));
    }
    if (additional > k_partitions_per_request_max) {
      return fail(Errc::policy_violation,
                  "Excessively large number of additional partitions per request.");
    }
  }
  const auto add = [&](const std::string& name, Errc code, std::optional<std::string> text) {
    auto& result = decision.response.results.emplace_back();
    result.name = name;
    result.error_code = code;
    result.error_message = std::move(text);
  };
  for (const std::string& name : twice) {
    add(name, Errc::invalid_request, "Duplicate topic name.");
  }
  for (const auto& asked : request.topics) {
    if (twice.contains(asked.name)) continue;
    if (!may(call, security::Operation::alter, asked.name)) {
      add(asked.name, Errc::topic_authorization_failed, std::nullopt);
    } else if (const auto done = grow_one(asked, call.rng, decision.records)) {
      add(asked.name, Errc::none, std::nullopt);
    } else {
      add(asked.name, done.error().code(), text_of(done.error()));
    }
  }
  TRY_OK(check_record_count(decision.records));
  if (request.validate_only) decision.records.clear();
  return decision;
}

}  // namespace moldau::controller
