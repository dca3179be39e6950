#include "protocol/api/offset_delete.h"

#include "broker/group_coordinators.h"
#include "broker/handlers/handlers.h"

namespace moldau::broker {
namespace {

using protocol::OffsetDeleteRequest;
using protocol::OffsetDeleteResponse;
using security::Operation;
using security::ResourceType;

OffsetDeleteResponse refusal(Errc error) {
  OffsetDeleteResponse out;
  out.error_code = error;
  return out;
}

Errc fault_of(const RequestContext& context, const std::string& topic, PartitionIndex partition) {
  if (!context.allows(Operation::read, ResourceType::topic, topic)) {
    return Errc::topic_authorization_failed;
  }
  return locate(context.image(), topic, partition).error;
}

}  // namespace

Answer<OffsetDeleteResponse> offset_delete(RequestContext& context, OffsetDeleteRequest request) {
  if (!context.allows(Operation::remove, ResourceType::group, request.group_id)) {
    co_return refusal(Errc::group_authorization_failed);
  }
  OffsetDeleteResponse refused;
  for (auto& topic : request.topics) {
    protocol::OffsetDeleteResponse::OffsetDeleteResponseTopic faults;
    faults.name = topic.name;
    std::erase_if(topic.partitions, [&](const auto& partition) {
      const Errc error = fault_of(context, topic.name, partition.partition_index);
      if (error == Errc::none) return false;
      faults.partitions.push_back(
          {.partition_index = partition.partition_index, .error_code = error});
      return true;
    });
    if (!faults.partitions.empty()) refused.topics.push_back(std::move(faults));
  }
  std::erase_if(request.topics, [](const auto& topic) { return topic.partitions.empty(); });
  auto told = co_await ask_one_group<OffsetDeleteResponse>(context, std::move(request),
                                                           &group::Coordinator::delete_offsets);
  if (!told) co_return refusal(told.error().code());
  // An error of the group stands for all.
  if (told->error_code != Errc::none) co_return *std::move(told);
  for (auto& topic : told->topics) {
    const auto same = std::ranges::find(refused.topics, topic.name,
                                        &OffsetDeleteResponse::OffsetDeleteResponseTopic::name);
    if (same == refused.topics.end()) {
      refused.topics.push_back(std::move(topic));
    } else {
      same->partitions.insert(same->partitions.end(), topic.partitions.begin(),
                              topic.partitions.end());
    }
  }
  co_return refused;
}

}  // namespace moldau::broker
