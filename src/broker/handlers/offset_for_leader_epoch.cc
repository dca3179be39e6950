#include "protocol/api/offset_for_leader_epoch.h"

#include <utility>

#include "broker/handlers/handlers.h"

namespace moldau::broker {
namespace {

using protocol::OffsetForLeaderEpochRequest;
using protocol::OffsetForLeaderEpochResponse;
using EpochEndOffset = OffsetForLeaderEpochResponse::EpochEndOffset;

struct EpochAsk {
  TopicIdPartition id;
  LeaderEpoch current_leader_epoch;
  LeaderEpoch leader_epoch;
};
struct EpochAnswer {
  Errc error = Errc::none;
  log::EpochEnd end{k_no_leader_epoch, k_no_offset};
};
struct NoCommon {};

env::Task<std::vector<EpochAnswer>> answer_here(Shard& shard, NoCommon /*common*/,
                                                std::vector<EpochAsk> asks) {
  std::vector<EpochAnswer> answers(asks.size());
  for (std::size_t i = 0; i < asks.size(); ++i) {
    const std::shared_ptr<Partition> partition = shard.partitions.find(asks[i].id);
    answers[i].error = partition == nullptr ? Errc::not_leader_or_follower
                                            : partition->check_leader(asks[i].current_leader_epoch);
    if (answers[i].error != Errc::none) continue;
    if (const auto end = partition->log().end_of_epoch(asks[i].leader_epoch)) answers[i].end = *end;
  }
  co_return answers;
}

}  // namespace

Answer<OffsetForLeaderEpochResponse> offset_for_leader_epoch(RequestContext& context,
                                                             OffsetForLeaderEpochRequest request) {
  const bool is_replica = context.allows_on_cluster(security::Operation::cluster_action);
  OffsetForLeaderEpochResponse response;
  std::vector<EpochAsk> asks;
  std::vector<std::pair<std::size_t, std::size_t>> places;
  for (const auto& topic : request.topics) {
    const bool allowed = is_replica || context.allows(security::Operation::describe,
                                                      security::ResourceType::topic, topic.topic);
    auto& out = response.topics.emplace_back();
    out.topic = topic.topic;
    for (const auto& partition : topic.partitions) {
      EpochEndOffset& answer = out.partitions.emplace_back();
      answer.partition = partition.partition;
      const Located located = locate(context.image(), topic.topic, partition.partition);
      answer.error_code = allowed ? located.error : Errc::topic_authorization_failed;
      if (answer.error_code != Errc::none) continue;
      asks.push_back({located.id, partition.current_leader_epoch, partition.leader_epoch});
      places.emplace_back(response.topics.size() - 1, out.partitions.size() - 1);
    }
  }
  const std::vector<EpochAnswer> answers =
      co_await ask_owners<EpochAnswer>(context.shard, NoCommon{}, std::move(asks), &answer_here);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    EpochEndOffset& out = response.topics[places[i].first].partitions[places[i].second];
    out.error_code = answers[i].error;
    out.leader_epoch = answers[i].end.epoch;
    out.end_offset = answers[i].end.end_offset;
  }
  co_return response;
}

}  // namespace moldau::broker
