#include "client/produce_request.h"

#include <absl/container/flat_hash_map.h>

namespace moldau::client {
namespace {

constexpr ApiVersion k_first_with_ids{13};

}  // namespace

protocol::ProduceRequest produce_request_of(const std::vector<SendableBatch>& batches,
                                            ApiVersion version, const TopicIds& ids) {
  protocol::ProduceRequest request;
  request.transactional_id.reset();
  absl::flat_hash_map<std::string_view, std::size_t> topic_at;
  for (const SendableBatch& batch : batches) {
    const auto [found, is_new] =
        topic_at.try_emplace(batch.partition.topic, request.topic_data.size());
    if (is_new) {
      auto& topic = request.topic_data.emplace_back();
      if (version >= k_first_with_ids) {
        topic.topic_id = ids(batch.partition.topic).value_or(k_zero_uuid);
      } else {
        topic.name = batch.partition.topic;
      }
    }
    auto& data = request.topic_data[found->second].partition_data.emplace_back();
    data.index = batch.partition.partition;
    data.records = Bytes(batch.bytes);
  }
  return request;
}

const protocol::ProduceResponse::PartitionProduceResponse* produce_answer_for(
    const TopicPartition& wanted, const protocol::ProduceResponse& answer, ApiVersion version,
    const TopicIds& ids) {
  const Uuid id = ids(wanted.topic).value_or(k_zero_uuid);
  for (const auto& topic : answer.responses) {
    const bool same =
        version >= k_first_with_ids ? topic.topic_id == id : topic.name == wanted.topic;
    if (!same) continue;
    for (const auto& partition : topic.partition_responses) {
      if (partition.index == wanted.partition) return &partition;
    }
  }
  return nullptr;
}

}  // namespace moldau::client
