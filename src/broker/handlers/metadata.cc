#include "protocol/api/metadata.h"

#include <algorithm>
#include <utility>

#include "base/topic_name.h"
#include "broker/authorized_operations.h"
#include "broker/handlers/handlers.h"
#include "broker/partition_metadata.h"
#include "broker/topic_creation.h"

namespace moldau::broker {
namespace {

using protocol::MetadataRequest;
using protocol::MetadataResponse;
using security::Operation;
using security::ResourceType;

// What the versions changed about brokers that a partition's leader or replicas are on.
struct Rules {
  std::string_view listener;
  bool leave_out_dead_replicas;  // version 0
  bool tell_missing_listener;    // version 6 and later
};

MetadataResponse::MetadataResponsePartition describe(const metadata::Image& image,
                                                     const metadata::Partition& partition,
                                                     const Rules& rules) {
  MetadataResponse::MetadataResponsePartition out;
  out.partition_index = partition.index;
  out.leader_epoch = partition.leader_epoch;
  const auto reachable = [&](BrokerId id) {
    return !rules.leave_out_dead_replicas || endpoint_of(image, id, rules.listener) != nullptr;
  };
  std::ranges::copy_if(partition.replicas, std::back_inserter(out.replica_nodes), reachable);
  std::ranges::copy_if(partition.isr, std::back_inserter(out.isr_nodes), reachable);
  out.offline_replicas = offline_replicas(image, partition, rules.listener);
  if (endpoint_of(image, partition.leader, rules.listener) == nullptr) {
    const bool known = image.cluster.broker(partition.leader) != nullptr;
    out.error_code = known && rules.tell_missing_listener ? Errc::listener_not_found
                                                          : Errc::leader_not_available;
    out.leader_id = k_no_broker;
    return out;
  }
  const bool complete = out.replica_nodes.size() == partition.replicas.size() &&
                        out.isr_nodes.size() == partition.isr.size();
  out.error_code = complete ? Errc::none : Errc::replica_not_available;
  out.leader_id = partition.leader;
  return out;
}

MetadataResponse::MetadataResponseTopic describe(const metadata::Image& image,
                                                 const metadata::Topic& topic, const Rules& rules) {
  MetadataResponse::MetadataResponseTopic out;
  out.name = topic.name;
  out.topic_id = topic.id;
  out.is_internal = is_internal_topic(topic.name);
  out.partitions.reserve(topic.partitions.size());
  for (const auto& partition : topic.partitions) {
    out.partitions.push_back(describe(image, *partition, rules));
  }
  return out;
}

MetadataResponse::MetadataResponseTopic refused(Errc error, std::optional<std::string> name,
                                                const Uuid& id = {}) {
  MetadataResponse::MetadataResponseTopic out;
  out.error_code = error;
  out.is_internal = name && is_internal_topic(*name);
  out.name = std::move(name);
  out.topic_id = id;
  return out;
}

// The topics of one request, put together.
class Topics {
 public:
  Topics(RequestContext& context, const Rules& rules, bool may_create)
      : context_(context), rules_(rules), may_create_(may_create) {}

  void all() {
    for (const auto& [name, topic] : context_.image().topics.by_name) {
      if (!context_.allows(Operation::describe, ResourceType::topic, name)) continue;
      add(describe(context_.image(), *topic, rules_));
    }
  }
  void by_id(const Uuid& id) {
    const metadata::Topic* topic = context_.image().topics.find(id);
    if (topic == nullptr) {
      add(refused(Errc::unknown_topic_id, std::nullopt, id));
    } else if (!context_.allows(Operation::describe, ResourceType::topic, topic->name)) {
      add(refused(Errc::topic_authorization_failed, std::nullopt, id));
    } else {
      add(describe(context_.image(), *topic, rules_));
    }
  }
  void by_name(const std::string& name) {
    if (!context_.allows(Operation::describe, ResourceType::topic, name)) {
      add(refused(Errc::topic_authorization_failed, name));
      return;
    }
    if (const metadata::Topic* topic = context_.image().topics.find(name); topic != nullptr) {
      add(describe(context_.image(), *topic, rules_));
      return;
    }
    if (may_create_ && !context_.allows_on_cluster(Operation::create) &&
        !context_.allows(Operation::create, ResourceType::topic, name)) {
      add(refused(Errc::topic_authorization_failed, name));
      return;
    }
    if (!check_topic_name(name)) {
      add(refused(Errc::invalid_topic_exception, name));
      return;
    }
    // The client asks again after a moment, and finds it then.
    if (may_create_) missing_.push_back(name);
    add(refused(Errc::unknown_topic_or_partition, name));
  }
  [[nodiscard]] std::vector<MetadataResponse::MetadataResponseTopic> take() {
    if (!missing_.empty()) create_missing_topics(context_, std::move(missing_));
    return std::move(topics_);
  }

 private:
  void add(MetadataResponse::MetadataResponseTopic topic) { topics_.push_back(std::move(topic)); }

  RequestContext& context_;
  Rules rules_;
  bool may_create_;
  std::vector<std::string> missing_;
  std::vector<MetadataResponse::MetadataResponseTopic> topics_;
};

// What Kafka answers to a request that breaks the rules of its version: the error at each topic.
std::optional<Errc> fault_of(const MetadataRequest& request, ApiVersion version) {
  if (!request.topics || version >= ApiVersion{12}) return std::nullopt;
  for (const MetadataRequest::MetadataRequestTopic& topic : *request.topics) {
    if (!topic.name || !topic.topic_id.is_zero()) return Errc::invalid_request;
  }
  return std::nullopt;
}

void tell_brokers(const RequestContext& context, MetadataResponse& response) {
  for (const auto& [id, broker] : context.image().cluster.brokers) {
    if (broker->fenced) continue;
    const metadata::Endpoint* endpoint = broker->endpoint(context.connection.listener);
    if (endpoint == nullptr) continue;
    response.brokers.push_back(
        {.node_id = id, .host = endpoint->host, .port = endpoint->port, .rack = broker->rack});
  }
}

std::vector<MetadataResponse::MetadataResponseTopic> tell_topics(RequestContext& context,
                                                                 const MetadataRequest& request) {
  const ApiVersion version = context.version();
  const bool all = !request.topics || (version == ApiVersion{0} && request.topics->empty());
  const bool may_create =
      !all && request.allow_auto_topic_creation && context.view->node->topics.auto_create;
  Topics topics(context,
                {.listener = context.connection.listener,
                 .leave_out_dead_replicas = version == ApiVersion{0},
                 .tell_missing_listener = version >= ApiVersion{6}},
                may_create);
  if (all) {
    topics.all();
    return topics.take();
  }
  // Ids win: names beside them are not looked at.
  const bool uses_ids = std::ranges::any_of(
      *request.topics, [](const auto& topic) { return !topic.topic_id.is_zero(); });
  absl::flat_hash_set<std::string> names;
  absl::flat_hash_set<Uuid> ids;
  for (const MetadataRequest::MetadataRequestTopic& topic : *request.topics) {
    if (uses_ids) {
      if (!topic.topic_id.is_zero() && ids.insert(topic.topic_id).second) {
        topics.by_id(topic.topic_id);
      }
    } else if (topic.name && names.insert(*topic.name).second) {
      topics.by_name(*topic.name);
    }
  }
  return topics.take();
}

}  // namespace

Answer<MetadataResponse> metadata_handler(RequestContext& context, MetadataRequest request) {
  const ApiVersion version = context.version();
  MetadataResponse response;
  if (const std::optional<Errc> fault = fault_of(request, version)) {
    for (const MetadataRequest::MetadataRequestTopic& topic : *request.topics) {
      response.topics.push_back(refused(*fault, topic.name.value_or(""), topic.topic_id));
    }
    co_return response;
  }
  response.topics = tell_topics(context, request);
  if (request.include_topic_authorized_operations) {
    for (MetadataResponse::MetadataResponseTopic& topic : response.topics) {
      if (!topic.name) continue;  // an id that nobody knows
      topic.topic_authorized_operations = authorized_topic_operations(context, *topic.name);
    }
  }
  if (version >= ApiVersion{8} && version <= ApiVersion{10} &&
      request.include_cluster_authorized_operations) {
    response.cluster_authorized_operations =
        context.allows_on_cluster(Operation::describe) ? authorized_cluster_operations(context) : 0;
  }
  tell_brokers(context, response);
  response.cluster_id = context.shard.facts.cluster_id;
  // Clients send what is the controller's business to this one, and a broker passes it on.
  response.controller_id = some_alive_broker(context.image(), context.env().entropy.next());
  co_return response;
}

}  // namespace moldau::broker
