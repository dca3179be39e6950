#include "protocol/api/offset_fetch.h"

#include "broker/group_coordinators.h"
#include "broker/handlers/handlers.h"

namespace moldau::broker {
namespace {

using protocol::OffsetFetchRequest;
using protocol::OffsetFetchResponse;
using security::Operation;
using security::ResourceType;
using GroupRequest = OffsetFetchRequest::OffsetFetchRequestGroup;
using GroupResponse = OffsetFetchResponse::OffsetFetchResponseGroup;
using TopicRequest = OffsetFetchRequest::OffsetFetchRequestTopics;
using TopicResponse = OffsetFetchResponse::OffsetFetchResponseTopics;

constexpr ApiVersion k_first_with_group_error{2};
constexpr ApiVersion k_first_with_groups{8};
constexpr ApiVersion k_first_with_topic_ids{10};

TopicResponse topic_refusal(const TopicRequest& topic, Errc error) {
  TopicResponse out;
  out.name = topic.name;
  out.topic_id = topic.topic_id;
  for (const PartitionIndex partition : topic.partition_indexes) {
    out.partitions.push_back({.partition_index = partition,
                              .committed_offset = k_no_offset,
                              .metadata = "",
                              .error_code = error});
  }
  return out;
}

// Before version 2 an error of the group is told at each partition.
GroupResponse group_refusal(const RequestContext& context, const GroupRequest& group, Errc error) {
  GroupResponse out;
  out.group_id = group.group_id;
  if (context.version() >= k_first_with_group_error) {
    out.error_code = error;
  } else if (group.topics) {
    for (const TopicRequest& topic : *group.topics) {
      out.topics.push_back(topic_refusal(topic, error));
    }
  }
  return out;
}

Errc fault_of(const RequestContext& context, TopicRequest& topic) {
  if (context.version() >= k_first_with_topic_ids) {
    const metadata::Topic* known = context.image().topics.find(topic.topic_id);
    if (known == nullptr) return Errc::unknown_topic_id;
    topic.name = known->name;
  }
  return context.allows(Operation::describe, ResourceType::topic, topic.name)
             ? Errc::none
             : Errc::topic_authorization_failed;
}

// Of all that a group has committed, what the client may see and can be told about.
void keep_visible(const RequestContext& context, std::vector<TopicResponse>& topics) {
  std::erase_if(topics, [&](TopicResponse& topic) {
    if (!context.allows(Operation::describe, ResourceType::topic, topic.name)) return true;
    if (context.version() < k_first_with_topic_ids) return false;
    if (topic.topic_id.is_zero()) {
      const metadata::Topic* known = context.image().topics.find(topic.name);
      if (known != nullptr) topic.topic_id = known->id;
    }
    return topic.topic_id.is_zero();
  });
}

env::Task<GroupResponse> fetch_group(RequestContext& context, GroupRequest group,
                                     bool require_stable) {
  if (!context.allows(Operation::describe, ResourceType::group, group.group_id)) {
    co_return group_refusal(context, group, Errc::group_authorization_failed);
  }
  std::vector<TopicResponse> faults;
  GroupRequest inner = group;
  if (inner.topics) {
    std::erase_if(*inner.topics, [&](TopicRequest& topic) {
      const Errc error = fault_of(context, topic);
      if (error != Errc::none) faults.push_back(topic_refusal(topic, error));
      return error != Errc::none;
    });
  }
  auto answer = co_await ask_group(
      context, group.group_id,
      [inner = std::move(inner), require_stable](
          group::Coordinator& machine, const group::Ask& asker, coordinator::Now /*now*/,
          group::Step& out) { machine.fetch(asker, inner, require_stable, out); });
  if (!answer) co_return group_refusal(context, group, answer.error().code());
  GroupResponse told = std::get<GroupResponse>(*std::move(answer));
  if (told.error_code != Errc::none) co_return told;
  if (!group.topics) keep_visible(context, told.topics);
  std::ranges::move(faults, std::back_inserter(told.topics));
  co_return told;
}

// Versions below 8 ask for one group.
GroupRequest only_group(OffsetFetchRequest& request) {
  GroupRequest group;
  group.group_id = std::move(request.group_id);
  group.topics.reset();
  if (!request.topics) return group;
  group.topics.emplace();
  for (auto& topic : *request.topics) {
    auto& asked = group.topics->emplace_back();
    asked.name = std::move(topic.name);
    asked.partition_indexes = std::move(topic.partition_indexes);
  }
  return group;
}

OffsetFetchResponse with_only(GroupResponse group) {
  OffsetFetchResponse out;
  out.error_code = group.error_code;
  for (TopicResponse& topic : group.topics) {
    auto& told = out.topics.emplace_back();
    told.name = std::move(topic.name);
    for (auto& partition : topic.partitions) {
      told.partitions.push_back({.partition_index = partition.partition_index,
                                 .committed_offset = partition.committed_offset,
                                 .committed_leader_epoch = partition.committed_leader_epoch,
                                 .metadata = std::move(partition.metadata),
                                 .error_code = partition.error_code});
    }
  }
  return out;
}

}  // namespace

Answer<OffsetFetchResponse> offset_fetch(RequestContext& context, OffsetFetchRequest request) {
  if (context.version() < k_first_with_groups) {
    co_return with_only(co_await fetch_group(context, only_group(request), request.require_stable));
  }
  OffsetFetchResponse response;
  for (GroupRequest& group : request.groups) {
    response.groups.push_back(
        co_await fetch_group(context, std::move(group), request.require_stable));
  }
  co_return response;
}

}  // namespace moldau::broker
