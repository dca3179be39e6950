#include "broker/topic_creation.h"

#include <utility>

#include "base/check.h"
#include "broker/group_coordinators.h"
#include "broker/transaction_coordinators.h"
#include "protocol/api/create_topics.h"
#include "protocol/codec.h"
#include "telemetry/log.h"

namespace moldau::broker {
namespace {

using protocol::CreateTopicsRequest;
using protocol::CreateTopicsResponse;
using CreatableTopic = CreateTopicsRequest::CreatableTopic;

constexpr ApiVersion k_create_version{7};

CreatableTopic creatable(const config::NodeConfig& node, std::string name) {
  CreatableTopic topic;
  topic.name = std::move(name);
  // -1: what the controller's file says.
  topic.num_partitions =
      node.settings.contains("num.partitions") ? node.topics.partition_count : -1;
  topic.replication_factor = node.settings.contains("default.replication.factor")
                                 ? static_cast<std::int16_t>(node.topics.replication_factor)
                                 : std::int16_t{-1};
  return topic;
}

void set(CreatableTopic& topic, std::string key, std::string value) {
  auto& config = topic.configs.emplace_back();
  config.name = std::move(key);
  config.value = std::move(value);
}

CreatableTopic offsets_topic(const config::OffsetsTopicSettings& settings) {
  CreatableTopic topic;
  topic.name = std::string{k_offsets_topic};
  topic.num_partitions = settings.partition_count;
  topic.replication_factor = settings.replication_factor;
  set(topic, "cleanup.policy", "compact");
  set(topic, "compression.type", "producer");
  set(topic, "segment.bytes", std::to_string(settings.segment_bytes));
  return topic;
}

CreatableTopic transaction_topic(const config::StateTopicSettings& settings) {
  CreatableTopic topic;
  topic.name = std::string{k_transaction_topic};
  topic.num_partitions = settings.partition_count;
  topic.replication_factor = settings.replication_factor;
  set(topic, "cleanup.policy", "compact");
  set(topic, "compression.type", "uncompressed");
  set(topic, "min.insync.replicas", std::to_string(settings.min_isr));
  set(topic, "segment.bytes", std::to_string(settings.segment_bytes));
  set(topic, "unclean.leader.election.enable", "false");
  return topic;
}

env::Task<void> create(Shard& shard, ControllerRequest ask, std::vector<std::string> names) {
  Result<SharedBytes> body = co_await shard.controller.send(std::move(ask));
  for (const std::string& name : names) shard.topics_in_creation.erase(name);
  if (!body) {
    shard.log.warn_limited(shard.refused_topics, shard.env.clock.now(),
                           "topics asked for by a client were not created: {}",
                           body.error().describe());
    co_return;
  }
  const Result<CreateTopicsResponse> answer =
      CreateTopicsResponse::decode(body->view(), k_create_version);
  if (!answer) co_return;
  for (const CreateTopicsResponse::CreatableTopicResult& topic : answer->topics) {
    // Another shard or broker may have been quicker.
    if (topic.error_code == Errc::none || topic.error_code == Errc::topic_already_exists) continue;
    shard.log.warn_limited(shard.refused_topics, shard.env.clock.now(),
                           "topic {} that a client asked for was not created: {} {}",
                           telemetry::printable(topic.name), name_of(topic.error_code),
                           topic.error_message.value_or(""));
  }
}

// In whose name and with what address the controller is asked.
void spawn_creation(const RequestContext& context, std::vector<CreatableTopic> topics) {
  Shard& shard = context.shard;
  CreateTopicsRequest request;
  request.timeout_ms = context.view->node->network.request_timeout;
  std::vector<std::string> names;
  for (CreatableTopic& topic : topics) {
    if (!shard.topics_in_creation.insert(topic.name).second) continue;
    names.push_back(topic.name);
    request.topics.push_back(std::move(topic));
  }
  if (names.empty()) return;
  Result<SharedBytes> body =
      protocol::encoded(CreateTopicsRequest::k_message, &request, k_create_version);
  CHECK_OK(body);
  ControllerRequest ask{.api = protocol::ApiKey::create_topics,
                        .version = k_create_version,
                        .body = *std::move(body),
                        .principal = context.principal,
                        .client_host = std::string{context.host()},
                        .listener = context.connection.listener,
                        .forwarded = true};
  shard.tasks.spawn(create(shard, std::move(ask), std::move(names)));
}

}  // namespace

void create_missing_topics(const RequestContext& context, std::vector<std::string> topics) {
  std::vector<CreatableTopic> wanted;
  wanted.reserve(topics.size());
  for (std::string& topic : topics) {
    wanted.push_back(creatable(*context.view->node, std::move(topic)));
  }
  spawn_creation(context, std::move(wanted));
}

void create_offsets_topic(const RequestContext& context) {
  std::vector<CreatableTopic> topics;
  topics.push_back(offsets_topic(context.view->node->groups.offsets));
  spawn_creation(context, std::move(topics));
}

void create_transaction_topic(const RequestContext& context) {
  std::vector<CreatableTopic> topics;
  topics.push_back(transaction_topic(context.view->node->transactions.state_topic));
  spawn_creation(context, std::move(topics));
}

}  // namespace moldau::broker
