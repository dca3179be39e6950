#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "client/assignor.h"

// What members of a classic group tell each other through the coordinator, which does not read it.
// Source: org.apache.kafka.clients.consumer.internals.ConsumerProtocol.
namespace moldau::client {

[[nodiscard]] std::vector<std::byte> write_subscription(
    const std::vector<std::string>& topics, const std::vector<TopicPartition>& owned,
    GenerationId generation, const std::optional<std::string>& rack,
    std::optional<std::vector<std::byte>> user_data);
// A member whose bytes cannot be read wants nothing.
[[nodiscard]] MemberSubscription read_member(std::string id, std::optional<std::string> instance_id,
                                             Bytes bytes);

[[nodiscard]] std::vector<std::byte> write_assignment(
    const std::vector<TopicPartition>& partitions);
// Errors: corrupt_data, or as the decoder says.
[[nodiscard]] Result<std::vector<TopicPartition>> read_assignment(Bytes bytes);

}  // namespace moldau::client
