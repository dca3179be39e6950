#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "client/accumulator.h"
#include "protocol/api/produce.h"

// What a Produce request says of batches, and what its answer says of each. Pure.
namespace moldau::client {

// The id of a topic as far as it is known.
using TopicIds = std::function<std::optional<Uuid>(const std::string& topic)>;

// The batches that one leader gets, in their order. From version 13 on topics go by their ids.
// Acks, timeout and transactional id are the caller's. Borrows the bytes of the batches.
[[nodiscard]] protocol::ProduceRequest produce_request_of(const std::vector<SendableBatch>& batches,
                                                          ApiVersion version, const TopicIds& ids);

// What `answer` says of a partition; nullptr: nothing.
[[nodiscard]] const protocol::ProduceResponse::PartitionProduceResponse* produce_answer_for(
    const TopicPartition& wanted, const protocol::ProduceResponse& answer, ApiVersion version,
    const TopicIds& ids);

}  // namespace moldau::client
