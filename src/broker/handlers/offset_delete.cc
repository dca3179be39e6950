#include "protocol/api/offset_delete.h"

#include <absl/container/flat_hash_map.h>

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

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

using Topic = OffsetDeleteRequest::OffsetDeleteRequestTopic;
using ToldTopic = OffsetDeleteResponse::OffsetDeleteResponseTopic;

Errc fault_of(const RequestContext& context, const std::string& topic) {
  if (!context.allows(Operation::read, ResourceType::topic, topic)) {
    return Errc::topic_authorization_failed;
  }
  return context.image().topics.find(topic) == nullptr ? Errc::unknown_topic_or_partition
                                                       : Errc::none;
}

// What is told without the group; the partitions of one topic come together.
class Refused {
 public:
  // A topic that is refused as a whole is in the answer even when it named no partition. Leaves in
  // `topic` what the group is to delete.
  void sort_out(const RequestContext& context, Topic& topic) {
    const Errc of_topic = fault_of(context, topic.name);
    if (of_topic != Errc::none) (void)place_of(topic.name);
    std::erase_if(topic.partitions, [&](const auto& partition) {
      const PartitionIndex index = partition.partition_index;
      const Errc error =
          of_topic != Errc::none ? of_topic : locate(context.image(), topic.name, index).error;
      if (error == Errc::none) return false;
      place_of(topic.name).partitions.push_back({.partition_index = index, .error_code = error});
      return true;
    });
  }
  // What the group answers stays as it is, a topic that comes twice among it, where nothing is
  // refused; else its partitions come together with those of the same topic.
  [[nodiscard]] OffsetDeleteResponse beside(OffsetDeleteResponse told) && {
    // An error of the group stands for all.
    if (told.error_code != Errc::none || response_.topics.empty()) return told;
    for (const ToldTopic& topic : told.topics) {
      std::ranges::copy(topic.partitions, std::back_inserter(place_of(topic.name).partitions));
    }
    return std::move(response_);
  }

 private:
  ToldTopic& place_of(const std::string& topic) {
    const auto [place, is_new] = places_.try_emplace(topic, response_.topics.size());
    if (is_new) response_.topics.emplace_back().name = topic;
    return response_.topics[place->second];
  }

  OffsetDeleteResponse response_;
  absl::flat_hash_map<std::string, std::size_t> places_;  // in the response
};

}  // namespace

Answer<OffsetDeleteResponse> offset_delete(RequestContext& context, OffsetDeleteRequest request) {
  if (!context.allows(Operation::remove, ResourceType::group, request.group_id)) {
    co_return refusal(Errc::group_authorization_failed);
  }
  Refused refused;
  for (Topic& topic : request.topics) refused.sort_out(context, topic);
  std::erase_if(request.topics, [](const auto& topic) { return topic.partitions.empty(); });
  auto told = co_await ask_one_group<OffsetDeleteResponse>(context, std::move(request),
                                                           &group::Coordinator::delete_offsets);
  if (!told) co_return refusal(told.error().code());
  co_return std::move(refused).beside(*std::move(told));
}

}  // namespace moldau::broker
