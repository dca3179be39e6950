// ConsumerGroupHeartbeat and ConsumerGroupDescribe (KIP-848). The checks are the machine's
// (src/group); here is who may ask.
#include <algorithm>

#include "broker/authorized_operations.h"
#include "broker/group_coordinators.h"
#include "broker/handlers/handlers.h"

namespace moldau::broker {
namespace {

using protocol::ConsumerGroupDescribeRequest;
using protocol::ConsumerGroupDescribeResponse;
using protocol::ConsumerGroupHeartbeatRequest;
using protocol::ConsumerGroupHeartbeatResponse;
using security::Operation;
using security::ResourceType;
using Described = ConsumerGroupDescribeResponse::DescribedGroup;

// Whether the node offers it and the cluster has finalized it.
bool is_enabled(const RequestContext& context) {
  const auto& protocols = context.view->node->groups.protocols;
  if (std::ranges::find(protocols, config::GroupProtocol::consumer) == protocols.end()) {
    return false;
  }
  return context.image().features.level("group.version").value > 0;
}

ConsumerGroupHeartbeatResponse heartbeat_refusal(Errc error) {
  ConsumerGroupHeartbeatResponse out;
  out.error_code = error;
  return out;
}

Described describe_refusal(std::string group, Errc error) {
  Described out;
  out.group_id = std::move(group);
  out.error_code = error;
  out.authorized_operations = k_operations_not_asked;
  return out;
}

bool sees_topics(const RequestContext& context, const std::vector<std::string>& topics) {
  return std::ranges::all_of(topics, [&](const std::string& topic) {
    return context.allows(Operation::describe, ResourceType::topic, topic);
  });
}

bool sees_all(const RequestContext& context, const Described& group) {
  for (const auto& member : group.members) {
    for (const auto* assignment : {&member.assignment, &member.target_assignment}) {
      for (const auto& topic : assignment->topic_partitions) {
        if (!context.allows(Operation::describe, ResourceType::topic, topic.topic_name)) {
          return false;
        }
      }
    }
  }
  return true;
}

}  // namespace

Answer<ConsumerGroupHeartbeatResponse> consumer_group_heartbeat(
    RequestContext& context, ConsumerGroupHeartbeatRequest request) {
  if (!is_enabled(context)) co_return heartbeat_refusal(Errc::unsupported_version);
  if (!context.allows(Operation::read, ResourceType::group, request.group_id)) {
    co_return heartbeat_refusal(Errc::group_authorization_failed);
  }
  if (request.subscribed_topic_names && !sees_topics(context, *request.subscribed_topic_names)) {
    co_return heartbeat_refusal(Errc::topic_authorization_failed);
  }
  auto answer = co_await ask_one_group<ConsumerGroupHeartbeatResponse>(
      context, std::move(request), &group::Coordinator::consumer_heartbeat);
  if (answer) co_return *std::move(answer);
  co_return heartbeat_refusal(answer.error().code());
}

Answer<ConsumerGroupDescribeResponse> consumer_group_describe(
    RequestContext& context, ConsumerGroupDescribeRequest request) {
  ConsumerGroupDescribeResponse response;
  std::vector<std::string> allowed;
  const bool enabled = is_enabled(context);
  for (std::string& group : request.group_ids) {
    if (!enabled) {
      response.groups.push_back(describe_refusal(std::move(group), Errc::unsupported_version));
    } else if (!context.allows(Operation::describe, ResourceType::group, group)) {
      response.groups.push_back(
          describe_refusal(std::move(group), Errc::group_authorization_failed));
    } else {
      allowed.push_back(std::move(group));
    }
  }
  for (const std::string& group : allowed) {
    auto told = co_await ask_group(
        context, group,
        [group](group::Coordinator& machine, const group::Ask& asker, coordinator::Now /*now*/,
                group::Step& out) { machine.consumer_describe(asker, {group}, out); });
    if (!told) {
      response.groups.push_back(describe_refusal(group, told.error().code()));
      continue;
    }
    for (Described& described : std::get<std::vector<Described>>(*told)) {
      if (!sees_all(context, described)) {
        described = describe_refusal(group, Errc::topic_authorization_failed);
        described.error_message = "A topic of the group may not be described by this client.";
      }
      const bool tells =
          request.include_authorized_operations && described.error_code == Errc::none;
      described.authorized_operations =
          tells ? authorized_group_operations(context, group) : k_operations_not_asked;
      response.groups.push_back(std::move(described));
    }
  }
  co_return response;
}

}  // namespace moldau::broker
